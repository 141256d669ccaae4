import type { Database } from '../db/database.ts';
import type { Reading } from '../db/transaction.ts';
import {
  deleteSomeJobs,
  deleteStagesOf,
  holdDraft,
  removeDraft,
  selectDrafts,
  selectIsDraft,
} from './create/queries/drafts.ts';

/** Jobs that are deleted at once, so that others can write in between. */
const AT_ONCE = 400;
/** A process that is alive has stored its pipeline by then, milliseconds. */
const GRACE_MS = 10 * 60_000;

/** Whether a pipeline's jobs are still being stored (`create/draft.ts`): for others it does not exist yet. */
export function isDraft(reading: Reading, pipelineId: number): Promise<boolean> {
  return selectIsDraft(reading, pipelineId);
}

/** Removes drafts of pipelines that a killed process left, begun `graceMs` ago or earlier. */
export async function removeDrafts(db: Database, now: number, graceMs = GRACE_MS): Promise<void> {
  for (const id of await selectDrafts(db.read, now - graceMs, 100)) {
    while (
      await db.transaction(async (tx) => {
        if (!(await holdDraft(tx, id))) return false;
        if (await deleteSomeJobs(tx, id, AT_ONCE)) return true;
        await deleteStagesOf(tx, id);
        await removeDraft(tx, id);
        return false;
      })
    );
  }
}
