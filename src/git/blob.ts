import type { Readable } from 'node:stream';
import { isSha } from './ref-name.ts';
import type { Repositories } from './repository.ts';
import { GitFailed, git, killGroup, spawnGit } from './run-git.ts';

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const STREAM_TIMEOUT_MS = 60 * 60 * 1000;

/** A path inside a tree as git stores it: no leading slash, no `.` or `..` parts, nothing that ends a protocol line. */
export function isTreePath(path: string): boolean {
  if (path === '' || /[\n\0]/.test(path)) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/**
 * Content of the file `path` in the commit `sha`; null when the commit or the file is missing or `path` is a directory.
 * A symbolic link gives the text of its target. Throws GitFailed when it is larger than `maxBytes` (64 MiB when absent).
 */
export async function readBlob(
  repositories: Repositories,
  projectId: number,
  sha: string,
  path: string,
  maxBytes = DEFAULT_MAX_BYTES,
): Promise<Buffer | null> {
  const info = await blobInfo(repositories, projectId, sha, path);
  if (info === null) return null;
  if (info.size > maxBytes) throw new GitFailed(`a file of ${info.size} bytes is more than ${maxBytes}`);
  const blob = await repositories.readers.read(repositories.path(projectId), info.sha);
  return blob?.content ?? null;
}

/** Hash and size in bytes of the file `path` in the commit `sha`, or null. */
export async function blobInfo(
  repositories: Repositories,
  projectId: number,
  sha: string,
  path: string,
): Promise<{ sha: string; size: number } | null> {
  if (!isSha(sha) || !isTreePath(path) || !(await repositories.exists(projectId))) return null;
  const info = await repositories.readers.info(repositories.path(projectId), `${sha}:${path}`);
  return info?.type === 'blob' ? { sha: info.sha, size: info.size } : null;
}

/** Every path of the commit's tree, files only (a submodule is none), sorted by bytes. Throws GitFailed for a missing commit. */
export async function listPaths(
  repositories: Repositories,
  projectId: number,
  sha: string,
): Promise<string[]> {
  const output = await git(repositories.path(projectId), [
    'ls-tree',
    '-r',
    '-z',
    '--full-tree',
    '--end-of-options',
    sha,
  ]);
  return output
    .toString('utf8')
    .split('\0')
    .filter((entry) => entry.slice(7, 11) === 'blob')
    .map((entry) => entry.slice(entry.indexOf('\t') + 1));
}

/** The bytes of a blob as a stream that ends its child when it is dropped; for those too large to hold. */
export function streamBlob(repositories: Repositories, projectId: number, blobSha: string): Readable {
  if (!isSha(blobSha)) throw new RangeError('not a blob id');
  const args = ['cat-file', 'blob', '--end-of-options', blobSha];
  const child = spawnGit(repositories.path(projectId), args, { timeoutMs: STREAM_TIMEOUT_MS });
  child.stdin.end();
  child.stderr.resume();
  child.once('error', (error) => child.stdout.destroy(error));
  child.stdout.once('close', () => killGroup(child));
  return child.stdout;
}
