import type { StoredReader } from './store.ts';
import { readCentralDirectory } from './zip-index/central-directory.ts';
import { encodeIndex } from './zip-index/index-file.ts';
import { encodeMetadata } from './zip-index/metadata.ts';
import { sortByPath } from './zip-index/sort.ts';

export type ZipIndexResult =
  /** `index` is stored as the zip's companion; `metadata` is GitLab's `metadata.gz`. */
  | { ok: true; index: Buffer; metadata: Buffer }
  /** Not a zip, or one whose parts contradict or overlap one another: refused (security ART-5). */
  | { ok: false; reason: 'broken' }
  /** A zip with more entries than we index: kept, but only as a whole. */
  | { ok: false; reason: 'too_large' };

/** Checks an uploaded zip once and makes what is needed to serve its files one by one without looking at it again. */
export async function indexZip(reader: StoredReader): Promise<ZipIndexResult> {
  const directory = await readCentralDirectory(reader);
  if (!directory.ok) return directory;
  const sorted = await sortByPath(directory.entries);
  return { ok: true, index: await encodeIndex(sorted), metadata: await encodeMetadata(sorted) };
}
