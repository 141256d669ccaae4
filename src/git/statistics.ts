import type { Database } from '../db/database.ts';
import type { Reading } from '../db/transaction.ts';
import { putStatistics, statisticsRow } from './queries.ts';
import { resolve } from './refs.ts';
import type { Repositories } from './repository.ts';
import { git, runGit } from './run-git.ts';

/** What a repository holds. */
export interface RepositoryStatistics {
  /** Bytes on disk. */
  size: number;
  /** Commits behind HEAD. */
  commitCount: number;
}

/** A push notes its project's activity at most this often, in milliseconds. */
const ACTIVITY_STEP_MS = 60_000;
const COUNT_TIMEOUT_MS = 10 * 60 * 1000;

/**
 * Size and number of commits of a project's repository. Counted anew only when the project was active since the last
 * count (`lastActivityAt`, milliseconds), and then only the commits that are new.
 */
export async function repositoryStatistics(
  { db, repositories }: { db: Database; repositories: Repositories },
  project: { id: number; lastActivityAt: number },
  now: number,
): Promise<RepositoryStatistics> {
  const known = await storedStatistics(db.read, project.id);
  if (known !== null && known.refreshedAt > project.lastActivityAt + ACTIVITY_STEP_MS) return known;
  if (!(await repositories.exists(project.id))) return { size: 0, commitCount: 0 };
  const path = repositories.path(project.id);
  const head = await resolve(repositories, project.id, 'HEAD');
  const commitCount = head === null ? 0 : await countCommits(path, head, known);
  const fresh = { size: await diskSize(path), commitCount, countedSha: head };
  await db.transaction((tx) => putStatistics(tx, project.id, fresh, now));
  return fresh;
}

interface Stored extends RepositoryStatistics {
  countedSha: string | null;
  refreshedAt: number;
}

async function storedStatistics(reading: Reading, projectId: number): Promise<Stored | null> {
  const row = await statisticsRow(reading, projectId);
  if (row === undefined) return null;
  const { size, commit_count, counted_sha, refreshed_at } = row;
  return { size, commitCount: commit_count, countedSha: counted_sha, refreshedAt: refreshed_at };
}

async function countCommits(path: string, head: string, known: Stored | null): Promise<number> {
  const before = known?.countedSha ?? null;
  const options = { timeoutMs: COUNT_TIMEOUT_MS };
  const goesOn =
    before !== null &&
    (await runGit(path, ['merge-base', '--is-ancestor', before, head], options)).code === 0;
  const range = goesOn ? [`${before}..${head}`] : [head];
  const output = await git(path, ['rev-list', '--count', '--end-of-options', ...range], options);
  return Number(output.toString()) + (goesOn ? (known?.commitCount ?? 0) : 0);
}

/** Bytes of packs and loose objects. */
async function diskSize(path: string): Promise<number> {
  const output = (await git(path, ['count-objects', '-v'])).toString();
  const kib = [...output.matchAll(/^size(?:-pack)?: (\d+)$/gm)].map(([, size]) => Number(size));
  return kib.reduce((sum, size) => sum + size, 0) * 1024;
}
