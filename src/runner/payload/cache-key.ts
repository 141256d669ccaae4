import { blobInfo } from '../../git/blob.ts';
import type { Repositories } from '../../git/repository.ts';
import { git } from '../../git/run-git.ts';
import type { KeySource } from './cache.ts';

/** Reads what makes a cache key out of files at a commit (ci-yaml 9): their content, or the commits that last changed them. */
export function keySourceAt(repositories: Repositories, projectId: number, sha: string): KeySource {
  return async (kind, paths) => {
    const ids = await Promise.all(
      paths.map(async (path) =>
        kind === 'files'
          ? (await blobInfo(repositories, projectId, sha, path))?.sha
          : lastCommit(repositories, projectId, sha, path),
      ),
    );
    return ids.filter((id) => id !== undefined && id !== '') as string[];
  };
}

async function lastCommit(repositories: Repositories, projectId: number, sha: string, path: string) {
  const words = ['log', '-1', '--format=%H', '--end-of-options', sha, '--', `:(literal)${path}`];
  return (await git(repositories.path(projectId), words)).toString('utf8').trim();
}
