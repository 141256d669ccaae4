import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ZipEntry } from './central-directory.ts';

const compress = promisify(gzip);
/** Entries handled before other work of the process gets its turn. */
const SLICE = 2000;
const HEADER = 'GitLab Build Artifacts Metadata 0.0.2\n';

/**
 * GitLab's `metadata.gz` of a zip whose entries are sorted by path: length-prefixed strings, the header, errors, then path and
 * JSON of each entry, parent directories included (runner-api 5).
 */
export async function encodeMetadata(sorted: readonly ZipEntry[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  let strings = [HEADER, '{}'];
  let last = '';
  for (const [n, entry] of sorted.entries()) {
    if (entry.path === last) continue;
    for (const parent of newParents(entry.path, last)) strings.push(parent, '{}');
    strings.push(entry.path, describe(entry));
    last = entry.path;
    if (n % SLICE === SLICE - 1) {
      parts.push(prefixed(strings));
      strings = [];
      await setImmediate();
    }
  }
  parts.push(prefixed(strings));
  return compress(Buffer.concat(parts));
}

/** Directories on the way to `path` that were not on the way to the path before it. */
function* newParents(path: string, before: string): Generator<string> {
  for (
    let slash = path.indexOf('/');
    slash !== -1 && slash < path.length - 1;
    slash = path.indexOf('/', slash + 1)
  ) {
    const parent = path.slice(0, slash + 1);
    if (!before.startsWith(parent)) yield parent;
  }
}

function describe(entry: ZipEntry): string {
  return JSON.stringify({
    ...(entry.modifiedAt === 0 ? {} : { modified: entry.modifiedAt }),
    ...(entry.mode === null ? {} : { mode: entry.mode.toString(8) }),
    ...(entry.crc === 0 ? {} : { crc: entry.crc }),
    ...(entry.size === 0 ? {} : { size: entry.size }),
    ...(entry.compressedSize === 0 ? {} : { zipped: entry.compressedSize }),
  });
}

/** Each string behind its length in bytes. */
function prefixed(strings: readonly string[]): Buffer {
  const lengths = strings.map((text) => Buffer.byteLength(text));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let at = 0;
  for (const [n, text] of strings.entries()) {
    at = bytes.writeUInt32BE(lengths[n]!, at);
    at += bytes.write(text, at);
  }
  return bytes;
}
