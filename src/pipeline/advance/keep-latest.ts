import { lockArtifacts, unlockArtifacts } from '../../artifact/lock.ts';
import type { Tx } from '../../db/transaction.ts';
import { selectKeepFacts, selectLocked, selectWithChildren, setLocked } from '../queries/locks.ts';

/**
 * A pipeline has succeeded: if it is the latest successful one of its ref, its artifacts and those of its children outlive
 * their expiry, and those of the one before no longer do (jobs-api 5.0). A child that ends after its parent shares the
 * parent's lot.
 */
export async function keepLatest(tx: Tx, pipelineId: number): Promise<void> {
  const facts = await selectKeepFacts(tx, pipelineId);
  if (facts === null) return;
  const isChild = facts.source === 'parent_pipeline';
  if (isChild) {
    if (facts.parentLocked) await keep(tx, await selectWithChildren(tx, pipelineId));
    return;
  }
  const family = await selectWithChildren(tx, pipelineId);
  const others = (await selectLocked(tx, facts)).filter(({ id }) => !family.includes(id));
  if (others.some(({ id, source }) => id > pipelineId && source !== 'parent_pipeline')) return;
  const older = others.map(({ id }) => id);
  await setLocked(tx, older, false);
  await unlockArtifacts(tx, older);
  if (facts.keepsLatest) await keep(tx, family);
}

async function keep(tx: Tx, pipelineIds: readonly number[]): Promise<void> {
  await setLocked(tx, pipelineIds, true);
  await lockArtifacts(tx, pipelineIds);
}
