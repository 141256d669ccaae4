import { constants, write } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { continueCrc } from '../checksum.ts';

/** An open trace file. `size` is durable; `crc` covers exactly these bytes, or is null when nobody computed it yet. */
export interface OpenTrace {
  file: FileHandle;
  size: number;
  crc: number | null;
  /** An append or a truncation is under way. */
  writing: boolean;
  /** Operations under way: the file stays open while there are any. */
  users: number;
  /** Its name is gone: closed with the last user. */
  removed: boolean;
  /** A sync failed: what the disk holds is unknown until it is read anew (REL-13). */
  broken: boolean;
}

/** On Linux one O_DSYNC write is a write and its fdatasync in a single trip; elsewhere the sync is asked for. */
const SYNCED_WRITES = process.platform === 'linux';
const FLAGS = constants.O_RDWR | (SYNCED_WRITES ? constants.O_DSYNC : 0);

/** Opens a trace file, creating it when asked; null when it does not exist. Its length is trusted only once synced. */
export async function openTrace(path: string, create: boolean): Promise<OpenTrace | null> {
  let file: FileHandle;
  try {
    file = await open(path, create ? FLAGS | constants.O_CREAT : FLAGS, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    await file.datasync();
    const { size } = await file.stat();
    return {
      file,
      size,
      crc: size === 0 ? 0 : null,
      writing: false,
      users: 0,
      removed: false,
      broken: false,
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Writes all of `bytes` where the durable bytes end and counts them in once they are durable. */
export async function writeDurably(trace: OpenTrace, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await writeAt(trace.file.fd, bytes, written, trace.size + written);
  }
  if (!SYNCED_WRITES) await trace.file.datasync();
  if (trace.crc !== null) trace.crc = continueCrc(bytes, trace.crc);
  trace.size += bytes.length;
}

/** One write through the plain interface, which costs half of what a FileHandle's does. Gives the bytes written. */
function writeAt(fd: number, bytes: Uint8Array, from: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, from, bytes.length - from, position, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}
