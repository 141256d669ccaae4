import type { Tx } from '../db/transaction.ts';
import type { RunnerType } from '../queue/match.ts';
import { ended, started } from '../queue/running.ts';
import { moveDeployments } from './advance/deploy.ts';
import { openPipeline, type PipelineSession } from './advance/session.ts';
import { offerSlot, saveAll } from './advance.ts';
import type { FailureReason } from './failure-reason.ts';
import { noteStatusChanges } from './hook-events.ts';
import { applyDrop } from './job/drop.ts';
import { nextStatus } from './job/transitions.ts';
import type { JobRow } from './job-lookup.ts';
import { enqueued } from './process.ts';
import { isGraceful } from './queries/graceful.ts';
import { type JobPatch, moveJobs, touchJob } from './queries/job-moves.ts';
import { selectJob, selectJobs } from './queries/job-rows.ts';
import { updateCoverage } from './queries/pipeline-state.ts';
import { deadlineOf } from './start-jobs.ts';
import { COMPLETED, type Status } from './status.ts';
import { noteStatusEvent } from './status-events.ts';

/** What can happen to one job (jobs-api 7) beside its start, which is in `start-jobs.ts`. Times are milliseconds. */
export type JobEvent =
  /** The runner that was given it (`hand-out.ts`) accepts it; does nothing unless that runner still has it. */
  | { type: 'accept'; tokenDigest: string; runnerType: RunnerType }
  | { type: 'success'; exitCode?: number | null; coverage?: number | null }
  /** It failed; `finishedAt` when that was not now. */
  | {
      type: 'drop';
      reason: FailureReason;
      exitCode?: number | null;
      coverage?: number | null;
      finishedAt?: number;
    }
  /** Gently where the runner of a running job can, else at once. */
  | { type: 'cancel'; autoCanceledById?: number }
  | { type: 'force_cancel' }
  /** A delayed job's time has come. */
  | { type: 'enqueue' }
  | { type: 'unschedule' };

export type EventResult =
  | { ok: true; job: JobRow }
  | { ok: false; reason: 'not_found' }
  /** The event does nothing to a job in this status; it stays as it is. */
  | { ok: false; reason: 'wrong_status'; job: JobRow };

/** How often a sign of life of a runner is written down. */
const ALIVE_EVERY_MS = 60_000;

/** An event of one job. */
export interface EventOfJob {
  jobId: number;
  event: JobEvent;
  now: number;
}

/**
 * Applies an event to a job with everything that follows: times, queue, token, automatic retry, the pipeline's next jobs.
 * All of it is in the caller's transaction. A repeated event finds its job moved on and changes nothing (security REL-7).
 */
export async function applyEvent(tx: Tx, jobId: number, event: JobEvent, now: number): Promise<EventResult> {
  const seen = await selectJob(tx, jobId);
  if (seen === null) return { ok: false, reason: 'not_found' };
  const [result] = await applyEvents(tx, seen.pipelineId, [{ jobId, event, now }]);
  return result!;
}

/** The same for events of different jobs of one pipeline, in their order: what follows from all of them is written once. */
export async function applyEvents(
  tx: Tx,
  pipelineId: number,
  events: readonly EventOfJob[],
): Promise<EventResult[]> {
  const session = await openPipeline(tx, pipelineId);
  if (session === null) return events.map(() => ({ ok: false, reason: 'not_found' }));
  const ids = events.map(({ jobId }) => jobId);
  const before = new Map((await selectJobs(tx, ids)).map((job) => [job.id, job]));
  const applied = new Set<number>();
  let unsaved = false;
  for (const { jobId, event, now } of events) {
    const job = before.get(jobId);
    const did = job === undefined ? 'nothing' : await applyTo(session, job, event, now);
    if (did !== 'nothing') applied.add(jobId);
    if (did === 'changed') unsaved = true;
  }
  if (unsaved) await saveAll(session, Math.max(...events.map(({ now }) => now)));
  await startAccepted(
    tx,
    events.filter(({ jobId }) => applied.has(jobId)),
    before,
  );
  if (events.some(({ jobId, event }) => applied.has(jobId) && typeof coverageOf(event) === 'number'))
    await updateCoverage(tx, pipelineId);
  const after = new Map((await selectJobs(tx, ids)).map((job) => [job.id, job]));
  return ids.map((id) => {
    const job = after.get(id);
    if (job === undefined) return { ok: false, reason: 'not_found' };
    return applied.has(id) ? { ok: true, job } : { ok: false, reason: 'wrong_status', job };
  });
}

/** The session is `changed` and to be saved, an old attempt is `written`, or the event does `nothing`. */
async function applyTo(
  session: PipelineSession,
  job: JobRow,
  event: JobEvent,
  now: number,
): Promise<'changed' | 'written' | 'nothing'> {
  const { tx, state, patches } = session;
  const node = state.has(job.id) ? state.job(job.id) : null;
  const to = await targetOf(tx, job, event, node?.status ?? job.status);
  if (to === null) return 'nothing';
  const patch = patchOf(event, job, to, now);
  if (node === null) {
    await endOldAttempt(session, job, to, patch, now);
    return 'written';
  }
  patches.set(node.id, patch);
  if (event.type === 'drop' && to === 'failed') await applyDrop(session, node, job, event, now);
  else state.set(node, to);
  return 'changed';
}

/** Accepted jobs run on their runners from now on. */
async function startAccepted(
  tx: Tx,
  events: readonly EventOfJob[],
  jobs: ReadonlyMap<number, JobRow>,
): Promise<void> {
  const running = events.flatMap(({ jobId, event }) => {
    const { projectId, runnerId = null } = jobs.get(jobId) ?? {};
    if (event.type !== 'accept' || runnerId === null || projectId === undefined) return [];
    return [{ jobId, projectId, runnerId, runnerType: event.runnerType }];
  });
  if (running.length > 0) await started(tx, running);
}

function coverageOf(event: JobEvent): number | null | undefined {
  return 'coverage' in event ? event.coverage : undefined;
}

/** The job under its pipeline's lock, so that nobody moves it any more, and the pipeline. */
export async function lockJob(
  tx: Tx,
  jobId: number,
): Promise<{ job: JobRow; session: PipelineSession } | null> {
  const seen = await selectJob(tx, jobId);
  const session = seen === null ? null : await openPipeline(tx, seen.pipelineId);
  // Whoever held the lock before us may have written the job since we read it.
  const job = tx.capabilities.rowLocks ? await selectJob(tx, jobId) : seen;
  return job === null || session === null ? null : { job, session };
}

/** Notes that a job's runner is alive (security REL-8); cheap to call on every request. */
export async function noteSignOfLife(tx: Tx, jobId: number, now: number): Promise<void> {
  await touchJob(tx, jobId, now, ALIVE_EVERY_MS);
}

async function targetOf(tx: Tx, job: JobRow, event: JobEvent, from: Status): Promise<Status | null> {
  switch (event.type) {
    case 'enqueue':
      return nextStatus('play', from) === null ? null : enqueued({ resourceGroup: job.resourceGroupId });
    case 'cancel':
      if (from !== 'running') return nextStatus('cancel', from);
      return nextStatus((await isGraceful(tx, job.id)) ? 'cancel_gracefully' : 'cancel', from);
    case 'accept':
      return job.tokenDigest === event.tokenDigest ? nextStatus('run', from) : null;
    default:
      return nextStatus(event.type, from);
  }
}

/** What the event writes into the job's row beside what its new status always writes. */
function patchOf(event: JobEvent, job: JobRow, to: Status, now: number): JobPatch {
  switch (event.type) {
    case 'accept':
      return { deadlineAt: deadlineOf(job.timeoutSeconds ?? 0, now) };
    case 'success':
      return reported(event);
    case 'drop':
      return {
        ...reported(event),
        ...(to === 'failed' ? { failureReason: event.reason } : {}),
        ...(event.finishedAt === undefined ? {} : { finishedAt: event.finishedAt }),
      };
    case 'cancel':
      return event.autoCanceledById === undefined ? {} : { autoCanceledById: event.autoCanceledById };
    case 'unschedule':
      return { scheduledAt: null };
    case 'force_cancel':
    case 'enqueue':
      return {};
  }
}

function reported(event: { exitCode?: number | null; coverage?: number | null }): JobPatch {
  return {
    ...(event.exitCode === undefined ? {} : { exitCode: event.exitCode }),
    ...(event.coverage === undefined ? {} : { coverage: event.coverage }),
  };
}

/** A retried attempt that its runner, or a force cancel, ends only now: the pipeline has moved on without it. */
async function endOldAttempt(
  { tx, facts }: PipelineSession,
  job: JobRow,
  to: Status,
  patch: JobPatch,
  now: number,
): Promise<void> {
  const finish = COMPLETED.has(to) ? { finishedAt: now, tokenDigest: null, deadlineAt: null } : {};
  await moveJobs(tx, [job.id], { from: job.status, to, now }, { ...finish, ...patch });
  await ended(tx, job.id);
  if (job.environment !== null) await moveDeployments(tx, [{ id: job.id, to }], now);
  tx.notify(`trace:${job.id}`);
  const changed = [{ id: job.id, status: to, queued: false }];
  const { projectId, status } = facts;
  await noteStatusEvent(tx, { projectId, pipelineId: job.pipelineId, status, jobs: changed }, now);
  if (facts.hooked) {
    const { projectId, pipelineId } = job;
    await noteStatusChanges(tx, { projectId, pipelineId, jobIds: [job.id], pipelineMoved: false }, now);
  }
  if (job.resourceGroupId !== null) await offerSlot(tx, job.resourceGroupId, now);
}
