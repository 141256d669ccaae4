import { removeDeletedFiles, sweepOrphans } from '../artifact/delete.ts';
import { deleteExpired } from '../artifact/expire.ts';
import type { ArtifactStore } from '../artifact/store.ts';
import type { Database } from '../db/database.ts';

/** Rows of one transaction, and files removed between two looks at the table. */
const BATCH = 200;
/** A file that nobody writes to any more and that no row names after this time is left over (security REL-19). */
const ORPHAN_AGE_MS = 3600 * 1000;

/**
 * Deletes artifacts that are past their expiry and not locked, then the bytes of all that was deleted by whatever way
 * (security ART-12). Gives how many rows and files went. `now` in milliseconds.
 */
export async function artifactExpiry(
  db: Database,
  store: ArtifactStore,
  now: number,
): Promise<{ expired: number; removed: number }> {
  let expired = 0;
  for (let batch = BATCH; batch === BATCH; expired += batch) batch = await deleteExpired(db, BATCH, now);
  let removed = 0;
  for (let batch = BATCH; batch === BATCH; removed += batch)
    batch = await removeDeletedFiles(db, store, BATCH);
  return { expired, removed };
}

/** Deletes stored files that no artifact uses: what uploads left that a crash cut off (security REL-3). Gives how many. */
export async function orphanedFiles(db: Database, store: ArtifactStore, now: number): Promise<number> {
  return sweepOrphans(db, store, now - ORPHAN_AGE_MS);
}
