import type { ArtifactStore } from './store.ts';
import { IndexFile } from './zip-index/index-file.ts';

/** Runs `work` with the index of a stored zip; null when it has none. */
export async function withIndex<T>(
  store: ArtifactStore,
  storeKey: string,
  work: (index: IndexFile) => Promise<T>,
): Promise<T | null> {
  const reader = await store.openCompanion(storeKey);
  if (reader === null) return null;
  try {
    return await work(await IndexFile.open(reader));
  } finally {
    await reader.close();
  }
}
