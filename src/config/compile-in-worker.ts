import type { CompileResult } from './compiled.ts';
import type { CompileOptions } from './resolve.ts';
import { Heavy, lightFiles } from './worker/light-files.ts';
import { CompileThread } from './worker/worker.ts';

/** Weight that this thread compiles itself: some 10 milliseconds of work. */
const LIGHT = 16_384;
/** What one `parallel` weighs: it may make 200 jobs of one. */
const PARALLEL_WEIGHT = 4_096;

let thread: CompileThread | null = null;

/**
 * `compile` that does not hold up its process (security LIM-7): small configurations are compiled here, others, with all
 * that they include, in a thread of their own, whose questions for files are answered here. The result is the same.
 */
export async function compileAside(text: string, options: CompileOptions): Promise<CompileResult> {
  const weight = weigh(text);
  if (weight > LIGHT) return inThread(text, options);
  const { files, unlimit } = lightFiles(options.files, weigh, LIGHT - weight);
  try {
    // Loaded by the first one: a server that starts does without.
    const { compile } = await import('./compile.ts');
    return await compile(text, { ...options, files });
  } catch (error) {
    if (!(error instanceof Heavy)) throw error;
    unlimit();
    return inThread(text, { ...options, files });
  }
}

function inThread(text: string, options: CompileOptions): Promise<CompileResult> {
  if (thread === null || thread.ended) thread = new CompileThread();
  return thread.compile(text, options);
}

function weigh(text: string): number {
  if (text.length > LIGHT) return text.length;
  return text.length + PARALLEL_WEIGHT * (text.split('parallel').length - 1);
}
