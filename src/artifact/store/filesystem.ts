import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactStore, StoredReader, WriteResult } from '../store.ts';
import { syncDirectory } from '../sync-directory.ts';
import { openFile } from './file-reader.ts';
import { FileWriter } from './file-writer.ts';

const COMPANION = '.index';
const KEY = /^[0-9a-f]{48}$/;

/**
 * Files under `<dir>/<first two digits of the key>/<key>`. A file is written and synced under `<dir>/tmp`, renamed, and its
 * directory synced: after a crash it is whole under its key, or an orphan for the sweep (REL-3, REL-19).
 */
export class FileStore implements ArtifactStore {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Creates the directory (0700) when needed. */
  static async open(dir: string): Promise<FileStore> {
    await mkdir(join(dir, 'tmp'), { recursive: true, mode: 0o700 });
    return new FileStore(dir);
  }

  async write(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<WriteResult> {
    const key = randomBytes(24).toString('hex');
    const temporary = join(this.#dir, 'tmp', key);
    const hash = createHash('sha256');
    try {
      const writer = await FileWriter.open(temporary);
      try {
        for await (const chunk of source) {
          if (writer.size + chunk.length > limit) return { ok: false, reason: 'too_large' };
          await writer.add(chunk);
          hash.update(chunk);
        }
        await writer.finish();
      } finally {
        await writer.close();
      }
      await this.#publish(temporary, this.#path(key));
      return { ok: true, file: { key, size: writer.size, sha256: hash.digest('hex') } };
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async writeCompanion(key: string, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.#dir, 'tmp', key + COMPANION);
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#publish(temporary, this.#path(key) + COMPANION);
  }

  open(key: string): Promise<StoredReader | null> {
    return openFile(this.#path(key));
  }

  openCompanion(key: string): Promise<StoredReader | null> {
    return openFile(this.#path(key) + COMPANION);
  }

  async delete(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
    await rm(this.#path(key) + COMPANION, { force: true });
  }

  async sweep(before: number, known: (keys: readonly string[]) => Promise<Set<string>>): Promise<number> {
    let swept = 0;
    for (const shelf of await readdir(this.#dir)) {
      const names = await olderThan(before, join(this.#dir, shelf), await readdir(join(this.#dir, shelf)));
      const keys = [...new Set(names.map((name) => name.replace(COMPANION, '')))].filter((key) =>
        KEY.test(key),
      );
      const kept = shelf === 'tmp' ? new Set() : await known(keys);
      for (const name of names) {
        if (kept.has(name.replace(COMPANION, ''))) continue;
        await rm(join(this.#dir, shelf, name), { force: true });
        swept++;
      }
    }
    return swept;
  }

  #path(key: string): string {
    if (!KEY.test(key)) throw new Error(`not a key of this store: ${JSON.stringify(key)}`);
    return join(this.#dir, key.slice(0, 2), key);
  }

  async #publish(temporary: string, path: string): Promise<void> {
    const shelf = dirname(path);
    if ((await mkdir(shelf, { recursive: true, mode: 0o700 })) !== undefined) await syncDirectory(this.#dir);
    await rename(temporary, path);
    await syncDirectory(shelf);
  }
}

async function olderThan(before: number, dir: string, names: string[]): Promise<string[]> {
  const old: string[] = [];
  for (const name of names) {
    const found = await stat(join(dir, name)).catch(() => null);
    if (found !== null && found.mtimeMs < before) old.push(name);
  }
  return old;
}
