import { RE2JS } from 're2js';
import { blobInfo } from '../../git/blob.ts';
import type { Repositories } from '../../git/repository.ts';
import { git } from '../../git/run-git.ts';
import { listTree } from '../../git/tree.ts';
import type { KeySource } from './cache.ts';

/**
 * Reads what makes a cache key out of files at a commit (ci-yaml 9): their content, or the commits that last changed them.
 * In `files` a `*` is any text without `/` and `**` any text; paths of `files_commits` are git's pathspecs.
 */
export function keySourceAt(repositories: Repositories, projectId: number, sha: string): KeySource {
  return async (kind, paths) => {
    const ids = await Promise.all(
      paths.map(async (path) => {
        if (kind === 'files_commits') return lastCommit(repositories, projectId, sha, path);
        if (path.includes('*')) return matching(repositories, projectId, sha, path);
        return (await blobInfo(repositories, projectId, sha, path))?.sha;
      }),
    );
    return ids.flat().filter((id) => id !== undefined && id !== '') as string[];
  };
}

/** What patterns name in commits, by both: the jobs of a pipeline ask the same. It depends on nothing else. */
const known = new Map<string, string[]>();
const MAX_KNOWN = 100;
const MAX_IDS = 1000;

async function matching(repositories: Repositories, projectId: number, sha: string, pattern: string) {
  const key = `${sha} ${pattern}`;
  let ids = known.get(key);
  if (ids === undefined) {
    const entries = (await listTree(repositories, projectId, sha, '', true)) ?? [];
    const parts = pattern.split(/(\*\*|\*)/).map((part) => WILD.get(part) ?? RE2JS.quote(part));
    const regex = RE2JS.compile(parts.join(''), RE2JS.DOTALL);
    ids = entries.filter(({ type, path }) => type === 'blob' && regex.matches(path)).map(({ id }) => id);
    if (known.size >= MAX_KNOWN) known.clear();
    if (ids.length <= MAX_IDS) known.set(key, ids);
  }
  return ids;
}

const WILD = new Map([
  ['**', '.*'],
  ['*', '[^/]*'],
]);

async function lastCommit(repositories: Repositories, projectId: number, sha: string, path: string) {
  const pathspec = path.startsWith(':') ? `:(literal)${path}` : path;
  const words = ['log', '-1', '--format=%H', '--end-of-options', sha, '--', pathspec];
  return (await git(repositories.path(projectId), words)).toString('utf8').trim();
}
