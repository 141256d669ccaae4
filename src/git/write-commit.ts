import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { isTreePath } from './blob.ts';
import { Quarantine } from './receive-pack/quarantine.ts';
import type { Repositories } from './repository.ts';
import { git, runGit } from './run-git.ts';

/** One change of a commit made without a working tree (rest-resources 4.3, 4.4). */
export interface FileAction {
  action: 'create' | 'update' | 'delete' | 'move' | 'chmod';
  path: string;
  /** For `move`. */
  previousPath?: string | undefined;
  /** For `create`, `update`, and `move` that also changes. */
  content?: Buffer | undefined;
  executable?: boolean | undefined;
}

export interface Person {
  name: string;
  email: string;
}

export interface NewCommit {
  /** Null for the first commit of a repository. */
  parent: string | null;
  actions: readonly FileAction[];
  message: string;
  author: Person;
  committer: Person;
  /** Milliseconds. */
  now: number;
}

export type WriteResult = { ok: true; sha: string } | { ok: false; message: string };

interface Entry {
  mode: string;
  sha: string;
}

const EXISTS = 'A file with this name already exists';
const MISSING = "A file with this name doesn't exist";
const PATH_REFUSED = 'The path of a file is not allowed';
const CONTENT_REFUSED = 'The content of a file is not allowed';
const NEVER = new AbortController().signal;

/**
 * Stores a commit that changes `parent` as the actions say; no ref moves. The objects pass the same checks as a pushed
 * pack, and nothing is stored when an action cannot be or a check fails.
 */
export async function writeCommit(
  repositories: Repositories,
  projectId: number,
  commit: NewCommit,
): Promise<WriteResult> {
  const path = repositories.path(projectId);
  const before = await entriesOf(path, commit.parent);
  const refusal = refusalOf(commit.actions, new Set(before.keys()));
  if (refusal !== null) return { ok: false, message: refusal };
  const draft = await Quarantine.open(path, NEVER);
  try {
    const write = (args: string[], input: string | Buffer) => git(path, args, { env: draft.env, input });
    const after = new Map(before);
    for (const action of commit.actions) await apply(write, after, action);
    const tree = await writeTree(path, draft.env, after);
    if (tree === null) return { ok: false, message: PATH_REFUSED };
    const object = await write(['hash-object', '-w', '-t', 'commit', '--stdin'], commitText(tree, commit));
    const sha = idOf(object);
    const range = commit.parent === null ? `${sha}\n` : `${sha}\n^${commit.parent}\n`;
    const pack = await write(['pack-objects', '--stdout', '--revs', '-q'], range);
    return (await storeChecked(path, pack)) ? { ok: true, sha } : { ok: false, message: CONTENT_REFUSED };
  } finally {
    await draft.drop();
  }
}

/** The way a pushed pack takes: whole, checked, or not at all. */
async function storeChecked(path: string, pack: Buffer): Promise<boolean> {
  const quarantine = await Quarantine.open(path, NEVER);
  try {
    const stored = await quarantine.store(Readable.from([pack]), Number.MAX_SAFE_INTEGER);
    if (stored.ok) await quarantine.accept();
    return stored.ok;
  } finally {
    await quarantine.drop();
  }
}

const idOf = (output: Buffer): string => output.toString('latin1').trim();

async function entriesOf(path: string, parent: string | null): Promise<Map<string, Entry>> {
  if (parent === null) return new Map();
  const output = await git(path, ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', parent]);
  const lines = output
    .toString('utf8')
    .split('\0')
    .filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [mode = '', , sha = ''] = line.slice(0, line.indexOf('\t')).split(' ');
      return [line.slice(line.indexOf('\t') + 1), { mode, sha }];
    }),
  );
}

/** Pure: plays the actions on the names alone. */
function refusalOf(actions: readonly FileAction[], names: Set<string>): string | null {
  if (actions.length === 0) return 'A commit needs at least one change';
  for (const { action, path, previousPath } of actions) {
    if (!isTreePath(path)) return PATH_REFUSED;
    const source = action === 'move' ? (previousPath ?? '') : path;
    if (action !== 'create' && !names.has(source)) return MISSING;
    if (action === 'delete' || action === 'move') names.delete(source);
    if (action === 'create' || action === 'move') {
      if (names.has(path)) return EXISTS;
      names.add(path);
    }
  }
  return null;
}

type Write = (args: string[], input: string | Buffer) => Promise<Buffer>;

async function apply(write: Write, entries: Map<string, Entry>, action: FileAction): Promise<void> {
  const writeBlob = async (content: Buffer) =>
    idOf(await write(['hash-object', '-w', '-t', 'blob', '--stdin'], content));
  const source = action.action === 'move' ? (action.previousPath ?? '') : action.path;
  const old = entries.get(source);
  if (action.action === 'delete' || action.action === 'move') entries.delete(source);
  if (action.action === 'delete') return;
  const sha = action.content === undefined ? old?.sha : await writeBlob(action.content);
  const executable = action.executable ?? old?.mode === '100755';
  entries.set(action.path, {
    mode: executable ? '100755' : '100644',
    sha: sha ?? (await writeBlob(Buffer.alloc(0))),
  });
}

/** Null when git does not take every path: it drops `.git` in any spelling, and a file where a directory comes. */
async function writeTree(
  path: string,
  quarantine: Readonly<Record<string, string>>,
  entries: ReadonlyMap<string, Entry>,
): Promise<string | null> {
  const directory = await mkdtemp(join(path, 'edit-'));
  try {
    const env = { ...quarantine, GIT_INDEX_FILE: join(directory, 'index') };
    const input = [...entries].map(([name, { mode, sha }]) => `${mode} ${sha}\t${name}\0`).join('');
    const { code } = await runGit(path, ['update-index', '-z', '--index-info'], { env, input });
    if (code !== 0) return null;
    const taken = (await git(path, ['ls-files', '-z'], { env })).toString('utf8').split('\0').length - 1;
    return taken === entries.size ? idOf(await git(path, ['write-tree'], { env })) : null;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function commitText(tree: string, { parent, message, author, committer, now }: NewCommit): string {
  const when = `${Math.floor(now / 1000)} +0000`;
  const lines = [
    `tree ${tree}`,
    ...(parent === null ? [] : [`parent ${parent}`]),
    `author ${personText(author)} ${when}`,
    `committer ${personText(committer)} ${when}`,
  ];
  return `${lines.join('\n')}\n\n${message.replaceAll('\0', '')}`;
}

/** Names and addresses lose what would break the line. */
function personText({ name, email }: Person): string {
  const clean = (text: string) => text.replace(/[<>\n\r\0]/g, '').trim();
  return `${clean(name) || 'nobody'} <${clean(email)}>`;
}
