import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JobPayload, JobRequest } from '../runner/protocol.ts';
import { GitlabClient, pause } from './client.ts';
import { killMarked } from './leftovers.ts';
import { Pipes } from './pipes.ts';
import { claimPlace } from './place.ts';
import { runJob } from './run-job.ts';
import { TreeStates } from './tree-state.ts';

export interface RunnerOptions {
  /** Base URL of the server. */
  url: string;
  /** Authentication token of the runner, `glrt-…`. */
  token: string;
  /** Directory for builds and caches; several processes may share it. */
  directory: string;
  /** Jobs at once; the ends of as many others may be on their way to the server. */
  concurrency: number;
  name: string;
  version: string;
  /** Milliseconds between two PATCHes of a log; null follows the server. */
  traceIntervalMs: number | null;
  /** Milliseconds before asking again when there is no job and the server did not hold the request. */
  checkIntervalMs: number;
  /** Told about what goes wrong; one line each. */
  report: (line: string) => void;
}

/** What the shell of this machine can do (runner-api 2). */
const FEATURES = [
  'variables',
  'artifacts',
  'cache',
  'fallback_cache_keys',
  'shared',
  'upload_multiple_artifacts',
  'upload_raw_artifacts',
  'refspecs',
  'masking',
  'raw_variables',
  'artifacts_exclude',
  'multi_build_steps',
  'trace_reset',
  'trace_checksum',
  'trace_size',
  'cancelable',
  'return_exit_code',
  'cancel_gracefully',
];

/** After this many 403 in a row the token is taken for dead for a while. */
const MAX_REFUSALS = 3;
const UNREACHABLE_MS = 1000;
const REFUSED_MS = 60_000;

/**
 * Asks for jobs and runs them, `concurrency` at once, until `drain` (finish what runs, take no more) or `stop` (end
 * what runs) aborts. Resolves when nothing runs any more.
 */
export async function runLoop(options: RunnerOptions, drain: AbortSignal, stop: AbortSignal): Promise<void> {
  const place = claimPlace(options.directory);
  const context = {
    client: new GitlabClient(options.url, options.version),
    version: options.version,
    name: options.name,
    shortToken: options.token.replace(/^glrt-/, '').slice(0, 9),
    systemId: place.systemId,
    buildsDirectory: join(place.directory, 'builds'),
    temporaryDirectory: emptyDirectory(join(place.directory, 'tmp')),
    cacheDirectory: join(options.directory, 'cache'),
    pipes: new Pipes(join(place.directory, 'pipes')),
    trees: new TreeStates(),
    traceIntervalMs: options.traceIntervalMs,
  };
  const ending = AbortSignal.any([drain, stop]);
  const slots = new Slots(options.concurrency);
  const poller = new Poller(options, context.client, context.systemId);
  const jobs = new Set<Promise<void>>();
  while (!ending.aborted) {
    const slot = await slots.take();
    // A server that takes no ends is asked for no more jobs.
    while (jobs.size >= 2 * options.concurrency) await Promise.race(jobs);
    const job = ending.aborted ? null : await poller.next(ending);
    if (job === null) {
      slots.give(slot);
      continue;
    }
    const running = runJob(context, job, slot, stop)
      .finally(() => slots.give(slot))
      .then((tellEnd) => tellEnd())
      .catch((error: Error) => options.report(`job ${job.id}: ${error.message}`))
      .finally(() => jobs.delete(running));
    jobs.add(running);
  }
  await Promise.all(jobs);
  place.release();
}

/** Ends and removes what jobs left whose runner was killed in this place (security EXE-3, EXE-4). */
function emptyDirectory(path: string): string {
  killMarked(`RUNNER_TEMP_PROJECT_DIR=${path}/`);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

/** One request for a job after the other; knows how long to wait after each answer. */
class Poller {
  readonly #options: RunnerOptions;
  readonly #client: GitlabClient;
  readonly #request: JobRequest;
  #refusals = 0;
  #reachable = true;

  constructor(options: RunnerOptions, client: GitlabClient, system_id: string) {
    this.#options = options;
    this.#client = client;
    this.#request = {
      token: options.token,
      system_id,
      info: {
        name: 'teaspoon-runner',
        version: options.version,
        platform: process.platform,
        architecture: process.arch,
        executor: 'shell',
        shell: 'bash',
        features: Object.fromEntries(FEATURES.map((feature) => [feature, true])),
      },
    };
  }

  /** The next job, or null after a fruitless request and its pause. */
  async next(signal: AbortSignal): Promise<JobPayload | null> {
    const asked = Date.now();
    try {
      const { status, job, lastUpdate } = await this.#client.requestJob(this.#request, signal);
      this.#reachable = true;
      const news = lastUpdate !== null && lastUpdate !== this.#request.last_update;
      if (lastUpdate !== null) this.#request.last_update = lastUpdate;
      if (job !== null) return job;
      // With the version it has just told, a server that can hold requests holds the next one.
      await pause(news ? 0 : this.#pauseAfter(status, Date.now() - asked), signal);
    } catch (error) {
      if (signal.aborted) return null;
      if (this.#reachable)
        this.#options.report(`${this.#options.url} cannot be reached: ${causeOf(error)}. Trying again.`);
      this.#reachable = false;
      await pause(UNREACHABLE_MS, signal);
    }
    return null;
  }

  #pauseAfter(status: number, waitedMs: number): number {
    this.#refusals = status === 403 ? this.#refusals + 1 : 0;
    if (status === 403) {
      if (this.#refusals < MAX_REFUSALS) return this.#options.checkIntervalMs;
      this.#options.report(
        `${this.#options.url} refuses this runner's token (403). Is the runner still registered?`,
      );
      return REFUSED_MS;
    }
    if (status === 409) return 0;
    // A server that holds the request until there is news need not be spared.
    return waitedMs > this.#options.checkIntervalMs ? 0 : this.#options.checkIntervalMs;
  }
}

/** Numbers from 0 that running jobs hold, so that each has directories of its own. */
class Slots {
  readonly #free: number[];
  readonly #waiting: ((slot: number) => void)[] = [];

  constructor(total: number) {
    this.#free = Array.from({ length: total }, (_, slot) => slot);
  }

  take(): Promise<number> {
    const slot = this.#free.shift();
    if (slot !== undefined) return Promise.resolve(slot);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(slot: number): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next(slot);
      return;
    }
    this.#free.push(slot);
    this.#free.sort((a, b) => a - b);
  }
}

function causeOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
