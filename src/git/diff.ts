import { isSha } from './ref-name.ts';
import type { Repositories } from './repository.ts';
import { git, runGit } from './run-git.ts';

/** The tree without entries, known to every git. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/**
 * Paths that differ between the commits `from` and `to`, sorted by bytes; a moved file counts under both its names.
 * `from` null: every path of `to`. Throws GitFailed when a commit is missing.
 */
export async function changedPaths(
  repositories: Repositories,
  projectId: number,
  from: string | null,
  to: string,
): Promise<string[]> {
  if (!isSha(to) || (from !== null && !isSha(from))) throw new RangeError('not a commit id');
  const output = await git(repositories.path(projectId), [
    'diff-tree',
    '-r',
    '-z',
    '--name-only',
    '--no-renames',
    '--no-ext-diff',
    '--end-of-options',
    from ?? EMPTY_TREE,
    to,
  ]);
  return output
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '');
}

/** A best common ancestor of two commits, or null when their histories are apart or a commit is missing. */
export async function mergeBase(
  repositories: Repositories,
  projectId: number,
  a: string,
  b: string,
): Promise<string | null> {
  if (!isSha(a) || !isSha(b)) throw new RangeError('not a commit id');
  const { code, stdout } = await runGit(repositories.path(projectId), [
    'merge-base',
    '--end-of-options',
    a,
    b,
  ]);
  return code === 0 ? stdout.toString('utf8').trim() : null;
}

/** Lines that a commit adds and takes away, against its first parent; those of binary files count as none. */
export async function commitStats(
  repositories: Repositories,
  projectId: number,
  sha: string,
): Promise<{ additions: number; deletions: number }> {
  if (!isSha(sha)) throw new RangeError('not a commit id');
  const output = await git(repositories.path(projectId), [
    'diff-tree',
    '--root',
    '-r',
    '-m',
    '--first-parent',
    '--no-commit-id',
    '--numstat',
    '-M',
    '--no-ext-diff',
    '--end-of-options',
    sha,
  ]);
  let [additions, deletions] = [0, 0];
  for (const [, added, deleted] of output.toString('latin1').matchAll(/^(\d+)\t(\d+)\t/gm)) {
    additions += Number(added);
    deletions += Number(deleted);
  }
  return { additions, deletions };
}
