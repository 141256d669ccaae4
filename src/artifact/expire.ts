import type { Database } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import { deleteRows, expiredArtifacts, expireProject, setExpiry } from './queries.ts';

/** Forgets when a job's artifacts expire. */
export async function keepArtifacts(tx: Tx, jobId: number): Promise<void> {
  await setExpiry(tx, jobId, null);
}

/** Makes all artifacts of a project expire now, but locked ones and logs; the duty deletes them (jobs-api 5.8). */
export async function expireArtifactsOfProject(tx: Tx, projectId: number, now: number): Promise<void> {
  await expireProject(tx, projectId, now);
}

/**
 * Deletes up to `limit` artifacts that are past their expiry and not locked; gives how many. What is due is found by an
 * index on the expiry, so the cost does not depend on history.
 */
export async function deleteExpired(db: Database, limit: number, now: number): Promise<number> {
  const due = await expiredArtifacts(db.read, now, limit);
  if (due.length === 0) return 0;
  return db.transaction(async (tx) => {
    // Read again inside: one may have been kept or locked in between.
    const still = await expiredArtifacts(tx, now, limit);
    return deleteRows(tx, still, now);
  });
}
