import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../repository.ts';
import { exitOf, feed, git, runGit, spawnGit, stderrOf } from '../run-git.ts';

const PREFIX = 'tmp_objdir-incoming-';
const PACK_HEADER_BYTES = 12;
const INDEX_TIMEOUT_MS = 60 * 60 * 1000;
const CONNECTIVITY_TIMEOUT_MS = 15 * 60 * 1000;
const STALE_MS = 24 * 60 * 60 * 1000;

/** Old histories hold these harmless flaws; nothing about `.git*` names is ever relaxed (security GIT-4). */
const FSCK = 'zeroPaddedFilemode=ignore,missingSpaceBeforeDate=ignore,badTimezone=ignore';

export type StoreResult = { ok: true } | { ok: false; message: string };

/**
 * Where a pushed pack lies until it is accepted: an object directory of its own that sees the repository's objects
 * while nobody sees it. Dropped whole when the push is refused or the process dies.
 */
export class Quarantine {
  readonly #path: string;
  readonly #directory: string;
  readonly #signal: AbortSignal;

  private constructor(path: string, directory: string, signal: AbortSignal) {
    this.#path = path;
    this.#directory = directory;
    this.#signal = signal;
  }

  /** Makes one in the repository at `path`; `signal` ends every command that works in it. */
  static async open(path: string, signal: AbortSignal): Promise<Quarantine> {
    const directory = await mkdtemp(join(path, 'objects', PREFIX));
    return new Quarantine(path, directory, signal);
  }

  /** The environment in which git reads this and the repository's objects and writes only here. */
  get env(): Record<string, string> {
    return {
      GIT_OBJECT_DIRECTORY: this.#directory,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: quotePath(join(this.#path, 'objects')),
      GIT_QUARANTINE_PATH: this.#directory,
    };
  }

  /**
   * Streams a pack into the quarantine, checking every object (fsck). Reads the stream to its end in any case, so that
   * the client hears the outcome. More than `maxBytes` is refused.
   */
  async store(pack: AsyncIterable<Buffer>, maxBytes: number): Promise<StoreResult> {
    const source = pack[Symbol.asyncIterator]();
    const header = await readHeader(source);
    if (header.length < PACK_HEADER_BYTES || header.toString('latin1', 0, 4) !== 'PACK') {
      await drain(source);
      return { ok: false, message: 'the pack is missing or malformed' };
    }
    if (header.readUInt32BE(8) === 0) {
      await drain(source);
      return { ok: true };
    }
    const args = ['index-pack', '--stdin', '--fix-thin', `--strict=${FSCK}`, `--max-input-size=${maxBytes}`];
    const child = spawnGit(this.#path, args, {
      env: this.env,
      timeoutMs: INDEX_TIMEOUT_MS,
      signal: this.#signal,
    });
    const stderr = stderrOf(child);
    child.stdout.resume();
    const exit = exitOf(child, 'index-pack');
    exit.catch(() => {}); // awaited below, after the stream
    await feed(child, together(header, source));
    const code = await exit;
    return code === 0 ? { ok: true } : { ok: false, message: this.#withoutPaths(stderr()) };
  }

  /** Whether everything reachable from `shas` is here or behind the repository's branches and tags. */
  async isConnected(shas: readonly string[]): Promise<boolean> {
    const args = ['rev-list', '--objects', '--stdin', '--not', '--branches', '--tags', '--quiet'];
    const { code } = await runGit(this.#path, args, {
      env: this.env,
      input: `${shas.join('\n')}\n`,
      timeoutMs: CONNECTIVITY_TIMEOUT_MS,
      signal: this.#signal,
    });
    return code === 0;
  }

  /** The type of each object, null for one that is missing. */
  async typesOf(shas: readonly string[]): Promise<(string | null)[]> {
    const output = await git(this.#path, ['cat-file', '--batch-check=%(objecttype)'], {
      env: this.env,
      input: `${shas.join('\n')}\n`,
      signal: this.#signal,
    });
    const types = output.toString('latin1').split('\n');
    return shas.map((_, index) => (/^[a-z]+$/.test(types[index] ?? '') ? (types[index] ?? null) : null));
  }

  /** Whether `ancestor` is in the history of `descendant`; false when it is missing. */
  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const args = ['merge-base', '--is-ancestor', '--end-of-options', ancestor, descendant];
    const { code } = await runGit(this.#path, args, { env: this.env, signal: this.#signal });
    return code === 0;
  }

  /** Moves the objects into the repository, durably, and closes the quarantine. An index goes last: it makes its pack visible. */
  async accept(): Promise<void> {
    const from = join(this.#directory, 'pack');
    const to = join(this.#path, 'objects', 'pack');
    const names = await readdir(from).catch(() => []);
    const isIndex = (name: string) => Number(name.endsWith('.idx'));
    const packs = names.filter((name) => name.startsWith('pack-')).sort((a, b) => isIndex(a) - isIndex(b));
    for (const name of packs) await rename(join(from, name), join(to, name));
    if (packs.length > 0) await syncDirectory(to);
    await this.drop();
  }

  /** Forgets everything in it. Safe to call twice. */
  async drop(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  #withoutPaths(text: string): string {
    return text.replaceAll(this.#directory, 'incoming').replaceAll(this.#path, 'repository');
  }
}

/** Removes quarantines a killed process left more than a day ago. `now` in milliseconds. */
export async function sweepQuarantines(path: string, now: number): Promise<void> {
  const objects = join(path, 'objects');
  for (const name of await readdir(objects)) {
    if (!name.startsWith(PREFIX)) continue;
    const info = await stat(join(objects, name)).catch(() => null);
    if (info !== null && info.mtimeMs < now - STALE_MS) {
      await rm(join(objects, name), { recursive: true, force: true });
    }
  }
}

/** A path in git's list of object directories, where `:` separates. */
function quotePath(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

async function readHeader(source: AsyncIterator<Buffer>): Promise<Buffer> {
  let held = Buffer.alloc(0);
  while (held.length < PACK_HEADER_BYTES) {
    const { done, value } = await source.next();
    if (done === true) break;
    held = Buffer.concat([held, value]);
  }
  return held;
}

async function drain(source: AsyncIterator<Buffer>): Promise<void> {
  while ((await source.next()).done !== true) {}
}

async function* together(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let step = await rest.next(); step.done !== true; step = await rest.next()) yield step.value;
}
