import { Worker } from 'node:worker_threads';
import type { CompiledConfig, CompileResult } from '../compiled.ts';
import { PARSED_TOO_BIG } from '../errors.ts';
import type { ConfigFiles } from '../files.ts';
import { configError } from '../refusal.ts';
import type { CompileOptions } from '../resolve.ts';
import { callFiles } from './asked-files.ts';
import type { FromThread, ToThread } from './thread.ts';

/** MiB of values that all compilations of a thread may take; what needs more is refused. */
const MAX_HEAP = 768;
/** Milliseconds without work after which the thread ends. */
const IDLE = 30_000;

interface Work {
  files: ConfigFiles;
  /** Of a large result, those that have arrived. */
  jobs: CompiledConfig['jobs'];
  done: PromiseWithResolvers<CompileResult>;
}

/** One thread that compiles. It starts when it is made, ends when it has been idle, and keeps no process alive. */
export class CompileThread {
  readonly #worker: Worker;
  readonly #work = new Map<number, Work>();
  #ids = 0;
  #idle: NodeJS.Timeout | undefined;
  /** Takes no more work. */
  ended = false;

  constructor() {
    const file = import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js';
    this.#worker = new Worker(new URL(file, import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP },
    });
    this.#worker.unref();
    this.#worker.on('message', (message: FromThread) => void this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the compiling thread ended')));
  }

  compile(text: string, { files, ...options }: CompileOptions): Promise<CompileResult> {
    clearTimeout(this.#idle);
    this.#ids += 1;
    const id = this.#ids;
    const done = Promise.withResolvers<CompileResult>();
    this.#work.set(id, { files, jobs: [], done });
    // While somebody waits for a result, the process has something to do.
    this.#worker.ref();
    const readsArtifacts = files.readArtifact !== undefined;
    this.#send({ kind: 'compile', id, text, options: { ...options, readsArtifacts } });
    return done.promise;
  }

  async #receive(message: FromThread): Promise<void> {
    switch (message.kind) {
      case 'jobs':
        this.#work.get(message.id)?.jobs.push(...message.jobs);
        this.#send({ kind: 'more', id: message.id });
        break;
      case 'compiled': {
        const work = this.#finish(message.id);
        work?.done.resolve(completed(message.result, work.jobs));
        break;
      }
      case 'failed':
        this.#finish(message.id)?.done.reject(message.error);
        break;
      case 'call':
        await this.#answer(message);
        break;
    }
  }

  async #answer({ id, call, method, args }: FromThread & { kind: 'call' }): Promise<void> {
    const work = this.#work.get(id);
    if (work === undefined) return;
    try {
      this.#send({ kind: 'file', call, value: await callFiles(work.files, method, args) });
    } catch (error) {
      // The caller gets his own exception, not a copy; the thread's work on it is forgotten.
      this.#finish(id)?.done.reject(error);
    }
  }

  #finish(id: number): Work | undefined {
    const work = this.#work.get(id);
    this.#work.delete(id);
    if (this.#work.size === 0) {
      this.#worker.unref();
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#end(), IDLE).unref();
    }
    return work;
  }

  #end(): void {
    this.ended = true;
    void this.#worker.terminate();
  }

  /** What takes more memory than a thread may have is a refusal like any other (YML-2). */
  #fail(error: unknown): void {
    this.ended = true;
    const tooBig = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
    for (const { done } of this.#work.values()) {
      if (tooBig) done.resolve(refusal());
      else done.reject(error);
    }
    this.#work.clear();
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}

/** The result with the jobs that came before it. */
function completed(result: CompileResult, first: CompiledConfig['jobs']): CompileResult {
  if (result.ok) result.config.jobs = [...first, ...result.config.jobs];
  return result;
}

function refusal(): CompileResult {
  return { ok: false, errors: [configError(PARSED_TOO_BIG)], warnings: [], includes: [], mergedYaml: null };
}
