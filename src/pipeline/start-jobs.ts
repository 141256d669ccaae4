import { allDone } from '../db/all-done.ts';
import type { Tx } from '../db/transaction.ts';
import type { RunnerType } from '../queue/match.ts';
import { started } from '../queue/running.ts';
import { openPipelines, type PipelineSession } from './advance/session.ts';
import { saveAll } from './advance.ts';
import { nextStatus } from './job/transitions.ts';
import type { JobRow } from './job-lookup.ts';
import { runJobs } from './queries/job-moves.ts';
import { selectJobs } from './queries/job-rows.ts';
import { touchPipelines } from './queries/pipeline-state.ts';
import { noteStatusEvents } from './status-events.ts';

/** A job that a runner has claimed. */
export interface JobStart {
  jobId: number;
  pipelineId: number;
  runnerId: number;
  runnerType: RunnerType;
  runnerManagerId: number | null;
  /** SHA-256 of its job token. */
  tokenDigest: string;
  timeoutSeconds: number;
}

/**
 * Time the server gives a runner beyond the job's timeout to say so itself: after_script may take 5 minutes and files
 * are uploaded after it (security REL-9).
 */
export const TIMEOUT_GRACE_MS = 10 * 60_000;

/** When the server ends a job that began at `startedAt` (milliseconds). */
export function deadlineOf(timeoutSeconds: number, startedAt: number): number {
  return startedAt + timeoutSeconds * 1000 + TIMEOUT_GRACE_MS;
}

/** Jobs of one pipeline that start, as they will be, and its session. */
interface Starting {
  session: PipelineSession;
  jobs: JobRow[];
}

/**
 * Runners took these jobs (the event `run` of jobs-api 7): call in the transaction of `queue/claim.ts`. Gives the jobs that
 * run from now on, by id; one that was no longer pending is not among them and stays as it is.
 */
export async function startJobs(
  tx: Tx,
  starts: readonly JobStart[],
  now: number,
): Promise<Map<number, JobRow>> {
  const pipelineIds = starts.map(({ pipelineId }) => pipelineId);
  const ids = starts.map(({ jobId }) => jobId);
  // Asked under the locks, because whoever held them before us may have written the jobs.
  const [sessions, rows] = await allDone([openPipelines(tx, pipelineIds), selectJobs(tx, ids)]);
  const found = new Map(rows.map((job) => [job.id, job]));
  const running = new Map<number, JobRow>();
  for (const start of starts) {
    const job = found.get(start.jobId);
    const startable = job !== undefined && nextStatus('run', job.status) !== null;
    if (startable && sessions.get(job.pipelineId)?.state.has(job.id))
      running.set(job.id, startedJob(job, start, now));
  }
  const all = [...Map.groupBy(running.values(), ({ pipelineId }) => pipelineId)].map(([id, jobs]) => ({
    session: sessions.get(id)!,
    jobs,
  }));
  const quiet = all.filter(isQuiet);
  for (const { session, jobs } of all.filter((one) => !quiet.includes(one))) {
    for (const job of jobs) {
      session.state.set(session.state.job(job.id), 'running');
      session.patches.set(job.id, patchOf(job));
    }
    await saveAll(session, now);
  }
  const taken = starts.filter(({ jobId }) => running.has(jobId));
  await allDone([
    quiet.length > 0 ? saveQuiet(tx, quiet, now) : null,
    started(
      tx,
      taken.map((start) => ({ ...start, projectId: running.get(start.jobId)!.projectId })),
    ),
  ]);
  return running;
}

function startedJob(job: JobRow, start: JobStart, now: number): JobRow {
  const { runnerId, runnerManagerId, tokenDigest, timeoutSeconds } = start;
  const deadlineAt = deadlineOf(timeoutSeconds, now);
  const known = { runnerId, runnerManagerId, tokenDigest, timeoutSeconds, deadlineAt };
  return { ...job, ...known, status: 'running', startedAt: now, updatedAt: now };
}

function patchOf({ runnerId, runnerManagerId, tokenDigest, timeoutSeconds, deadlineAt }: JobRow) {
  return { runnerId, runnerManagerId, tokenDigest, timeoutSeconds, deadlineAt };
}

/**
 * Whether a start is news of the jobs alone. Stages and a pipeline that run go on running whatever else is in them (ci-yaml
 * 23), and nothing waits for a job to begin.
 */
function isQuiet({ session: { facts, state }, jobs }: Starting): boolean {
  return (
    facts.status === 'running' &&
    !facts.hooked &&
    jobs.every(({ id, environment }) => environment === null && state.job(id).stage.status === 'running')
  );
}

/** What `saveAll` would write of such starts, for all pipelines together. */
async function saveQuiet(tx: Tx, quiet: readonly Starting[], now: number): Promise<void> {
  for (const { session, jobs } of quiet) {
    session.saved = false;
    for (const { id } of jobs) session.state.setTold(session.state.job(id), 'running');
  }
  const jobs = quiet.flatMap((one) => one.jobs);
  const ids = quiet.map(({ session }) => session.facts.id);
  const events = quiet.map(({ session: { facts }, jobs: own }) => ({
    projectId: facts.projectId,
    pipelineId: facts.id,
    status: facts.status,
    jobs: own.map(({ id }) => ({ id, status: 'running' as const, queued: true })),
  }));
  await allDone([runJobs(tx, jobs, now), touchPipelines(tx, ids, now), noteStatusEvents(tx, events, now)]);
  for (const { session } of quiet) {
    session.facts.lockVersion++;
    session.saved = true;
    tx.notify(`pipeline:${session.facts.id}`);
    tx.notify(`project:${session.facts.projectId}`);
  }
}
