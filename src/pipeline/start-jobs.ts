import { allDone } from '../db/all-done.ts';
import type { Tx } from '../db/transaction.ts';
import type { RunnerType } from '../queue/match.ts';
import { started } from '../queue/running.ts';
import { openPipelines, type PipelineSession } from './advance/session.ts';
import { saveAll } from './advance.ts';
import { nextStatus } from './job/transitions.ts';
import type { JobRow } from './job-lookup.ts';
import { runJobs } from './queries/job-moves.ts';
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

/** What a job's row says since a runner has it. */
export type Taken = Pick<
  JobRow,
  'runnerId' | 'runnerManagerId' | 'tokenDigest' | 'timeoutSeconds' | 'deadlineAt'
>;
/** What it says since it runs. */
export type Started = Taken & Pick<JobRow, 'id' | 'status' | 'startedAt' | 'updatedAt'>;

/** Jobs of one pipeline that start, and its session. */
interface Starting {
  session: PipelineSession;
  jobs: Started[];
}

/**
 * Takes the locks that `startJobs` needs for these jobs, while the caller has other things to ask. Nothing that is read
 * before it is known to be true after it.
 */
export async function holdPipelines(tx: Tx, jobs: readonly Pick<JobRow, 'pipelineId'>[]): Promise<void> {
  await openPipelines(
    tx,
    jobs.map(({ pipelineId }) => pipelineId),
  );
}

/**
 * Runners took these jobs (the event `run` of jobs-api 7): call in the transaction of `queue/claim.ts`. Gives what has changed
 * of the jobs that run from now on, by id; one that was no longer pending is not among them and stays as it is.
 */
export async function startJobs(
  tx: Tx,
  starts: readonly JobStart[],
  now: number,
): Promise<Map<number, Started>> {
  const sessions = await openPipelines(
    tx,
    starts.map(({ pipelineId }) => pipelineId),
  );
  const taken = starts.filter(({ jobId, pipelineId }) => {
    const state = sessions.get(pipelineId)?.state;
    return state?.has(jobId) && nextStatus('run', state.job(jobId).status) !== null;
  });
  const running = new Map(taken.map((start) => [start.jobId, startedJob(start, now)]));
  const all = [...Map.groupBy(taken, ({ pipelineId }) => pipelineId)].map(([id, some]) => ({
    session: sessions.get(id)!,
    jobs: some.map(({ jobId }) => running.get(jobId)!),
  }));
  const quiet = all.filter(isQuiet);
  for (const { session, jobs } of all.filter((one) => !quiet.includes(one))) {
    for (const job of jobs) {
      session.state.set(session.state.job(job.id), 'running');
      session.patches.set(job.id, patchOf(job));
    }
    await saveAll(session, now);
  }
  await allDone([
    quiet.length > 0 ? saveQuiet(tx, quiet, now) : null,
    started(
      tx,
      taken.map((start) => ({ ...start, projectId: sessions.get(start.pipelineId)!.facts.projectId })),
    ),
  ]);
  return running;
}

function startedJob({ jobId, ...start }: JobStart, now: number): Started {
  const { runnerId, runnerManagerId, tokenDigest, timeoutSeconds } = start;
  const taken = { runnerId, runnerManagerId, tokenDigest, timeoutSeconds };
  const deadlineAt = deadlineOf(timeoutSeconds, now);
  return { id: jobId, status: 'running', startedAt: now, updatedAt: now, ...taken, deadlineAt };
}

function patchOf({ runnerId, runnerManagerId, tokenDigest, timeoutSeconds, deadlineAt }: Taken): Taken {
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
    jobs.every(({ id }) => {
      const { environment, stage } = state.job(id);
      return !environment && stage.status === 'running';
    })
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
