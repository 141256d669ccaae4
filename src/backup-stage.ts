import { constants, type Dirent } from 'node:fs';
import { copyFile, link, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { backup as copyDatabase, DatabaseSync } from 'node:sqlite';
import { allRefs } from './git/refs.ts';
import { StartError } from './start-error.ts';

/** First file of a backup: what it is. */
export const MANIFEST = 'teaspoon-backup.json';
export const BACKUP_FORMAT = 1;

export interface BackupManifest {
  format: number;
  version: string;
  /** ISO 8601. */
  created_at: string;
  /** With `postgres` the database lies elsewhere. */
  database: 'sqlite' | 'postgres';
  files: number;
}

/** A file of a stage, with the bytes of it that belong to the backup. */
export interface StagedFile {
  path: string;
  size: number;
}

const DATABASE = 'teaspoon.sqlite';
/** Artifacts and ended logs lose files while they are looked at: then a newer state of the database is taken. */
const MAX_ATTEMPTS = 10;

/**
 * Gathers below `stage`, which lies in the data directory, everything that a backup holds, by hard links where the bytes
 * do not change. The order makes it whole beside a server that serves: files are held before the database is read, so
 * that nothing its rows name can go, and repositories are read after it, so that they have every commit it knows.
 */
export async function stageBackup(
  data: string,
  stage: string,
  { database }: { database: boolean },
): Promise<StagedFile[]> {
  await linkTree(data, stage, 'artifacts', isStored);
  await linkTree(data, stage, 'traces', isTrace);
  if (database) await stageDatabase(data, stage);
  else await linkTree(data, stage, 'artifacts', isStored);
  await stageRepositories(data, stage);
  await stageKeys(data, stage);
  return await sizesOf(stage);
}

const isStored = (path: string) => !path.startsWith('artifacts/tmp/');
const isTrace = (path: string) => path.endsWith('.log');

/** The database as it was at one moment, with every file that its rows name. */
async function stageDatabase(data: string, stage: string): Promise<void> {
  const source = join(data, DATABASE);
  if (!(await exists(source))) throw new StartError(`There is no database in ${data}.`);
  for (let attempt = 1; ; attempt++) {
    const handle = new DatabaseSync(source, { timeout: 5000 });
    try {
      handle.exec('begin');
      handle.prepare('select count(*) from migrations').get(); // from here on this handle sees this moment
      await linkTree(data, stage, 'artifacts', isStored);
      await linkTree(data, stage, 'traces', isTrace);
      const lost = await missingFile(handle, source, stage);
      if (lost === null) {
        await copyDatabase(handle, join(stage, DATABASE), { rate: 10_000 });
        return;
      }
      if (attempt === MAX_ATTEMPTS)
        throw new StartError(`A file that the database names is missing: ${lost}.`);
    } finally {
      handle.close();
    }
  }
}

/** A file that this state of the database names and the stage does not hold, or null. */
async function missingFile(handle: DatabaseSync, source: string, stage: string): Promise<string | null> {
  for (const row of handle.prepare('select store_key from artifacts').iterate()) {
    const key = String(row.store_key);
    const path = join('artifacts', key.slice(0, 2), key);
    if (!(await exists(join(stage, path)))) return path;
  }
  const now = new DatabaseSync(source, { timeout: 5000 });
  try {
    const live = handle.prepare('select job_id from traces where archived = 0').all();
    const since = now.prepare('select archived from traces where job_id = ?');
    for (const { job_id } of live) {
      const path = join('traces', `${job_id}.log`);
      // A log that has no byte yet has no file either; one that was archived meanwhile had one.
      if (since.get(job_id as number)?.archived === 1 && !(await exists(join(stage, path)))) return path;
    }
  } finally {
    now.close();
  }
  return null;
}

/** Each repository as git would clone it, with all its refs: loose files that git moves about are left out. */
async function stageRepositories(data: string, stage: string): Promise<void> {
  const names = await namesIn(join(data, 'repositories'));
  for (const { name } of names) {
    if (!/^\d+\.git$/.test(name)) continue;
    const path = join(data, 'repositories', name);
    const target = join(stage, 'repositories', name);
    try {
      await stageRepository(path, target, data, stage);
    } catch (error) {
      if (await exists(join(path, 'HEAD'))) throw error; // else its project was removed meanwhile
    }
  }
}

async function stageRepository(path: string, target: string, data: string, stage: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const refs = await allRefs(path);
  const lines = refs.map(({ sha, ref }) => `${sha} ${ref}\n`).sort(byRef);
  await writeFile(join(target, 'packed-refs'), lines.join(''));
  for (const name of ['HEAD', 'config']) await copyFile(join(path, name), join(target, name));
  const below = join('repositories', path.slice(path.lastIndexOf('/') + 1), 'objects');
  // Packs that are gathered disappear after the pack of all of them came: one look without a loss has everything.
  while (!(await linkTree(data, stage, below, isObject))) {
    // look again
  }
}

function byRef(a: string, b: string): number {
  const [left, right] = [a.slice(a.indexOf(' ')), b.slice(b.indexOf(' '))];
  return left < right ? -1 : left > right ? 1 : 0;
}

const isObject = (path: string) =>
  /\/objects\/([0-9a-f]{2}\/[0-9a-f]{38,62}|pack\/pack-[0-9a-f]+\.\w+|info\/(?!alternates).*)$/.test(path);

/** Keys, and by which ids the processes of the built-in runner are known, so that their jobs are ended after a restore. */
async function stageKeys(data: string, stage: string): Promise<void> {
  for (const entry of await namesIn(data)) {
    if (/^[\w-]+\.(key|token)$/.test(entry.name)) await copyTo(data, stage, entry.name);
  }
  for (const { name } of await namesIn(join(data, 'builtin-runner'))) {
    const file = join('builtin-runner', name, 'system_id');
    if (name.startsWith('process-') && (await exists(join(data, file)))) await copyTo(data, stage, file);
  }
}

async function copyTo(data: string, stage: string, path: string): Promise<void> {
  await mkdir(dirname(join(stage, path)), { recursive: true });
  await copyFile(join(data, path), join(stage, path));
}

/** Links every wanted file below `below` that is not linked yet. False when one was gone before it could be linked. */
async function linkTree(
  data: string,
  stage: string,
  below: string,
  wanted: (path: string) => boolean,
): Promise<boolean> {
  let whole = true;
  for (const entry of await namesIn(join(data, below))) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) whole = (await linkTree(data, stage, path, wanted)) && whole;
    else if (wanted(path)) whole = (await linkFile(join(data, path), join(stage, path))) && whole;
  }
  return whole;
}

async function linkFile(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'EEXIST':
        return true;
      case 'ENOENT': {
        if (!(await exists(from))) return false;
        await mkdir(dirname(to), { recursive: true });
        return await linkFile(from, to);
      }
      case 'EPERM':
      case 'ENOTSUP':
      case 'EMLINK':
        await copyFile(from, to, constants.COPYFILE_FICLONE);
        return true;
      default:
        throw error;
    }
  }
}

/** Every staged file with its size now: what a running job adds to its log from here on is not in the backup. */
async function sizesOf(stage: string): Promise<StagedFile[]> {
  const files: StagedFile[] = [];
  for (const entry of await readdir(stage, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.push({ path, size: (await stat(path)).size });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function namesIn(path: string): Promise<Dirent[]> {
  return await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** What a backup says of itself; null for a text that says nothing of the kind. */
export function readManifest(text: string): BackupManifest | null {
  try {
    const manifest = JSON.parse(text) as Partial<BackupManifest> | null;
    return typeof manifest?.format === 'number' ? (manifest as BackupManifest) : null;
  } catch {
    return null;
  }
}
