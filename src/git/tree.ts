import { isTreePath } from './blob.ts';
import { isSha } from './ref-name.ts';
import type { Repositories } from './repository.ts';
import { runGit } from './run-git.ts';

export interface TreeEntry {
  id: string;
  /** Last part of the path. */
  name: string;
  /** `commit` is a submodule. */
  type: 'tree' | 'blob' | 'commit';
  path: string;
  /** Six octal digits. */
  mode: string;
}

/**
 * What stands in the directory `path` (empty: the root) of a commit, directories first, by name; with everything below
 * it when `recursive`. Null when the commit has no such directory.
 */
export async function listTree(
  repositories: Repositories,
  projectId: number,
  sha: string,
  path: string,
  recursive: boolean,
): Promise<TreeEntry[] | null> {
  if (!isSha(sha) || (path !== '' && !isTreePath(path))) return null;
  const flags = ['-z', '--full-tree', ...(recursive ? ['-r', '-t'] : [])];
  const { code, stdout } = await runGit(repositories.path(projectId), [
    'ls-tree',
    ...flags,
    '--end-of-options',
    `${sha}:${path}`,
  ]);
  if (code !== 0) return null;
  const entries = stdout
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '');
  const parsed = entries.map((line) => parseEntry(line, path));
  return recursive ? parsed : parsed.sort((a, b) => rank(a) - rank(b));
}

function parseEntry(line: string, directory: string): TreeEntry {
  const [mode = '', type = '', id = ''] = line.slice(0, line.indexOf('\t')).split(' ');
  const below = line.slice(line.indexOf('\t') + 1);
  return {
    id,
    name: below.slice(below.lastIndexOf('/') + 1),
    type: type as TreeEntry['type'],
    path: directory === '' ? below : `${directory}/${below}`,
    mode,
  };
}

function rank({ type }: TreeEntry): number {
  return type === 'tree' ? 0 : 1;
}

/** Whether the file `path` of a commit may be executed; null when there is no such file. */
export async function isExecutable(
  repositories: Repositories,
  projectId: number,
  sha: string,
  path: string,
): Promise<boolean | null> {
  if (!isTreePath(path)) return null;
  const directory = path.slice(0, Math.max(path.lastIndexOf('/'), 0));
  const entries = await listTree(repositories, projectId, sha, directory, false);
  const entry = entries?.find((one) => one.path === path && one.type === 'blob');
  return entry === undefined ? null : entry.mode === '100755';
}
