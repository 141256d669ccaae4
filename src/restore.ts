import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { syncDirectory } from './artifact/sync-directory.ts';
import { BACKUP_FORMAT, type BackupManifest, MANIFEST, readManifest } from './backup-stage.ts';
import { prepareDataDirectory } from './data-directory.ts';
import { readCommand, settingsHelp } from './settings.ts';
import { StartError } from './start-error.ts';

const HELP = `Usage: teaspoon restore FILE [settings]

Unpacks a backup of teaspoon backup into an empty data directory; the server that is started there goes on from the
moment of the backup. Jobs that ran then on the built-in runner fail with runner_system_failure; other runners may report the
end of theirs, or the jobs fail after an hour without a word.

A backup of a server with PostgreSQL holds no database: restore the dump with pg_restore before the server is started.

  --data DIRECTORY  where to; it must be empty or missing (TEASPOON_DATA, default ./data)

Exit code: 0 restored, 1 not restored, 2 wrong words.
`;

/** The command `teaspoon restore`. Throws StartError for a file that is no backup and a place that is not empty. */
export async function restore(words: string[]): Promise<number> {
  const { settings, names, help } = readCommand('restore', words);
  if (help) {
    process.stdout.write(`${HELP}\nAll settings\n${settingsHelp()}\n`);
    return 0;
  }
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) {
    console.error('Restoring needs the name of one backup. See teaspoon restore --help.');
    return 2;
  }
  const file = resolve(name);
  const zip = await openPromise(file, { autoClose: false }).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`${file} cannot be read as a backup (${error.code ?? error.message}).`);
  });
  try {
    prepareDataDirectory(settings.data);
    if ((await readdir(settings.data)).length > 0) {
      throw new StartError(
        `The data directory ${settings.data} is not empty. Restore into another one with --data or TEASPOON_DATA.`,
      );
    }
    const { files, database } = await unpack(zip, file, settings.data);
    console.log(`${settings.data}: ${files} files restored.`);
    if (database === 'postgres') {
      console.log('The backup is of a server with PostgreSQL: restore its dump with pg_restore.');
    }
    return 0;
  } finally {
    zip.close();
  }
}

/** Files come first into a directory of their own and move to their places when all are there, the database last. */
async function unpack(zip: ZipFile, file: string, data: string): Promise<BackupManifest> {
  const draft = join(data, 'restoring');
  let manifest: BackupManifest | null = null;
  let count = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (manifest === null) manifest = await manifestOf(zip, entry, file);
      else {
        await write(join(draft, safeName(entry.fileName, file)), await zip.openReadStreamPromise(entry));
        if (/^repositories\/\d+\.git\/HEAD$/.test(entry.fileName))
          await layOut(join(draft, dirname(entry.fileName)));
        count++;
      }
    }
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${file} is damaged, or could not be unpacked: ${(error as Error).message}.`);
  }
  if (manifest === null || count !== manifest.files) throw new StartError(`${file} is not a whole backup.`);
  if (manifest.database === 'sqlite') checkDatabase(join(draft, 'teaspoon.sqlite'), file);
  const names = await readdir(draft);
  for (const name of names.sort((a, b) => last(a) - last(b)))
    await rename(join(draft, name), join(data, name));
  await rmdir(draft);
  await syncDirectory(data);
  return manifest;
}

const last = (name: string) => Number(name.startsWith('teaspoon.sqlite'));

async function manifestOf(zip: ZipFile, entry: Entry, file: string): Promise<BackupManifest> {
  const manifest =
    entry.fileName === MANIFEST ? readManifest(await text(await zip.openReadStreamPromise(entry))) : null;
  if (manifest === null) throw new StartError(`${file} is not a backup of teaspoon backup.`);
  if (manifest.format > BACKUP_FORMAT) {
    throw new StartError(
      `${file} was made by a newer version (${manifest.version}). Restore it with that one.`,
    );
  }
  return manifest;
}

/** Only names that a backup holds: nothing leads out of the data directory. */
function safeName(name: string, file: string): string {
  const parts = name.split('/');
  if (parts.every((part) => /^[\w.-]+$/.test(part) && part !== '.' && part !== '..')) return name;
  throw new StartError(`${file} holds a name that no backup has: ${JSON.stringify(name)}.`);
}

async function write(path: string, source: NodeJS.ReadableStream): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await pipeline(source, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }));
}

/** Directories without which git sees no repository, empty as they may be. */
async function layOut(repository: string): Promise<void> {
  for (const name of ['refs/heads', 'refs/tags', 'objects/pack']) {
    await mkdir(join(repository, name), { recursive: true, mode: 0o700 });
  }
}

function checkDatabase(path: string, file: string): void {
  const handle = new DatabaseSync(path);
  try {
    const { quick_check } = handle.prepare('pragma quick_check(1)').get() as { quick_check: string };
    if (quick_check !== 'ok') throw new StartError(`The database in ${file} is damaged: ${quick_check}.`);
  } finally {
    handle.close();
  }
}
