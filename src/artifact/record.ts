import type { Reading, Tx } from '../db/transaction.ts';
import type { Artifact } from './artifact.ts';
import { deleteTotal, insertArtifact, totalSize } from './queries.ts';

/** Makes a stored file visible as an artifact of its job; its bytes are durable already. It shares its pipeline's lock. */
export async function recordArtifact(tx: Tx, artifact: Omit<Artifact, 'id' | 'locked'>): Promise<void> {
  await insertArtifact(tx, artifact);
}

/** Bytes of all artifacts of a project, logs among them. */
export function artifactBytes(reading: Reading, projectId: number): Promise<number> {
  return totalSize(reading, projectId);
}

/** Drops the count of a project that is being removed and has no artifact any more. */
export function forgetArtifactBytes(tx: Tx, projectId: number): Promise<void> {
  return deleteTotal(tx, projectId);
}
