import { mkdirSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectReaders } from './object-reader.ts';
import { PackSlots } from './pack-slots.ts';

const CONFIG = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
`;

/**
 * The bare repositories of all projects, below one directory and named by project id: no part of a path on disk comes
 * from a user (security GIT-7). We lay them out ourselves, so there is no template, no hook and no configuration
 * but the format; what git may do is decided by `run-git.ts` for each command.
 */
export class Repositories {
  readonly #directory: string;
  /** Long-lived readers of objects, one for each busy repository. */
  readonly readers = new ObjectReaders();
  /** Turns for fetches, and apart from them for pushes, whose senders may be slow. */
  readonly fetches = new PackSlots();
  readonly pushes = new PackSlots();

  /** `directory` is created when missing. */
  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** Absolute path of a project's bare repository, whether it exists or not. Throws for anything but a positive id. */
  path(projectId: number): string {
    if (!Number.isSafeInteger(projectId) || projectId < 1) throw new RangeError('not a project id');
    return join(this.#directory, `${projectId}.git`);
  }

  /** Whether the project has a repository. */
  async exists(projectId: number): Promise<boolean> {
    return stat(join(this.path(projectId), 'HEAD')).then(
      () => true,
      () => false,
    );
  }

  /**
   * Makes an empty repository whose HEAD names `defaultBranch`, durable when it returns. It appears whole or not at
   * all; one that is there already stays as it is.
   */
  async create(projectId: number, defaultBranch: string): Promise<void> {
    const path = this.path(projectId);
    if (await this.exists(projectId)) return;
    const draft = await mkdtemp(join(this.#directory, 'new-'));
    try {
      await mkdir(join(draft, 'objects', 'pack'), { recursive: true });
      await mkdir(join(draft, 'refs', 'heads'), { recursive: true });
      await mkdir(join(draft, 'refs', 'tags'));
      await writeDurably(join(draft, 'config'), CONFIG);
      await writeDurably(join(draft, 'HEAD'), `ref: refs/heads/${defaultBranch}\n`);
      await syncDirectory(draft);
      await rename(draft, path);
      await syncDirectory(this.#directory);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      if (!(await this.exists(projectId))) throw error; // somebody else was faster
    }
  }

  /** Removes a project's repository; no error when there is none. */
  async remove(projectId: number): Promise<void> {
    this.readers.drop(this.path(projectId));
    const grave = await mkdtemp(join(this.#directory, 'old-'));
    await rename(this.path(projectId), join(grave, 'repository')).catch(ignoreMissing);
    await rm(grave, { recursive: true, force: true });
  }

  /** Clears what a killed process left between two states. Call at start, before anything is served. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      if (/^(new|old)-/.test(name)) await rm(join(this.#directory, name), { recursive: true, force: true });
    }
  }

  /** Ends the long-lived readers. */
  close(): void {
    this.readers.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the names in a directory durable: a rename is safe only after this. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
