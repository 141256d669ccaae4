import { setImmediate } from 'node:timers/promises';
import type { StoredReader } from '../store.ts';
import { locateDirectory } from './locate-directory.ts';

/** One entry as the central directory describes it; the data itself is not looked at. */
export interface ZipEntry {
  /** Exact name; a directory's ends in a slash. */
  path: string;
  /** Where its local header begins. */
  offset: number;
  /** Where the next local header, or the central directory, begins: nothing of this entry lies behind. */
  limit: number;
  /** The least offset at which it can end: header, name and data. */
  end: number;
  compressedSize: number;
  size: number;
  /** 0 stored, 8 deflated; others, and encrypted entries (-1), cannot be read. */
  method: number;
  crc: number;
  /** Unix mode with its type bits; null when the archive's maker had none. */
  mode: number | null;
  /** Unix seconds. */
  modifiedAt: number;
}

export type DirectoryResult =
  | { ok: true; entries: ZipEntry[] }
  /** Not a zip, or one whose parts contradict or overlap one another. */
  | { ok: false; reason: 'broken' }
  /** A zip with more than we index (security ART-5). */
  | { ok: false; reason: 'too_large' };

export const LIMITS = {
  entries: 100_000,
  directoryBytes: 64 * 1024 * 1024,
  /** Sum of the sizes that the entries declare. */
  declaredBytes: 64 * 1024 ** 3,
};

const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_SIZE = 46;
const LOCAL_HEADER_SIZE = 30;
const ZIP64 = 0x0001;
const TIMESTAMP = 0x5455;
const UNIX = 3;
const MACOS = 19;
/** Entries handled before other work of the process gets its turn. */
const SLICE = 2000;
const BROKEN = { ok: false, reason: 'broken' } as const;
const TOO_LARGE = { ok: false, reason: 'too_large' } as const;

/**
 * Reads the central directory in one read, in slices that do not hold up the process. Entries that overlap are refused, as
 * are counters that lie; names that no one could ask for (traversal, absolute, NUL, not UTF-8) are left out (ART-3).
 */
export async function readCentralDirectory(reader: StoredReader): Promise<DirectoryResult> {
  const place = await locateDirectory(reader);
  if (place === null) return BROKEN;
  if (place.entries > LIMITS.entries || place.size > LIMITS.directoryBytes) return TOO_LARGE;
  const bytes = await reader.read(place.offset, place.size);
  const entries: ZipEntry[] = [];
  const usable: ZipEntry[] = [];
  let declared = 0;
  let position = 0;
  for (let n = 1; n <= place.entries; n++) {
    const parsed = parseEntry(bytes, position);
    if (parsed === null) return BROKEN;
    entries.push(parsed.entry);
    if (isUsable(parsed.entry.path)) usable.push(parsed.entry);
    position = parsed.end;
    declared += parsed.entry.size;
    if (n % SLICE === 0) await setImmediate();
  }
  if (position !== bytes.length || !(await setLimits(entries, place.offset))) return BROKEN;
  if (declared > LIMITS.declaredBytes) return TOO_LARGE;
  return { ok: true, entries: usable };
}

function parseEntry(bytes: Buffer, at: number): { entry: ZipEntry; end: number } | null {
  if (at + ENTRY_SIZE > bytes.length || bytes.readUInt32LE(at) !== ENTRY_SIGNATURE) return null;
  const nameEnd = at + ENTRY_SIZE + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const end = extraEnd + bytes.readUInt16LE(at + 32);
  if (end > bytes.length) return null;
  const extra = bytes.subarray(nameEnd, extraEnd);
  const sizes = sizesOf(bytes, at, extra);
  if (sizes === null) return null;
  const encrypted = (bytes.readUInt16LE(at + 8) & 1) === 1;
  const madeOn = bytes.readUInt16LE(at + 4) >> 8;
  const entry: ZipEntry = {
    path: nameOf(bytes.subarray(at + ENTRY_SIZE, nameEnd)),
    ...sizes,
    limit: 0,
    end: sizes.offset + LOCAL_HEADER_SIZE + (nameEnd - at - ENTRY_SIZE) + sizes.compressedSize,
    method: encrypted ? -1 : bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    mode: madeOn === UNIX || madeOn === MACOS ? bytes.readUInt32LE(at + 38) >>> 16 : null,
    modifiedAt: timeIn(extra) ?? dosTime(bytes.readUInt16LE(at + 14), bytes.readUInt16LE(at + 12)),
  };
  return { entry, end };
}

/** Sizes and offset of an entry, from its zip64 field where the short ones say so; null when they cannot be true. */
function sizesOf(
  bytes: Buffer,
  at: number,
  extra: Buffer,
): Pick<ZipEntry, 'size' | 'compressedSize' | 'offset'> | null {
  const wide = extraField(extra, ZIP64);
  let taken = 0;
  const number = (position: number): number => {
    const short = bytes.readUInt32LE(position);
    if (short !== 0xffffffff) return short;
    if (wide === null || taken + 8 > wide.length) return Number.NaN;
    taken += 8;
    return Number(wide.readBigUInt64LE(taken - 8));
  };
  const size = number(at + 24);
  const compressedSize = number(at + 20);
  const offset = number(at + 42);
  return [size, compressedSize, offset].every(Number.isSafeInteger) ? { size, compressedSize, offset } : null;
}

function extraField(extra: Buffer, id: number): Buffer | null {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, end);
    at = end;
  }
  return null;
}

/** The modification time of the extended timestamp field, in Unix seconds. */
function timeIn(extra: Buffer): number | null {
  const field = extraField(extra, TIMESTAMP);
  return field !== null && field.length >= 5 && (field[0]! & 1) === 1 ? field.readInt32LE(1) : null;
}

function dosTime(date: number, time: number): number {
  const [year, month, day] = [1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31];
  return Date.UTC(year, month, day, time >> 11, (time >> 5) & 63, (time & 31) * 2) / 1000;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Empty for a name that is not UTF-8. */
function nameOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return '';
  }
}

/** Whether a name is a plain relative path: nothing empty, `.` or `..` between slashes, one slash at the end allowed. */
export function isUsable(path: string): boolean {
  return (
    path !== '' &&
    path.length <= 4096 &&
    !path.includes('\0') &&
    !/(^|\/)(\.{0,2})(\/|$)/.test(path.replace(/\/$/, ''))
  );
}

/** Gives every entry the place where the next one begins; false when two overlap, or one lies in the directory. */
async function setLimits(entries: readonly ZipEntry[], directoryOffset: number): Promise<boolean> {
  const offsets = new Float64Array(entries.length);
  for (const [n, entry] of entries.entries()) offsets[n] = entry.offset;
  offsets.sort();
  await setImmediate();
  for (const [n, entry] of entries.entries()) {
    if (n % (4 * SLICE) === 0) await setImmediate();
    const next = firstAfter(offsets, entry.offset);
    if (next > 1 && offsets[next - 2] === entry.offset) return false;
    entry.limit = offsets[next] ?? directoryOffset;
    if (entry.end > Math.min(entry.limit, directoryOffset)) return false;
  }
  return true;
}

/** Index of the first number greater than `value`. */
function firstAfter(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
