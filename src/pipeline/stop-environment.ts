import type { Database } from '../db/database.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import type { Encryption } from '../project/encryption.ts';
import type { Environment } from './environment.ts';
import type { JobRow } from './job-lookup.ts';
import { isPlayable, playJob } from './play.ts';
import { selectStoppable } from './queries/deployments.ts';
import {
  deleteEnvironmentRows,
  moveEnvironment,
  selectDueToDelete,
  selectDueToStop,
  selectEnvironment,
} from './queries/environments.ts';
import { selectLatestJobs } from './queries/job-rows.ts';
import type { Sweep } from './sweep.ts';

const BATCH = 100;

/** The `on_stop` jobs of what was deployed last that a user could play now (ci-yaml 11). */
export async function stopJobsOf(reading: Reading, environmentId: number): Promise<JobRow[]> {
  const deployments = await selectStoppable(reading, environmentId);
  const [first] = deployments;
  if (first === undefined) return [];
  const names = new Set(deployments.map(({ onStop }) => onStop));
  const jobs = await selectLatestJobs(reading, first.pipelineId!);
  return jobs.filter((job) => names.has(job.name) && job.when === 'manual' && isPlayable(job));
}

/**
 * Stops an available environment (rest-resources 9.4): plays its `on_stop` jobs, whose success stops it, or stops it at once
 * where there is none, or by `force`. `userId` null: each job is played by the user it has. One that is not available
 * stays as it is, but for `force`.
 */
export async function stopEnvironment(
  tx: Tx,
  encryption: Encryption,
  environment: Environment,
  { userId, force = false }: { userId: number | null; force?: boolean },
  now: number,
): Promise<void> {
  const stopped = { state: 'stopped', auto_stop_at: null, updated_at: now };
  if (force) {
    await moveEnvironment(tx, environment.id, ['available', 'stopping'], stopped);
    return;
  }
  if (environment.state !== 'available') return;
  let played = 0;
  for (const job of await stopJobsOf(tx, environment.id)) {
    const player = userId ?? job.userId;
    if (player === null) continue;
    const result = await playJob(tx, encryption, job.id, { userId: player, variables: [] }, now);
    if (result.ok) played++;
  }
  const stopping = { state: 'stopping', updated_at: now };
  await moveEnvironment(tx, environment.id, ['available'], played > 0 ? stopping : stopped);
}

/** Stops environments whose `auto_stop_in` has passed, and deletes review apps that were given up. */
export async function sweepEnvironments(
  { db, encryption }: { db: Database; encryption: Encryption },
  now: number,
): Promise<Sweep> {
  const sweep: Sweep = { done: 0, broken: [] };
  const each = async (id: number, work: (tx: Tx) => Promise<void>) => {
    try {
      await db.transaction(work);
      sweep.done++;
    } catch (error) {
      sweep.broken.push({ id, error });
    }
  };
  for (const { id, project_id: projectId } of await selectDueToStop(db.read, now, BATCH)) {
    await each(id, async (tx) => {
      const environment = await selectEnvironment(tx, projectId, id);
      if (environment?.autoStopAt == null || environment.autoStopAt > now) return;
      await stopEnvironment(tx, encryption, environment, { userId: null }, now);
    });
  }
  for (const id of await selectDueToDelete(db.read, now, BATCH)) {
    await each(id, (tx) => deleteEnvironmentRows(tx, id));
  }
  return sweep;
}
