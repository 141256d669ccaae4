import type { Database } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import { artifactsByJobs, deletedFiles, deleteRows, forgetDeleted, usedKeys } from './queries.ts';
import type { ArtifactType } from './report-types.ts';
import type { ArtifactStore } from './store.ts';

/** Which artifacts of a job go. */
export type Which = { only: readonly ArtifactType[] } | { except: readonly ArtifactType[] };

/** Deletes artifacts of these jobs; their bytes go later, by `removeDeletedFiles`. Gives how many went. */
export async function deleteArtifacts(
  tx: Tx,
  jobIds: readonly number[],
  which: Which,
  now: number,
): Promise<number> {
  const artifacts = [...(await artifactsByJobs(tx, jobIds)).values()]
    .flat()
    .filter(({ type }) => ('only' in which ? which.only.includes(type) : !which.except.includes(type)));
  return deleteRows(tx, artifacts, now);
}

/** Removes the bytes of up to `limit` files whose last row is gone; gives how many. Safe to repeat after a crash. */
export async function removeDeletedFiles(db: Database, store: ArtifactStore, limit: number): Promise<number> {
  const keys = await deletedFiles(db.read, limit);
  if (keys.length === 0) return 0;
  for (const key of keys) await store.delete(key);
  await db.transaction((tx) => forgetDeleted(tx, keys));
  return keys.length;
}

/** Deletes stored files older than `before` (milliseconds) that no artifact uses: uploads that a crash cut off. */
export async function sweepOrphans(db: Database, store: ArtifactStore, before: number): Promise<number> {
  return store.sweep(before, (keys) => usedKeys(db.read, keys));
}
