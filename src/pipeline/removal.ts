import type { Database } from '../db/database.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import type { Traces } from '../trace/traces.ts';
import { deletePipeline } from './delete.ts';
import { applyEvent } from './job.ts';
import { deleteCommits, deleteRowsOfProject, selectOldest, selectUnfinished } from './queries/removal.ts';

/** Pipelines that are looked up at once, and commits of one transaction. */
const BATCH = 100;
const COMMITS = 1000;

/**
 * Deletes the pipelines of a removed project, each in a transaction of its own, so that nobody waits long and a killed
 * process has only to go on. Jobs that wait or run end with `project_deleted` first, which bridges of other projects see.
 */
export async function removePipelines(
  { db, traces }: { db: Database; traces: Traces },
  projectId: number,
  now: number,
): Promise<void> {
  for (;;) {
    const ids = await selectOldest(db.read, projectId, BATCH);
    if (ids.length === 0) break;
    for (const id of ids) await db.transaction((tx) => removePipeline(tx, traces, id, now));
  }
  let deleted = COMMITS;
  while (deleted === COMMITS) deleted = await db.transaction((tx) => deleteCommits(tx, projectId, COMMITS));
}

async function removePipeline(tx: Tx, traces: Traces, id: number, now: number): Promise<void> {
  for (const jobId of await selectUnfinished(tx, id)) {
    await applyEvent(tx, jobId, { type: 'drop', reason: 'project_deleted' }, now);
  }
  await deletePipeline(tx, traces, id, now);
}

/** Whether a project has a pipeline. */
export async function hasPipelines(reading: Reading, projectId: number): Promise<boolean> {
  return (await selectOldest(reading, projectId, 1)).length > 0;
}

/** Deletes what a removed project had beside its pipelines: schedules, webhooks, environments, resource groups. */
export function removeFromPipelines(tx: Tx, projectId: number): Promise<void> {
  return deleteRowsOfProject(tx, projectId);
}
