import type { Tx } from '../db/transaction.ts';
import { giveSlot } from './advance/give-slot.ts';
import { keepLatest } from './advance/keep-latest.ts';
import { mirrorInParent } from './advance/mirror.ts';
import { save } from './advance/save.ts';
import { openPipeline, type PipelineSession } from './advance/session.ts';

/**
 * A processing pass over a pipeline as it is stored (ci-yaml 22): after its creation, or to go on with a large one or with
 * what a killed process left. Pending jobs are in the queue and watchers are notified when it commits. A pipeline that does
 * not exist is ignored. The pass ends after some hundred jobs, so that others can write; then the pipeline is marked, and
 * `UNPROCESSED` calls for the next.
 */
export async function advance(tx: Tx, pipelineId: number, now: number): Promise<void> {
  const session = await openPipeline(tx, pipelineId);
  if (session !== null) await saveAll(session, now);
}

/**
 * Writes an event and everything that follows from it: the pipeline's own jobs, the next job of a resource group that it
 * freed, the bridge above it, and what follows from those.
 */
export async function saveAll(session: PipelineSession, now: number): Promise<void> {
  await saveEach([session], [], now);
}

/** The same for a resource group whose slot or order may have changed. */
export async function offerSlot(tx: Tx, groupId: number, now: number): Promise<void> {
  await saveEach([], [groupId], now, tx);
}

async function saveEach(
  unsaved: PipelineSession[],
  groups: number[],
  now: number,
  tx = unsaved[0]?.tx,
): Promise<void> {
  for (;;) {
    const session = unsaved.shift();
    if (session !== undefined) {
      const saved = await save(session, now);
      groups.push(...saved.resourceGroups);
      if (saved.movedFrom !== null && session.facts.status === 'success')
        await keepLatest(session.tx, session.facts.id);
      const parent = saved.movedFrom === null ? null : await mirrorInParent(session, saved.movedFrom);
      if (parent !== null) unsaved.push(parent);
      continue;
    }
    const group = groups.shift();
    if (group === undefined || tx === undefined) return;
    const given = await giveSlot(tx, group, now);
    if (given !== null) unsaved.push(given);
  }
}
