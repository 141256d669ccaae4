import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { StoredReader } from '../store.ts';

const SLICE = 256 * 1024;

/** Opens a file for reading; null when it does not exist. */
export async function openFile(path: string): Promise<StoredReader | null> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const { size } = await file.stat();
  return {
    size,
    read: (position, length) => readAt(file, position, length),
    stream: (start = 0, end = size) => streamOf(file, start, end),
    close: () => file.close(),
  };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function streamOf(file: FileHandle, start: number, end: number): Readable {
  let position = start;
  return new Readable({
    highWaterMark: SLICE,
    read() {
      readAt(file, position, Math.max(0, Math.min(SLICE, end - position))).then(
        (slice) => {
          position += slice.length;
          this.push(slice.length === 0 ? null : slice);
        },
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, callback) {
      file.close().then(
        () => callback(error),
        (closing: Error) => callback(error ?? closing),
      );
    },
  });
}
