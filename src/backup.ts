import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { syncDirectory } from './artifact/sync-directory.ts';
import { BACKUP_FORMAT, type BackupManifest, MANIFEST, stageBackup } from './backup-stage.ts';
import { readCommand, settingsHelp } from './settings.ts';
import { StartError } from './start-error.ts';
import { VERSION } from './version.ts';

const HELP = `Usage: teaspoon backup FILE [settings]

Writes everything of a data directory into FILE, while the server serves or not: database, repositories, logs,
artifacts and the keys, without which tokens and variables are worth nothing. Whoever has FILE has all of it: keep it
safe. FILE appears whole or not at all and takes the place of an older one.

What was acknowledged before the backup began is in it; a push that comes while it is written may be in it with its
commits alone. Caches and working directories of the built-in runner are left out.

With --database-url the database is not in FILE: take it with pg_dump first, then make the backup.

  --data DIRECTORY  the data directory (TEASPOON_DATA, default ./data)

Exit code: 0 written, 1 not written, 2 wrong words. See also teaspoon restore --help.
`;

const STALE_MS = 86_400_000;

/** The command `teaspoon backup`. Throws StartError where there is nothing to back up or nowhere to write. */
export async function backup(words: string[]): Promise<number> {
  const { settings, names, help } = readCommand('backup', words);
  if (help) {
    process.stdout.write(`${HELP}\nAll settings\n${settingsHelp()}\n`);
    return 0;
  }
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) {
    console.error('A backup needs the name of one file. See teaspoon backup --help.');
    return 2;
  }
  const file = resolve(name);
  await mustBeDirectory(dirname(file), 'the directory of the backup');
  await mustBeDirectory(settings.data, 'the data directory');
  await sweepStages(settings.data);
  const stage = await mkdtemp(join(settings.data, 'backup-'));
  try {
    const staged = await stageBackup(settings.data, stage, { database: settings.databaseUrl === null });
    const manifest: BackupManifest = {
      format: BACKUP_FORMAT,
      version: VERSION,
      created_at: new Date().toISOString(),
      database: settings.databaseUrl === null ? 'sqlite' : 'postgres',
      files: staged.length,
    };
    const bytes = await writeArchive(file, stage, staged, manifest);
    console.log(`${file}: ${staged.length} files, ${bytes} bytes.`);
    if (settings.databaseUrl !== null) {
      console.log('The PostgreSQL database is not in it: it belongs to the dump that pg_dump made before.');
    }
    return 0;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Clears what backups left that were killed; one that is being made is younger. */
async function sweepStages(data: string): Promise<void> {
  for (const name of await readdir(data)) {
    if (!name.startsWith('backup-')) continue;
    const { mtimeMs } = await stat(join(data, name));
    if (mtimeMs < Date.now() - STALE_MS) await rm(join(data, name), { recursive: true, force: true });
  }
}

async function mustBeDirectory(path: string, what: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (!found?.isDirectory()) throw new StartError(`There is no ${path}, ${what}.`);
}

/** A zip with the manifest first; durable under its name, or absent. Gives its size in bytes. */
async function writeArchive(
  file: string,
  stage: string,
  staged: readonly { path: string; size: number }[],
  manifest: BackupManifest,
): Promise<number> {
  const draft = `${file}.${process.pid}.part`;
  try {
    const zip = new ZipFile();
    zip.on('error', (error) => (zip.outputStream as Readable).destroy(error));
    const written = pipeline(zip.outputStream, createWriteStream(draft, { mode: 0o600 }));
    zip.addBuffer(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), MANIFEST);
    for (const { path, size } of staged) {
      const name = relative(stage, path);
      const compress = name === 'teaspoon.sqlite' || name.startsWith('traces/');
      zip.addReadStreamLazy(name, { size, compress, mode: 0o100600 }, (callback) =>
        callback(null, readPart(path, size)),
      );
    }
    zip.end();
    await written;
    const handle = await open(draft, 'r+');
    const { size } = await handle.stat();
    await handle.sync();
    await handle.close();
    await rename(draft, file);
    await syncDirectory(dirname(file));
    return size;
  } catch (error) {
    await rm(draft, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new StartError(
      `The backup ${file} could not be written (${code}). Choose another place, or make room.`,
    );
  }
}

/** The first `size` bytes: a log may have grown since. */
function readPart(path: string, size: number): Readable {
  return size === 0 ? Readable.from([]) : createReadStream(path, { end: size - 1 });
}
