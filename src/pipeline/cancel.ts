import type { Tx } from '../db/transaction.ts';
import { openPipeline } from './advance/session.ts';
import { saveAll } from './advance.ts';
import { applyEvent } from './job.ts';
import type { JobRow } from './job-lookup.ts';
import { cancelAll } from './process.ts';
import { gracefulJobs } from './queries/graceful.ts';
import { childPipelines, noteAutoCancel } from './queries/pipelines.ts';

/**
 * A user cancels a job (jobs-api 4.8). `force` only ends a job that is `canceling`; who may use it is asked before. Where
 * the verb does not apply nothing changes. Gives the job as it is now; null: there is none.
 */
export async function cancelJob(
  tx: Tx,
  jobId: number,
  { force }: { force: boolean },
  now: number,
): Promise<JobRow | null> {
  const result = await applyEvent(tx, jobId, { type: force ? 'force_cancel' : 'cancel' }, now);
  if (result.ok || result.reason === 'wrong_status') return result.job;
  return null;
}

/**
 * Cancels everything cancelable in a pipeline and in its child pipelines (ci-yaml 24). `autoCanceledById` is the pipeline
 * that made this one redundant. A pipeline that does not exist is ignored.
 */
export async function cancelPipeline(
  tx: Tx,
  pipelineId: number,
  { autoCanceledById }: { autoCanceledById?: number },
  now: number,
): Promise<void> {
  const pending = [pipelineId];
  for (const id of pending) {
    await cancelJobsOf(tx, id, autoCanceledById === undefined ? {} : { autoCanceledById }, now);
    pending.push(...(await childPipelines(tx, id)));
  }
}

/** Cancels a pipeline's cancelable jobs, all or those with ids in `only`, and records which pipeline asked for it. */
export async function cancelJobsOf(
  tx: Tx,
  pipelineId: number,
  { autoCanceledById, only }: { autoCanceledById?: number; only?: ReadonlySet<number> },
  now: number,
): Promise<void> {
  const session = await openPipeline(tx, pipelineId);
  if (session === null) return;
  const graceful = await gracefulJobs(tx, pipelineId);
  const changed = cancelAll(
    session.state,
    ({ id }) => graceful.has(id),
    ({ id }) => only === undefined || only.has(id),
  );
  if (changed.length === 0) return;
  if (autoCanceledById !== undefined) {
    await noteAutoCancel(tx, pipelineId, autoCanceledById);
    const patch = { autoCanceledById };
    for (const { id } of changed) session.patches.set(id, patch);
  }
  await saveAll(session, now);
}
