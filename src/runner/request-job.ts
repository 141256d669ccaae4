import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { Repositories } from '../git/repository.ts';
import type { FailureReason } from '../pipeline/failure-reason.ts';
import { applyEvent } from '../pipeline/job.ts';
import type { Encryption } from '../project/encryption.ts';
import type { IdTokenKeys } from '../project/id-token.ts';
import { versionFor } from '../queue/version.ts';
import type { Look, RunnerWaiting } from '../queue/wait.ts';
import type { Assignment, Taker } from './assign.ts';
import { assignJob } from './assign-batch.ts';
import { noteContact } from './manager.ts';
import { buildPayload } from './payload.ts';
import type { JobPayload, RunnerInfo } from './protocol.ts';
import { factsOf, type Runner } from './runner.ts';
import { verifyRunner } from './verify.ts';

export interface RequestDeps {
  db: Database;
  encryption: Encryption;
  repositories: Repositories;
  idTokenKeys: IdTokenKeys;
  waiting: RunnerWaiting;
  logger: Logger;
}

export interface JobAsked {
  runner: Runner;
  /** By which it was let in. */
  token: string;
  systemId: string | undefined;
  info: RunnerInfo;
  /** The queue version that the runner saw last. */
  lastUpdate: string | undefined;
  ip: string;
  /** External base URL for addresses in the payload. */
  baseUrl: string;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
  now: number;
}

export type JobAnswer =
  | { kind: 'job'; payload: JobPayload }
  /** `version` was read before the search: what came later changes it. */
  | { kind: 'nothing'; version: string }
  /** Others were faster, but there is more: ask again now. */
  | { kind: 'contended' };

/** How long a request is held for a job, milliseconds (runner-api 2: less than a minute). */
export const HOLD_MS = 50_000;

/**
 * Gives a runner its next job. A runner that has seen the current queue version is held until a job for it comes, others
 * are answered at once.
 */
export async function requestJob(deps: RequestDeps, asked: JobAsked, holdMs = HOLD_MS): Promise<JobAnswer> {
  const { runner, systemId, info, ip, now } = asked;
  const begun = performance.now();
  const clock = () => now + Math.round(performance.now() - begun);
  const { read } = deps.db;
  const facts = await factsOf(read, runner);
  const [managerId, version] = await Promise.all([
    noteContact(deps.db, { runner, systemId, info, ip, asksForJobs: true, now }),
    versionFor(read, facts),
  ]);
  const { token, signal, baseUrl } = asked;
  const taker = { runner, facts, managerId, features: info.features ?? {} };
  const search = new Search(deps, { token, signal, baseUrl, clock }, taker, version);
  if (asked.lastUpdate !== version || runner.paused) {
    const found = await search.look();
    return 'answer' in found ? found.answer : search.nothing;
  }
  // Not awaited here: what the runner told of itself is not kept while its request is held.
  return deps.waiting
    .until(facts, { deadline: now + holdMs, signal, now: clock }, () => search.look())
    .then((answer) => answer ?? search.nothing);
}

/** What of a request its searches need. */
type Asking = Pick<JobAsked, 'token' | 'signal' | 'baseUrl'> & { clock: () => number };

/** One request's searches: it may look more than once while it is held. */
class Search {
  readonly #deps: RequestDeps;
  readonly #asked: Asking;
  #taker: Taker;
  #version: string;
  #looks = 0;

  constructor(deps: RequestDeps, asked: Asking, taker: Taker, version: string) {
    this.#deps = deps;
    this.#asked = asked;
    this.#taker = taker;
    this.#version = version;
  }

  /** The answer when no look gave another. */
  get nothing(): JobAnswer {
    return { kind: 'nothing', version: this.#version };
  }

  async look(): Promise<Look<JobAnswer>> {
    if (this.#looks++ > 0) {
      // Woken: the runner may have been changed or its token taken away, and the version belongs before the search.
      const { read } = this.#deps.db;
      const verified = await verifyRunner(read, this.#asked.token, this.#asked.clock());
      if (!verified.ok) return { answer: this.nothing };
      const { runner } = verified;
      this.#taker = { ...this.#taker, runner, facts: await factsOf(read, runner) };
      this.#version = await versionFor(read, this.#taker.facts);
    }
    const found = await this.#take();
    return found === null ? { waitAs: this.#taker.facts } : { answer: found };
  }

  /** A job, "ask again", or null when there is nothing for the runner. A client that left is given none, nor anybody by a server that ends. */
  async #take(): Promise<JobAnswer | null> {
    if (this.#asked.signal.aborted || this.#deps.waiting.closed) return null;
    const assigned = await assignJob(this.#deps, this.#taker, this.#asked.clock());
    if (assigned.kind === 'contended') return { kind: 'contended' };
    if (assigned.kind === 'nothing') return null;
    return this.#payload(this.#taker.runner, assigned);
  }

  /** A job whose payload can not be made fails, and may be retried; the runner is told that there is nothing. */
  async #payload(runner: Runner, assignment: Assignment): Promise<JobAnswer | null> {
    const { baseUrl, clock } = this.#asked;
    try {
      const payload = await buildPayload(this.#deps, {
        ...assignment,
        runner,
        baseUrl,
        now: clock(),
      });
      if (typeof payload !== 'string') return { kind: 'job', payload };
      await this.#drop(assignment.job.id, payload);
    } catch (error) {
      const { id } = assignment.job;
      this.#deps.logger.error({ jobId: id, error: (error as Error).stack }, 'no payload for a job');
      await this.#drop(id, 'scheduler_failure');
    }
    return null;
  }

  async #drop(jobId: number, reason: FailureReason): Promise<void> {
    const event = { type: 'drop', reason } as const;
    await this.#deps.db.transaction((tx) => applyEvent(tx, jobId, event, this.#asked.clock()));
  }
}
