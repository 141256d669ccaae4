import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ZipEntry } from './central-directory.ts';

const compress = promisify(gzip);
const HEADER = 'GitLab Build Artifacts Metadata 0.0.2\n';

/**
 * GitLab's `metadata.gz` of a zip whose entries are sorted by path: length-prefixed strings, the header, errors, then path and
 * JSON of each entry, parent directories included (runner-api 5).
 */
export async function encodeMetadata(sorted: readonly ZipEntry[]): Promise<Buffer> {
  const strings = [HEADER, '{}'];
  const written = new Set<string>();
  for (const [n, entry] of sorted.entries()) {
    for (const parent of parentsOf(entry.path)) {
      if (!written.has(parent)) strings.push(parent, '{}');
      written.add(parent);
    }
    if (!written.has(entry.path)) strings.push(entry.path, describe(entry));
    written.add(entry.path);
    if (n % 2000 === 1999) await setImmediate();
  }
  return compress(Buffer.concat(strings.flatMap(prefixed)));
}

function* parentsOf(path: string): Generator<string> {
  for (
    let slash = path.indexOf('/');
    slash !== -1 && slash < path.length - 1;
    slash = path.indexOf('/', slash + 1)
  ) {
    yield path.slice(0, slash + 1);
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

function prefixed(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
}
