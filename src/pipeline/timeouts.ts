/**
 * What happens to jobs because time passes. Each function asks an index what is due, decides each job in a transaction of its
 * own, and may be repeated or run by several processes: who comes second finds the job moved on (security REL-8 to 10).
 */
import type { Database } from '../db/database.ts';
import type { Repositories } from '../git/repository.ts';
import type { QueueEntry } from '../queue/enqueue.ts';
import { advance } from './advance.ts';
import { processNewPipeline } from './create.ts';
import { applyEvent, type JobEvent } from './job.ts';
import { definitionsByIds } from './job-definition.ts';
import { isPrevented } from './queries/deployments.ts';
import {
  type LongPending,
  selectDue,
  selectLongPending,
  selectOverdue,
  selectSilent,
} from './queries/due-jobs.ts';
import { selectJob } from './queries/job-rows.ts';
import { selectUnprocessed } from './queries/pipelines.ts';
import { queuePlace } from './queries/queue-place.ts';
import { type Sweep, sweep } from './sweep.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Limits in milliseconds; a server may have shorter ones. */
export interface TimeLimits {
  /** Pending, with a runner that could take it. */
  pendingMs: number;
  /** Pending, and no runner could take it. */
  unmatchedMs: number;
  /** Held by a runner that says nothing. */
  silentMs: number;
  /** How late a delayed job may start. */
  staleScheduleMs: number;
}

export const TIME_LIMITS: TimeLimits = {
  pendingMs: 24 * HOUR_MS,
  unmatchedMs: HOUR_MS,
  silentMs: HOUR_MS,
  staleScheduleMs: HOUR_MS,
};

const BATCH = 100;

/** What to do with a job that has waited so long for a runner (ci-yaml 26.2). `matched`: some runner could take it. */
export function pendingVerdict(waitedMs: number, matched: boolean, limits: TimeLimits): 'wait' | 'drop' {
  return waitedMs >= (matched ? limits.pendingMs : limits.unmatchedMs) ? 'drop' : 'wait';
}

/** What to do with a delayed job that is `lateMs` past its time (ci-yaml 24). */
export function scheduledVerdict(lateMs: number, limits: TimeLimits): JobEvent {
  return lateMs > limits.staleScheduleMs ? { type: 'drop', reason: 'stale_schedule' } : { type: 'enqueue' };
}

/** Ends jobs that ran past their timeout and the grace after it; they count as ended when the timeout was. */
export async function dropTimedOutJobs(db: Database, now: number): Promise<Sweep> {
  return sweep(await selectOverdue(db.read, now, BATCH), (id) =>
    db.transaction(async (tx) => {
      const job = await selectJob(tx, id);
      if (job === null || job.deadlineAt === null || job.deadlineAt > now) return;
      const finishedAt =
        job.startedAt === null || job.timeoutSeconds === null
          ? now
          : job.startedAt + job.timeoutSeconds * 1000;
      await applyEvent(tx, id, { type: 'drop', reason: 'job_execution_server_timeout', finishedAt }, now);
    }),
  );
}

/** Ends jobs whose runner has said nothing for too long. */
export async function dropSilentJobs(db: Database, now: number, limits = TIME_LIMITS): Promise<Sweep> {
  const before = now - limits.silentMs;
  return sweep(await selectSilent(db.read, before, BATCH), (id) =>
    db.transaction(async (tx) => {
      const job = await selectJob(tx, id);
      if (job === null || job.updatedAt > before) return;
      await applyEvent(tx, id, { type: 'drop', reason: 'stuck_or_timeout_failure' }, now);
    }),
  );
}

/** Starts delayed jobs whose time has come; ends those whose time is too long past, or whose deployment was overtaken. */
export async function startDueJobs(db: Database, now: number, limits = TIME_LIMITS): Promise<Sweep> {
  return sweep(await selectDue(db.read, now, BATCH), (id) =>
    db.transaction(async (tx) => {
      const job = await selectJob(tx, id);
      if (job === null || job.scheduledAt === null || job.status !== 'scheduled') return;
      const overtaken = job.environment !== null && (await isPrevented(tx, id));
      const verdict: JobEvent = overtaken
        ? { type: 'drop', reason: 'failed_outdated_deployment_job' }
        : scheduledVerdict(now - job.scheduledAt, limits);
      await applyEvent(tx, id, verdict, now);
    }),
  );
}

/** What runners match of a waiting job. */
export type WaitingJob = Omit<QueueEntry, 'jobId' | 'queuedAt'>;

/**
 * Ends jobs that wait too long for a runner. `isMatched` says whether some runner could take such a job; it is asked once for
 * jobs that runners cannot tell apart.
 */
export async function dropStuckJobs(
  db: Database,
  isMatched: (job: WaitingJob) => Promise<boolean>,
  now: number,
  limits = TIME_LIMITS,
): Promise<Sweep> {
  const known = new Map<string, Promise<boolean>>();
  const total: Sweep = { done: 0, broken: [] };
  const before = now - Math.min(limits.pendingMs, limits.unmatchedMs);
  let after = { queuedAt: 0, id: 0 };
  for (;;) {
    const page = await selectLongPending(db.read, before, after, BATCH);
    const last = page.at(-1);
    if (last === undefined) return total;
    after = last;
    const byId = new Map(page.map((job) => [job.id, job]));
    const part = await sweep([...byId.keys()], (id) =>
      dropIfStuck(db, byId.get(id)!, known, isMatched, now, limits),
    );
    total.done += part.done;
    total.broken.push(...part.broken);
  }
}

async function dropIfStuck(
  db: Database,
  job: LongPending,
  known: Map<string, Promise<boolean>>,
  isMatched: (job: WaitingJob) => Promise<boolean>,
  now: number,
  limits: TimeLimits,
): Promise<void> {
  const key = `${job.projectId} ${job.definitionId} ${job.protected}`;
  const matched = known.get(key) ?? matches(db, job, isMatched);
  known.set(key, matched);
  if (pendingVerdict(now - job.queuedAt, await matched, limits) === 'wait') return;
  await db.transaction(async (tx) => {
    const seen = await selectJob(tx, job.id);
    if (seen?.status !== 'pending' || seen.queuedAt !== job.queuedAt) return;
    await applyEvent(tx, job.id, { type: 'drop', reason: 'stuck_or_timeout_failure' }, now);
  });
}

async function matches(
  db: Database,
  job: LongPending,
  isMatched: (job: WaitingJob) => Promise<boolean>,
): Promise<boolean> {
  const place = await queuePlace(db.read, job.projectId);
  const definition = (await definitionsByIds(db.read, [job.definitionId])).get(job.definitionId);
  if (place === null || definition?.type !== 'build') return false;
  return isMatched({ ...place, protected: job.protected, tags: definition.tagList });
}

/**
 * Sets new pipelines going that a killed process stored and left, and goes on with those whose pass is not through.
 * `graceMs`: how long a new one's own process may take.
 */
export async function processUnprocessed(
  deps: { db: Database; repositories: Repositories },
  now: number,
  graceMs = 10_000,
): Promise<Sweep> {
  const found = await selectUnprocessed(deps.db.read, now - graceMs, BATCH);
  const isNew = new Map(found.map((pipeline) => [pipeline.id, pipeline.isNew]));
  return sweep([...isNew.keys()], (id) =>
    isNew.get(id) ? processNewPipeline(deps, id, now) : deps.db.transaction((tx) => advance(tx, id, now)),
  );
}
