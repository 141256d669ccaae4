import type { Reading, Tx } from '../db/transaction.ts';
import type { RunnerType } from './match.ts';
import {
  addRunning,
  changeRunning,
  deleteRunningCounts,
  removeRunning,
  runningOnInstance,
} from './queries/running.ts';

/** Runners took these jobs: call in the transaction that makes them running. */
export async function started(
  tx: Tx,
  jobs: readonly { jobId: number; projectId: number; runnerId: number; runnerType: RunnerType }[],
): Promise<void> {
  const added = await addRunning(tx, jobs);
  const shared = Map.groupBy(
    added.filter(({ runnerType }) => runnerType === 'instance_type'),
    ({ projectId }) => projectId,
  );
  await changeRunning(tx, new Map([...shared].map(([projectId, { length }]) => [projectId, length])));
}

/** The job left the runner: call in the transaction that ends it. A job that did not run is ignored. */
export async function ended(tx: Tx, jobId: number): Promise<void> {
  const job = await removeRunning(tx, jobId);
  if (job?.runnerType === 'instance_type') await changeRunning(tx, new Map([[job.projectId, -1]]));
}

/** How many jobs of a project run on instance runners now. */
export function runningOnInstanceRunners(reading: Reading, projectId: number): Promise<number> {
  return runningOnInstance(reading, projectId);
}

/** Forgets the running jobs of a removed project, of which none runs any more. */
export function forgetRunning(tx: Tx, projectId: number): Promise<void> {
  return deleteRunningCounts(tx, projectId);
}
