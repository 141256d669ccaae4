import { isSha, isValidRefName } from './ref-name.ts';
import type { Repositories } from './repository.ts';
import { GitFailed, git, runGit } from './run-git.ts';
import { updateRef } from './update-ref.ts';

/** What a branch or tag stands at. */
export interface Ref {
  /** Without `refs/heads/` or `refs/tags/`. */
  name: string;
  /** What the ref holds: a commit, or the tag object of an annotated tag. */
  objectSha: string;
  /** The commit behind it; null when a tag names something else. */
  commitSha: string | null;
  /** Text of an annotated tag, without its signature. */
  message: string | null;
  /** When an annotated tag was made, milliseconds. */
  taggedAt: number | null;
}

/** A name, a full ref, HEAD, a commit id (7 digits at least) and then any of `~2`, `^`, `^2`. */
const REVISION = /^(?<base>[^~^]+)(?<steps>(?:[~^]\d{0,4}){0,8})$/;

/**
 * The commit id a revision stands for, or null: a branch, else a tag, else `refs/…`, `HEAD` or a commit id, with steps
 * to ancestors. Nothing of it is ever an option or git's wider syntax (security GIT-1).
 */
export async function resolve(
  repositories: Repositories,
  projectId: number,
  revision: string,
): Promise<string | null> {
  const { base, steps } = REVISION.exec(revision)?.groups ?? {};
  if (base === undefined || steps === undefined) return null;
  const path = repositories.path(projectId);
  if (!(await repositories.exists(projectId))) return null;
  for (const name of candidates(base)) {
    const info = await repositories.readers.info(path, `${name}${steps}^{commit}`);
    if (info !== null) return info.sha;
  }
  return null;
}

function candidates(base: string): string[] {
  if (isSha(base) || base === 'HEAD') return [base];
  if (base.startsWith('refs/')) return isValidRefName(base.slice(5)) ? [base] : [];
  if (!isValidRefName(base)) return [];
  const names = [`refs/heads/${base}`, `refs/tags/${base}`];
  return /^[0-9a-f]{7,39}$/.test(base) ? [...names, base] : names;
}

/** The commit a branch stands at, or null. */
export function branchHead(
  repositories: Repositories,
  projectId: number,
  branch: string,
): Promise<string | null> {
  return commitAt(repositories, projectId, 'refs/heads/', branch);
}

/** The commit a tag stands for, through a tag object if there is one, or null. */
export function tagCommit(
  repositories: Repositories,
  projectId: number,
  tag: string,
): Promise<string | null> {
  return commitAt(repositories, projectId, 'refs/tags/', tag);
}

async function commitAt(repositories: Repositories, projectId: number, prefix: string, name: string) {
  if (!isValidRefName(name) || !(await repositories.exists(projectId))) return null;
  const info = await repositories.readers.info(repositories.path(projectId), `${prefix}${name}^{commit}`);
  return info?.sha ?? null;
}

/** Whether there is such a branch. */
export async function branchExists(
  repositories: Repositories,
  projectId: number,
  branch: string,
): Promise<boolean> {
  return (await branchHead(repositories, projectId, branch)) !== null;
}

/** Whether there is such a tag, of a commit. */
export async function tagExists(
  repositories: Repositories,
  projectId: number,
  tag: string,
): Promise<boolean> {
  return (await tagCommit(repositories, projectId, tag)) !== null;
}

/** How refs are ordered: by name, by the date of commit or tag, or by the version in the name; `-` turns it round. */
export type RefOrder = `${'' | '-'}${'name' | 'date' | 'version'}`;

const ORDER_KEYS = { name: 'refname', date: 'creatordate', version: 'version:refname' } as const;

/** All branches. */
export function listBranches(
  repositories: Repositories,
  projectId: number,
  order: RefOrder = 'name',
): Promise<Ref[]> {
  return list(repositories, projectId, 'refs/heads/', order);
}

/** All tags. */
export function listTags(
  repositories: Repositories,
  projectId: number,
  order: RefOrder = 'name',
): Promise<Ref[]> {
  return list(repositories, projectId, 'refs/tags/', order);
}

/** Names of the branches whose commits are all in the history of `sha`. */
export async function branchesMergedInto(
  repositories: Repositories,
  projectId: number,
  sha: string,
): Promise<ReadonlySet<string>> {
  if (!isSha(sha)) throw new RangeError('not a commit id');
  return namesOf(repositories, projectId, [`--merged=${sha}`, 'refs/heads/']);
}

/** Short names of the branches and tags whose history holds the commit. */
export async function refsContaining(
  repositories: Repositories,
  projectId: number,
  sha: string,
): Promise<{ branches: string[]; tags: string[] }> {
  if (!isSha(sha)) throw new RangeError('not a commit id');
  const branches = await namesOf(repositories, projectId, [`--contains=${sha}`, 'refs/heads/']);
  const tags = await namesOf(repositories, projectId, [`--contains=${sha}`, 'refs/tags/']);
  return { branches: [...branches], tags: [...tags] };
}

async function namesOf(
  repositories: Repositories,
  projectId: number,
  filter: string[],
): Promise<Set<string>> {
  const output = await git(repositories.path(projectId), [
    'for-each-ref',
    '--format=%(refname:lstrip=2)',
    ...filter,
  ]);
  return new Set(
    output
      .toString('utf8')
      .split('\n')
      .filter((name) => name !== ''),
  );
}

const FIELDS = [
  '%(refname)',
  '%(objectname)',
  '%(objecttype)',
  '%(*objectname)',
  '%(*objecttype)',
  '%(contents:subject)',
  '%(contents:body)',
  '%(creatordate:unix)',
];

async function list(
  repositories: Repositories,
  projectId: number,
  prefix: string,
  order: RefOrder,
): Promise<Ref[]> {
  if (!(await repositories.exists(projectId))) return [];
  const format = `${FIELDS.join('%00')}%00%01`;
  const key = ORDER_KEYS[order.replace('-', '') as keyof typeof ORDER_KEYS];
  const sort = ['--sort=refname', `--sort=${order.startsWith('-') ? '-' : ''}${key}`];
  const args = ['for-each-ref', ...sort, `--format=${format}`, prefix];
  const output = await git(repositories.path(projectId), args);
  return output
    .toString('utf8')
    .split('\0\u0001\n')
    .filter((record) => record !== '')
    .map((record) => toRef(record.split('\0'), prefix));
}

function toRef(fields: string[], prefix: string): Ref {
  const [
    ref = '',
    objectSha = '',
    type = '',
    peeledSha = '',
    peeledType = '',
    subject = '',
    body = '',
    date = '',
  ] = fields;
  const commitSha = type === 'commit' ? objectSha : peeledType === 'commit' ? peeledSha : null;
  const text = body === '' ? subject : `${subject}\n\n${body}`;
  return {
    name: ref.slice(prefix.length),
    objectSha,
    commitSha,
    message: type === 'tag' ? text.trimEnd() : null,
    taggedAt: type === 'tag' ? Number(date) * 1000 : null,
  };
}

/** The names of all refs and what they hold, and of tag objects also what is behind them, as a push is told. */
export async function allRefs(path: string): Promise<{ ref: string; sha: string }[]> {
  const output = await git(path, ['for-each-ref', '--format=%(objectname) %(refname)']);
  return output
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ sha: line.slice(0, 40), ref: line.slice(41) }));
}

/** What one full ref holds, unpeeled; null when it does not exist. */
export async function readRef(path: string, full: string): Promise<string | null> {
  const { code, stdout } = await runGit(path, ['show-ref', '--verify', '--hash', '--', full]);
  return code === 0 ? stdout.toString('utf8').trim() : null;
}

/** The branch HEAD names, existing or not; null when HEAD is something else. */
export async function headBranch(repositories: Repositories, projectId: number): Promise<string | null> {
  const { code, stdout } = await runGit(repositories.path(projectId), ['symbolic-ref', '-q', 'HEAD']);
  const target = stdout.toString('utf8').trim();
  return code === 0 && target.startsWith('refs/heads/') ? target.slice(11) : null;
}

/** Makes HEAD name `branch`; it need not exist. Throws for a name that may not be a branch. */
export async function setHead(repositories: Repositories, projectId: number, branch: string): Promise<void> {
  if (!isValidRefName(branch)) throw new RangeError('not a branch name');
  await mustUpdate(repositories.path(projectId), ['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
}

async function mustUpdate(path: string, args: readonly string[]): Promise<void> {
  const { code, stderr } = await updateRef(path, args);
  if (code !== 0) throw new GitFailed(`git ${args[0]}: exit ${code}: ${stderr}`);
}

const pipelineRef = (pipelineId: number) => `refs/pipelines/${pipelineId}`;

/**
 * Keeps a pipeline's commit reachable whatever happens to its branch; must exist before a job is handed out
 * (runner-api "Refspecs"). Durable when it returns. Writing it again changes nothing.
 */
export async function writePipelineRef(
  repositories: Repositories,
  projectId: number,
  pipelineId: number,
  sha: string,
): Promise<void> {
  if (!isSha(sha)) throw new RangeError('not a commit id');
  await mustUpdate(repositories.path(projectId), ['update-ref', pipelineRef(pipelineId), sha]);
}

/** Removes a pipeline's ref; no error when there is none. */
export async function deletePipelineRef(
  repositories: Repositories,
  projectId: number,
  pipelineId: number,
): Promise<void> {
  if (!(await repositories.exists(projectId))) return;
  await mustUpdate(repositories.path(projectId), ['update-ref', '-d', pipelineRef(pipelineId)]);
}
