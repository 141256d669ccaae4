import type { Reading, Tx } from '../db/transaction.ts';
import type { RunnerType } from './match.ts';
import { addRunning, countRunning, removeRunning, runningOnInstance } from './queries/running.ts';

/** Runners took these jobs: call in the transaction that makes them running. */
export async function started(
  tx: Tx,
  jobs: readonly { jobId: number; projectId: number; runnerId: number; runnerType: RunnerType }[],
): Promise<void> {
  await addRunning(tx, jobs);
  const shared = jobs.filter(({ runnerType }) => runnerType === 'instance_type');
  await countRunning(tx, [...new Set(shared.map(({ projectId }) => projectId))]);
}

/** The job left the runner: call in the transaction that ends it. A job that did not run is ignored. */
export async function ended(tx: Tx, jobId: number): Promise<void> {
  const job = await removeRunning(tx, jobId);
  if (job?.runnerType === 'instance_type') await countRunning(tx, [job.projectId]);
}

/** How many jobs of a project run on instance runners now, counted up to `limit`. */
export function runningOnInstanceRunners(
  reading: Reading,
  projectId: number,
  limit: number,
): Promise<number> {
  return runningOnInstance(reading, projectId, limit);
}
