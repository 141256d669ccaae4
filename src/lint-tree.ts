import { execFile } from 'node:child_process';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ConfigFiles, FileContext, FileResult } from './config/files.ts';

const OFFLINE = 'teaspoon lint works offline and reads only this working tree';

/** The files of a working tree, for checking its configuration where it lies; nothing else is reached. */
export class WorkingTree implements ConfigFiles {
  readonly #root: string;
  #paths: Promise<string[]> | null = null;
  /** What was read, by path: messages show lines of it. */
  readonly texts = new Map<string, string>();

  /** `root`: absolute, without symbolic links. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Null also for what lies outside of the tree, by `..` or a symbolic link. */
  async readLocal(_context: FileContext, path: string): Promise<string | null> {
    try {
      const file = await realpath(join(this.#root, path));
      if (!file.startsWith(this.#root + sep)) return null;
      const text = await readFile(file, 'utf8');
      this.texts.set(path, text);
      return text;
    } catch {
      return null;
    }
  }

  listPaths(): Promise<string[]> {
    this.#paths ??= this.#list();
    return this.#paths;
  }

  async openProject(path: string): Promise<FileResult<never>> {
    return { ok: false, message: `Project \`${path}\` could not be read: ${OFFLINE}.` };
  }

  async readRemote(url: string): Promise<FileResult<never>> {
    return { ok: false, message: `Remote file \`${url}\` could not be fetched: ${OFFLINE}.` };
  }

  async readTemplate(): Promise<null> {
    return null;
  }

  async readComponent(address: string): Promise<FileResult<never>> {
    return { ok: false, message: `Component '${address}' could not be fetched: ${OFFLINE}.` };
  }

  /** Nothing to compare with: `changes` holds. */
  async changedPaths(): Promise<FileResult<null>> {
    return { ok: true, value: null };
  }

  urls(): null {
    return null;
  }

  /** What git knows or would add; every file where there is no git. */
  async #list(): Promise<string[]> {
    const known = await git(this.#root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard');
    if (known !== null) return known.split('\0').filter((path) => path !== '');
    const entries = await readdir(this.#root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(this.#root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
  }
}

/** Output of a git command in a directory; null when it fails or git is not there. */
export function git(directory: string, ...args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('git', args, { cwd: directory, maxBuffer: 256 * 1024 * 1024 }, (error, stdout) =>
      resolve(error === null ? stdout.replace(/\n$/, '') : null),
    );
  });
}
