import { deleteArtifacts } from '../artifact/delete.ts';
import type { Tx } from '../db/transaction.ts';
import type { Traces } from '../trace/traces.ts';
import { cancelPipeline } from './cancel.ts';
import { applyEvent } from './job.ts';
import { deletePipelineRows, selectAttempts, selectFamily } from './queries/delete.ts';
import { noteStatusEvent } from './status-events.ts';

/** Jobs whose files are given up at once; bounds the statements, not the work. */
const BATCH = 500;

/**
 * Deletes a pipeline and its child pipelines with everything they hold (jobs-api 12): what still runs is ended first, so
 * that queue, slots and tokens are free; logs and artifacts go through the rooms that own them. Gives the ids of all
 * deleted pipelines, none when there is no such pipeline.
 */
export async function deletePipeline(
  tx: Tx,
  traces: Traces,
  pipelineId: number,
  now: number,
): Promise<number[]> {
  const family = await selectFamily(tx, pipelineId);
  if (family.length === 0) return [];
  await cancelPipeline(tx, pipelineId, {}, now);
  for (const id of family) await endAttempts(tx, id, now);
  for (const id of family) {
    const jobIds = (await selectAttempts(tx, id)).map((job) => job.id);
    for (let start = 0; start < jobIds.length; start += BATCH) {
      const batch = jobIds.slice(start, start + BATCH);
      await traces.erase(tx, batch, now);
      await deleteArtifacts(tx, batch, { except: [] }, now);
    }
    const projectId = await deletePipelineRows(tx, id);
    if (projectId !== null) {
      await noteStatusEvent(tx, { projectId, pipelineId: id, status: 'deleted', jobs: [] }, now);
    }
    tx.notify(`pipeline:${id}`);
  }
  return family;
}

/** Attempts that wind down, and older ones that a retry left running. */
async function endAttempts(tx: Tx, pipelineId: number, now: number): Promise<void> {
  for (const { id, status } of await selectAttempts(tx, pipelineId)) {
    if (status === 'running') await applyEvent(tx, id, { type: 'cancel' }, now);
    if (status === 'running' || status === 'canceling') {
      await applyEvent(tx, id, { type: 'force_cancel' }, now);
    }
  }
}
