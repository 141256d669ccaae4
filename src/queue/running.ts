import { allDone } from '../db/all-done.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import type { RunnerType } from './match.ts';
import { refreshOffersOfProjects } from './queries/offers.ts';
import {
  addRunning,
  changeRunning,
  deleteRunningCounts,
  removeRunning,
  runningOnInstance,
} from './queries/running.ts';
import { unsettledIn } from './unsettled.ts';

/** Runners took these jobs: call in the transaction that makes them running. What was claimed there is settled with its claims. */
export async function started(
  tx: Tx,
  jobs: readonly { jobId: number; projectId: number; runnerId: number; runnerType: RunnerType }[],
): Promise<void> {
  const added = await addRunning(tx, jobs);
  const shared = Map.groupBy(
    added.filter(({ runnerType }) => runnerType === 'instance_type'),
    ({ projectId }) => projectId,
  );
  const changes = new Map([...shared].map(([projectId, { length }]) => [projectId, length]));
  const unsettled = unsettledIn(tx)?.started;
  if (unsettled === undefined) return countRunning(tx, changes);
  for (const [projectId, more] of changes) unsettled.set(projectId, (unsettled.get(projectId) ?? 0) + more);
}

/** The job left the runner: call in the transaction that ends it. A job that did not run is ignored. */
export async function ended(tx: Tx, jobId: number): Promise<void> {
  const job = await removeRunning(tx, jobId);
  if (job?.runnerType === 'instance_type') await countRunning(tx, new Map([[job.projectId, -1]]));
}

/** So many more jobs of these projects run on instance runners, or fewer: writes it, and what their offers say. */
export async function countRunning(tx: Tx, changes: ReadonlyMap<number, number>): Promise<void> {
  const [late] = await allDone([
    changeRunning(tx, changes),
    refreshOffersOfProjects(tx, [...changes.keys()]),
  ]);
  await refreshOffersOfProjects(tx, late);
}

/** How many jobs of a project run on instance runners now. */
export function runningOnInstanceRunners(reading: Reading, projectId: number): Promise<number> {
  return runningOnInstance(reading, projectId);
}

/** Forgets the running jobs of a removed project, of which none runs any more. */
export function forgetRunning(tx: Tx, projectId: number): Promise<void> {
  return deleteRunningCounts(tx, projectId);
}
