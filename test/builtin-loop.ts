import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runLoop } from '../src/builtin-runner/loop.ts';
import type { JobPayload, JobUpdate, JobVariable } from '../src/runner/protocol.ts';
import { payload, ScriptedGitlab } from './scripted-gitlab.ts';

/** The built-in runner's loop in this process, working for a scripted server, with a directory of its own. */
export class BuiltinLoop {
  readonly gitlab: ScriptedGitlab;
  readonly directory = mkdtempSync(join(tmpdir(), 'teaspoon-runner-'));
  #drain = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  private constructor(gitlab: ScriptedGitlab) {
    this.gitlab = gitlab;
  }

  static async open(): Promise<BuiltinLoop> {
    return new BuiltinLoop(await ScriptedGitlab.start());
  }

  get log(): string {
    return this.gitlab.trace.toString();
  }

  start(): void {
    this.#drain = new AbortController();
    const options = {
      url: `${this.gitlab.url}/`,
      token: 'glrt-token-of-the-runner',
      directory: this.directory,
      concurrency: 1,
      name: 'test',
      version: '1.0.0',
      traceIntervalMs: 20,
      checkIntervalMs: 10,
      report: () => {},
    };
    this.#loop = runLoop(options, this.#drain.signal, new AbortController().signal);
  }

  /** Starts with this job and gives its final update. */
  async run(job: JobPayload): Promise<JobUpdate> {
    this.gitlab.jobs.push(job);
    this.start();
    return this.gitlab.ended();
  }

  /** Takes no more jobs, and waits for the end of what runs. */
  async drain(): Promise<void> {
    this.#drain.abort();
    await this.#loop;
  }

  async close(): Promise<void> {
    await this.drain();
    await this.gitlab.close();
    rmSync(this.directory, { recursive: true });
  }
}

/** The variables of `payload` and more. */
export function variables(...more: Partial<JobVariable>[]): JobVariable[] {
  return [
    ...payload([]).variables,
    ...more.map((variable) => ({ key: '', value: '', public: true, masked: false, ...variable })),
  ];
}
