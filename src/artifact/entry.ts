import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { crc32, createInflateRaw, inflateRaw } from 'node:zlib';
import { withIndex } from './open-index.ts';
import type { ArtifactStore, StoredReader } from './store.ts';
import type { IndexedEntry } from './zip-index/index-file.ts';

/** Bytes of a file, end exclusive. */
export interface Span {
  start: number;
  end: number;
}

export type EntryResult =
  /** The bytes of the file: a Buffer that is checked, or a stream that fails where the bytes turn out wrong. */
  | { ok: true; size: number; body: Buffer | Readable }
  /** No such file in the archive, or the archive has no index, or it is gone. */
  | { ok: false; reason: 'missing' }
  /** Encrypted, or packed in a way that is not stored or deflated. */
  | { ok: false; reason: 'unsupported' }
  /** The archive's data does not keep what its directory promises, or unpacks suspiciously far (security ART-5). */
  | { ok: false; reason: 'broken' };

const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_SIZE = 30;
/** Entries up to this many packed bytes, and unpacked ones up to `SMALL_UNPACKED`, are answered from memory, checked first. */
const SMALL = 1024 * 1024;
const SMALL_UNPACKED = 4 * 1024 * 1024;
const FREE_OF_RATIO = 1024 * 1024;
const MAX_RATIO = 200;
const inflate = promisify(inflateRaw);

/**
 * One file of a zip by its exact name, through the index made at upload: one indexed read, one read of its bytes, one
 * inflate. The name is never a path of this machine; links are plain bytes (security ART-3, ART-4). `choose` may ask for a
 * part of it, whose bytes cannot be checked as those of the whole are.
 */
export async function readEntry(
  store: ArtifactStore,
  storeKey: string,
  path: string,
  choose: (size: number) => Span = (size) => ({ start: 0, end: size }),
): Promise<EntryResult> {
  const entry = path.endsWith('/') ? null : await withIndex(store, storeKey, (index) => index.find(path));
  if (entry === null) return { ok: false, reason: 'missing' };
  if (entry.method !== 0 && entry.method !== 8) return { ok: false, reason: 'unsupported' };
  if (isBomb(entry)) return { ok: false, reason: 'broken' };
  const span = choose(entry.size);
  const reader = await store.open(storeKey);
  if (reader === null) return { ok: false, reason: 'missing' };
  let handedOn = false;
  try {
    const packed = entry.limit - entry.offset;
    if (packed <= SMALL && entry.size <= SMALL_UNPACKED) return await small(reader, entry, span);
    const start = await dataStart(await reader.read(entry.offset, LOCAL_SIZE), entry);
    if (start === null) return { ok: false, reason: 'broken' };
    handedOn = true;
    return { ok: true, size: entry.size, body: large(reader, entry, start, span) };
  } finally {
    if (!handedOn) await reader.close();
  }
}

/** What is declared is what is checked: no more than that ever comes out. */
function isBomb(entry: IndexedEntry): boolean {
  if (entry.method === 0) return entry.size !== entry.compressedSize;
  return entry.size > FREE_OF_RATIO && entry.size > entry.compressedSize * MAX_RATIO;
}

/** Offset of the data, from the local header; null when the header contradicts the directory. */
function dataStart(header: Buffer, entry: IndexedEntry): number | null {
  if (header.length < LOCAL_SIZE || header.readUInt32LE(0) !== LOCAL_SIGNATURE) return null;
  if (header.readUInt16LE(26) !== Buffer.byteLength(entry.path)) return null;
  const start = entry.offset + LOCAL_SIZE + header.readUInt16LE(26) + header.readUInt16LE(28);
  return start + entry.compressedSize <= entry.limit ? start : null;
}

async function small(reader: StoredReader, entry: IndexedEntry, span: Span): Promise<EntryResult> {
  const bytes = await reader.read(entry.offset, entry.limit - entry.offset);
  const start = dataStart(bytes, entry);
  if (start === null) return { ok: false, reason: 'broken' };
  const from = start - entry.offset;
  const name = bytes.toString('utf8', LOCAL_SIZE, LOCAL_SIZE + Buffer.byteLength(entry.path));
  const packed = bytes.subarray(from, from + entry.compressedSize);
  const body = name === entry.path ? await unpack(packed, entry) : null;
  if (body === null || body.length !== entry.size || crc32(body) !== entry.crc)
    return { ok: false, reason: 'broken' };
  return { ok: true, size: entry.size, body: body.subarray(span.start, span.end) };
}

/** Null when it does not unpack, or to more than it declares. */
async function unpack(packed: Buffer, entry: IndexedEntry): Promise<Buffer | null> {
  if (entry.method === 0) return packed;
  return inflate(packed, { maxOutputLength: Math.max(1, entry.size) }).catch(() => null);
}

function large(reader: StoredReader, entry: IndexedEntry, start: number, span: Span): Readable {
  const whole = span.start === 0 && span.end === entry.size;
  if (!whole && entry.method === 0) return reader.stream(start + span.start, start + span.end);
  const packed = reader.stream(start, start + entry.compressedSize);
  const last = whole ? new Checked(entry) : new Part(span);
  const steps = entry.method === 0 ? [packed, last] : [packed, createInflateRaw(), last];
  // A failure reaches the reader of the last one, which the pipeline destroys with it.
  pipeline(steps as [Readable, Transform]).catch(() => {});
  return last;
}

/** Lets the bytes of a span pass, and takes nothing further once they have been read. */
class Part extends Transform {
  readonly #span: Span;
  #at = 0;

  constructor(span: Span) {
    super();
    this.#span = span;
    this.once('end', () => this.destroy());
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { start, end } = this.#span;
    const [from, to] = [Math.max(0, start - this.#at), Math.min(chunk.length, end - this.#at)];
    this.#at += chunk.length;
    if (from < to) this.push(chunk.subarray(from, to));
    if (this.#at >= end) this.push(null);
    else done();
  }

  override _flush(done: (error?: Error | null) => void): void {
    done(new Error('an entry of an archive is shorter than it declares'));
  }
}

/** Lets bytes pass and fails as soon as there are more than declared, or at the end when they are not the declared ones. */
class Checked extends Transform {
  readonly #entry: IndexedEntry;
  #size = 0;
  #crc = 0;

  constructor(entry: IndexedEntry) {
    super();
    this.#entry = entry;
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null, data?: Buffer) => void,
  ): void {
    this.#size += chunk.length;
    this.#crc = crc32(chunk, this.#crc);
    if (this.#size > this.#entry.size) done(new Error('an entry of an archive is larger than it declares'));
    else done(null, chunk);
  }

  override _flush(done: (error?: Error | null) => void): void {
    const right = this.#size === this.#entry.size && this.#crc === this.#entry.crc;
    done(right ? null : new Error('an entry of an archive does not match its checksum'));
  }
}
