import { withIndex } from './open-index.ts';
import type { ArtifactStore } from './store.ts';
import type { IndexedEntry, IndexFile } from './zip-index/index-file.ts';

/** A file or directory in an archive. `mode` is the octal Unix mode, six digits, or null when the archive has none. */
export interface TreeItem {
  name: string;
  /** From the root; a directory's ends in a slash. */
  path: string;
  type: 'file' | 'directory';
  /** Bytes; files only. */
  size?: number;
  mode: string | null;
}

export interface TreePage {
  items: TreeItem[];
  /** All items of the listing. */
  total: number;
}

export interface Listing {
  /** Directory; empty for the root, a slash at the end may be there or not. */
  path: string;
  /** All descendants instead of the children. */
  recursive: boolean;
  offset: number;
  limit: number;
}

export type TreeResult =
  | ({ ok: true } & TreePage)
  /** The archive has no index. */
  | { ok: false; reason: 'no_index' }
  /** No such directory in it. */
  | { ok: false; reason: 'no_path' };

/** One page of a directory of an archive: directories first, then files; recursive ones in order of their paths (jobs-api 5.5). */
export async function listTree(
  store: ArtifactStore,
  storeKey: string,
  listing: Listing,
): Promise<TreeResult> {
  const page = await withIndex(store, storeKey, (index) => listIndex(index, listing));
  if (page === null) return { ok: false, reason: 'no_index' };
  if (page.total === 0 && listing.path !== '' && !page.exists) return { ok: false, reason: 'no_path' };
  return { ok: true, items: page.items, total: page.total };
}

async function listIndex(index: IndexFile, listing: Listing): Promise<TreePage & { exists: boolean }> {
  const prefix = listing.path === '' || listing.path.endsWith('/') ? listing.path : `${listing.path}/`;
  const exists = (await index.find(prefix)) !== null;
  const page = listing.recursive
    ? await window(descendants(index, prefix), listing)
    : await windowOfChildren(index, prefix, listing);
  return { ...page, exists };
}

async function window(items: AsyncIterable<TreeItem>, { offset, limit }: Listing): Promise<TreePage> {
  const page: TreePage = { items: [], total: 0 };
  for await (const item of items) {
    if (page.total >= offset && page.items.length < limit) page.items.push(item);
    page.total++;
  }
  return page;
}

async function windowOfChildren(
  index: IndexFile,
  prefix: string,
  { offset, limit }: Listing,
): Promise<TreePage> {
  const directories: TreeItem[] = [];
  const files: TreeItem[] = [];
  for await (const item of children(index, prefix)) (item.type === 'file' ? files : directories).push(item);
  const all = [...directories, ...files];
  return { items: all.slice(offset, offset + limit), total: all.length };
}

/** Everything below `prefix`, directories that only names imply included, parents before their children. */
async function* descendants(index: IndexFile, prefix: string): AsyncGenerator<TreeItem> {
  let parent = prefix;
  for await (const entry of index.startingWith(prefix)) {
    if (entry.path === prefix) continue;
    const end = entry.path.endsWith('/') ? entry.path.length - 1 : entry.path.length;
    const folder = entry.path.slice(0, entry.path.lastIndexOf('/', end - 1) + 1);
    if (!parent.startsWith(folder)) yield* implied(folder, parent, prefix);
    parent = entry.path.endsWith('/') ? entry.path : folder;
    yield itemOf(entry);
  }
}

/** Directories on the way to `folder` that were not on the way to what came before, nor have entries of their own. */
function* implied(folder: string, before: string, prefix: string): Generator<TreeItem> {
  for (let slash = folder.indexOf('/', prefix.length); slash !== -1; slash = folder.indexOf('/', slash + 1)) {
    const path = folder.slice(0, slash + 1);
    if (!before.startsWith(path)) yield directory(path, null);
  }
}

/** Direct children of `prefix`; what lies below a child directory is skipped, not read. */
async function* children(index: IndexFile, prefix: string): AsyncGenerator<TreeItem> {
  let from = prefix;
  for (let more = true; more; ) {
    more = false;
    for await (const entry of index.startingWith(prefix, from)) {
      if (entry.path === prefix) continue;
      const slash = entry.path.indexOf('/', prefix.length);
      if (slash === -1) {
        yield itemOf(entry);
        continue;
      }
      const path = entry.path.slice(0, slash + 1);
      yield directory(path, entry.path === path ? entry.mode : null);
      from = `${entry.path.slice(0, slash)}0`; // the first name behind everything that begins with this directory
      more = true;
      break;
    }
  }
}

function itemOf(entry: IndexedEntry): TreeItem {
  if (entry.path.endsWith('/')) return directory(entry.path, entry.mode);
  const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
  return { name, path: entry.path, type: 'file', size: entry.size, mode: modeText(entry.mode) };
}

function directory(path: string, mode: number | null): TreeItem {
  const name = path.slice(path.lastIndexOf('/', path.length - 2) + 1, -1);
  return { name, path, type: 'directory', mode: modeText(mode) };
}

function modeText(mode: number | null): string | null {
  return mode === null ? null : mode.toString(8).padStart(6, '0');
}
