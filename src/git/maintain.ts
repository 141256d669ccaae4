import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repositories } from './repository.ts';
import { git } from './run-git.ts';

/** Every push adds a pack and every pipeline a ref file; past these numbers they are gathered. */
const MAX_PACKS = 40;
const MAX_LOOSE_REFS = 500;
const TIMEOUT_MS = 60 * 60 * 1000;

const running = new Set<string>();

/**
 * Gathers a repository's packs and loose refs when there are many, at a cost that grows with what was added, not with
 * the history. Nothing is ever thrown away, so it is safe beside pushes and fetches. Gives what it did.
 */
export async function maintain(
  repositories: Repositories,
  projectId: number,
): Promise<{ packs: boolean; refs: boolean }> {
  const path = repositories.path(projectId);
  if (running.has(path)) return { packs: false, refs: false };
  running.add(path);
  try {
    const packs = (await countOf(join(path, 'objects', 'pack'), '.pack')) > MAX_PACKS;
    const refs = (await countOf(join(path, 'refs', 'pipelines'), '')) > MAX_LOOSE_REFS;
    if (packs) await git(path, ['repack', '--geometric=2', '-d', '-l', '-q'], { timeoutMs: TIMEOUT_MS });
    if (refs) await git(path, ['pack-refs', '--all', '--prune'], { timeoutMs: TIMEOUT_MS });
    return { packs, refs };
  } finally {
    running.delete(path);
  }
}

async function countOf(directory: string, ending: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((name) => name.endsWith(ending)).length;
}
