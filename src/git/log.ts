import { type GitCommit, parseCommit } from './commit.ts';
import { isSha } from './ref-name.ts';
import type { Repositories } from './repository.ts';
import { git } from './run-git.ts';

export interface LogFilter {
  /** Commits to start from; `all` for every branch and tag. */
  from: string | 'all';
  /** A commit whose whole history is left out. */
  without?: string | undefined;
  /** A file or directory whose history is wanted. */
  path?: string | undefined;
  /** Milliseconds. */
  since?: number | undefined;
  until?: number | undefined;
  /** Part of the author's name or address. */
  author?: string | undefined;
  firstParent?: boolean | undefined;
  /** Never a parent before its children. */
  topological?: boolean | undefined;
  offset: number;
  limit: number;
}

/** Commits in a history, newest first. Throws GitFailed when the start is missing. */
export async function listCommits(
  repositories: Repositories,
  projectId: number,
  filter: LogFilter,
): Promise<GitCommit[]> {
  const path = repositories.path(projectId);
  const output = await git(path, [
    'rev-list',
    ...flagsOf(filter),
    ...startOf(filter),
    '--',
    ...pathOf(filter),
  ]);
  const shas = output.toString('latin1').split('\n').filter(isSha);
  const objects = await Promise.all(shas.map((sha) => repositories.readers.read(path, sha)));
  return objects.flatMap((object) => (object === null ? [] : parseCommit(object.info.sha, object.content)));
}

function flagsOf(filter: LogFilter): string[] {
  const flags = [`--max-count=${filter.limit}`, `--skip=${filter.offset}`];
  if (filter.since !== undefined) flags.push(`--since=${Math.floor(filter.since / 1000)}`);
  if (filter.until !== undefined) flags.push(`--until=${Math.floor(filter.until / 1000)}`);
  if (filter.author !== undefined) flags.push('--fixed-strings', `--author=${filter.author}`);
  if (filter.firstParent) flags.push('--first-parent');
  if (filter.topological) flags.push('--topo-order');
  return flags;
}

function startOf({ from, without }: LogFilter): string[] {
  if (from === 'all') return ['--branches', '--tags', '--end-of-options'];
  if (!isSha(from)) throw new RangeError('not a commit id');
  if (without !== undefined && !isSha(without)) throw new RangeError('not a commit id');
  return ['--end-of-options', from, ...(without === undefined ? [] : [`^${without}`])];
}

/** Paths are taken as they are written: no pattern of git's has a meaning in them. */
function pathOf({ path }: LogFilter): string[] {
  return path === undefined || path === '' ? [] : [`:(literal)${path}`];
}

/** The newest commit that changed `path` in the history of `sha`, or null. */
export async function lastCommitOf(
  repositories: Repositories,
  projectId: number,
  sha: string,
  path: string,
): Promise<string | null> {
  const [commit] = await listCommits(repositories, projectId, { from: sha, path, offset: 0, limit: 1 });
  return commit?.sha ?? null;
}
