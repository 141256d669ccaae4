import { parentPort } from 'node:worker_threads';
import { compile } from '../compile.ts';
import type { CompiledConfig, CompileResult } from '../compiled.ts';
import type { ConfigFiles } from '../files.ts';
import type { CompileOptions } from '../resolve.ts';
import { askedFiles, type FilesMethod } from './asked-files.ts';

/** What is sent to the thread: work, what a file it asked for holds, or that some of a result has arrived. */
export type ToThread =
  | { kind: 'compile'; id: number; text: string; options: ThreadOptions }
  | { kind: 'more'; id: number }
  | { kind: 'file'; call: number; value: unknown }
  | { kind: 'no file'; call: number; error: unknown };

/**
 * What the thread sends: a result, or a question for `ConfigFiles`. Jobs of a large result come before it, some at a time
 * and each time only when asked for `more`: who receives them all at once has no time for others (security LIM-7).
 */
export type FromThread =
  | { kind: 'jobs'; id: number; jobs: CompiledConfig['jobs'] }
  | { kind: 'compiled'; id: number; result: CompileResult }
  | { kind: 'failed'; id: number; error: unknown }
  | { kind: 'call'; id: number; call: number; method: FilesMethod; args: unknown[] };

/** Options without what cannot be copied. */
export type ThreadOptions = Omit<CompileOptions, 'files'> & {
  /** Whether the caller's files include those of artifacts. */
  readsArtifacts: boolean;
};

/** Jobs that are sent at once: some milliseconds of work for who receives them. */
const SENT_AT_ONCE = 100;

/** The thread of `compile-in-worker.ts`: compiles what it is sent, and asks back for files. */
const port = parentPort!;
const waiting = new Map<number, PromiseWithResolvers<unknown>>();
/** Who is asked for more of a result, by the work's id. */
const sending = new Map<number, () => void>();
let calls = 0;

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'compile':
      void work(message);
      break;
    case 'more':
      sending.get(message.id)?.();
      break;
    case 'file':
      settle(message.call)?.resolve(message.value);
      break;
    case 'no file':
      settle(message.call)?.reject(message.error);
      break;
  }
});

async function work({ id, text, options }: ToThread & { kind: 'compile' }): Promise<void> {
  const { readsArtifacts, ...rest } = options;
  try {
    const result = await compile(text, { ...rest, files: remoteFiles(id, readsArtifacts) });
    if (result.ok) await sendJobs(id, result.config);
    // Copying reads every property, the merged YAML too.
    send({ kind: 'compiled', id, result });
  } catch (error) {
    send({ kind: 'failed', id, error });
  }
}

/** Sends jobs until only a last few are left to go with the result. */
async function sendJobs(id: number, config: CompiledConfig): Promise<void> {
  while (config.jobs.length > SENT_AT_ONCE) {
    const more = new Promise<void>((resolve) => sending.set(id, resolve));
    send({ kind: 'jobs', id, jobs: config.jobs.slice(0, SENT_AT_ONCE) });
    config.jobs = config.jobs.slice(SENT_AT_ONCE);
    await more;
  }
  sending.delete(id);
}

/** Files whose every method is answered by the thread that sent the work. */
function remoteFiles(id: number, readsArtifacts: boolean): ConfigFiles {
  const ask =
    (method: FilesMethod) =>
    (...args: unknown[]): Promise<never> => {
      const answer = Promise.withResolvers<unknown>();
      calls += 1;
      waiting.set(calls, answer);
      send({ kind: 'call', id, call: calls, method, args });
      return answer.promise as Promise<never>;
    };
  return askedFiles(ask, readsArtifacts);
}

function settle(call: number): PromiseWithResolvers<unknown> | undefined {
  const answer = waiting.get(call);
  waiting.delete(call);
  return answer;
}

function send(message: FromThread): void {
  port.postMessage(message);
}
