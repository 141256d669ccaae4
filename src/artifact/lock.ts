import type { Tx } from '../db/transaction.ts';
import { setLocked } from './queries.ts';

/**
 * Keeps the artifacts of these pipelines past their expiry: the latest successful one of its ref and its descendants
 * (jobs-api 5.0). What their jobs upload later is locked as long as the pipeline's row says so.
 */
export async function lockArtifacts(tx: Tx, pipelineIds: readonly number[]): Promise<void> {
  if (pipelineIds.length > 0) await setLocked(tx, pipelineIds, true);
}

/** Lets the artifacts of these pipelines expire again: a newer one of the ref succeeded. */
export async function unlockArtifacts(tx: Tx, pipelineIds: readonly number[]): Promise<void> {
  if (pipelineIds.length > 0) await setLocked(tx, pipelineIds, false);
}
