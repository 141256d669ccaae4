import type { Reading, Tx } from '../db/transaction.ts';
import type { RunnerType } from './match.ts';
import { addRunning, countRunning, removeRunning, runningOfRunner, runningOnInstance } from './queries.ts';

/** A runner took the job: call in the transaction that makes it running. */
export async function started(
  tx: Tx,
  job: { jobId: number; projectId: number; runnerId: number; runnerType: RunnerType },
): Promise<void> {
  await addRunning(tx, job);
  if (job.runnerType === 'instance_type') await countRunning(tx, job.projectId);
}

/** The job left the runner: call in the transaction that ends it. A job that did not run is ignored. */
export async function ended(tx: Tx, jobId: number): Promise<void> {
  const job = await removeRunning(tx, jobId);
  if (job?.runnerType === 'instance_type') await countRunning(tx, job.projectId);
}

/** How many jobs of a project run on instance runners now. */
export function runningOnInstanceRunners(reading: Reading, projectId: number): Promise<number> {
  return runningOnInstance(reading, projectId);
}

/** How many jobs a runner runs now. */
export function runningOn(reading: Reading, runnerId: number): Promise<number> {
  return runningOfRunner(reading, runnerId);
}
