import { createWriteStream, lstatSync, readlinkSync } from 'node:fs';
import { chmod, lstat, mkdir, rm, symlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise } from 'yauzl';
import { ZipFile } from 'yazl';

const LINK = 0o120000;
const KIND = 0o170000;

/** Writes `files` (relative to `root`) into a zip at `target`: modes and times kept, links stored as links. */
export async function writeZip(root: string, files: readonly string[], target: string): Promise<void> {
  const zip = new ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(target, { mode: 0o600 }));
  for (const file of files) {
    const full = join(root, file);
    const { mode, mtime, ...status } = lstatSync(full);
    if ((mode & KIND) === LINK) zip.addBuffer(Buffer.from(readlinkSync(full)), file, { mode, mtime });
    else if ((mode & KIND) === 0o040000) zip.addEmptyDirectory(file, { mode, mtime });
    else if ((mode & KIND) === 0o100000) zip.addFile(full, file, { mode, mtime, compress: status.size > 64 });
  }
  zip.end();
  await written;
}

/** An archive that would write where it must not. */
export class UnsafeArchiveError extends Error {}

/**
 * Unpacks a zip below `root`. Refuses names that lead outside, writes nothing through a link, drops set-uid bits and
 * anything that is no file, directory or link (security EXE-6). Throws UnsafeArchiveError, or what the library says of
 * a broken archive.
 */
export async function extractZip(source: string, root: string): Promise<number> {
  const zip = await openPromise(source, { autoClose: false });
  let count = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      await refuseEscape(root, entry.fileName);
      const mode = (entry.externalFileAttributes >>> 16) & 0xffff;
      await extractEntry(join(root, entry.fileName), mode, entry, () => zip.openReadStreamPromise(entry));
      count++;
    }
  } finally {
    zip.close();
  }
  return count;
}

async function extractEntry(
  target: string,
  mode: number,
  entry: Entry,
  open: () => Promise<NodeJS.ReadableStream>,
): Promise<void> {
  if (entry.fileName.endsWith('/')) {
    await mkdir(target, { recursive: true });
    return;
  }
  await mkdir(dirname(target), { recursive: true });
  await rm(target, { recursive: true, force: true });
  if ((mode & KIND) === LINK) {
    const parts: Buffer[] = [];
    for await (const part of await open()) parts.push(Buffer.from(part));
    await symlink(Buffer.concat(parts).toString(), target);
    return;
  }
  if ((mode & KIND) !== 0 && (mode & KIND) !== 0o100000) return;
  await pipeline(await open(), createWriteStream(target, { flags: 'wx' }));
  await chmod(target, mode & 0o777 || 0o644);
  const modified = entry.getLastModDate();
  await utimes(target, modified, modified);
}

/** Every directory on the way must be a real one below the root. */
async function refuseEscape(root: string, name: string): Promise<void> {
  const parts = name.replace(/\/$/, '').split('/');
  if (name.startsWith('/') || parts.includes('..') || name.includes('\\')) {
    throw new UnsafeArchiveError(`the archive holds an unsafe name: ${JSON.stringify(name)}`);
  }
  let path = root;
  for (const part of parts.slice(0, -1)) {
    path = join(path, part);
    const status = await lstat(path).catch(() => null);
    if (status?.isSymbolicLink()) {
      throw new UnsafeArchiveError(`the archive writes through a link: ${JSON.stringify(name)}`);
    }
  }
}
