import type { Tx } from '../db/transaction.ts';
import type { Artifact } from './artifact.ts';
import { insertArtifact } from './queries.ts';

/** Makes a stored file visible as an artifact of its job; its bytes are durable already. It shares its pipeline's lock. */
export async function recordArtifact(tx: Tx, artifact: Omit<Artifact, 'id' | 'locked'>): Promise<void> {
  await insertArtifact(tx, artifact);
}
