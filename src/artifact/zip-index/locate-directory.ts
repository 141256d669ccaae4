import type { StoredReader } from '../store.ts';

const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const MAX_COMMENT = 0xffff;
const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_SIZE = 20;
const END64_SIGNATURE = 0x06064b50;
const END64_SIZE = 56;

/** Where the central directory is, in bytes, and how many entries it says it has. */
export interface DirectoryPlace {
  offset: number;
  size: number;
  entries: number;
}

/**
 * Finds the central directory from the end of the file, by the zip64 record where the short one cannot hold the numbers.
 * Null when the file is no zip, is split over disks, or the directory does not end exactly where its end record begins.
 */
export async function locateDirectory(reader: StoredReader): Promise<DirectoryPlace | null> {
  const tailLength = Math.min(reader.size, END_SIZE + MAX_COMMENT + LOCATOR_SIZE);
  const tailOffset = reader.size - tailLength;
  const tail = await reader.read(tailOffset, tailLength);
  const end = findEnd(tail);
  if (end === null) return null;
  const locator = end - LOCATOR_SIZE;
  if (locator >= 0 && tail.readUInt32LE(locator) === LOCATOR_SIGNATURE) {
    return wide(reader, tail.subarray(locator, end), tailOffset + locator);
  }
  const [disk, startDisk, here, entries] = [4, 6, 8, 10].map((at) => tail.readUInt16LE(end + at));
  const size = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  if (disk !== 0 || startDisk !== 0 || here !== entries || offset + size !== tailOffset + end) return null;
  return { offset, size, entries: entries! };
}

/** The end record is the last one whose comment reaches exactly to the end of the file. */
function findEnd(tail: Buffer): number | null {
  for (let at = tail.length - END_SIZE; at >= 0; at--) {
    if (tail.readUInt32LE(at) === END_SIGNATURE && at + END_SIZE + tail.readUInt16LE(at + 20) === tail.length)
      return at;
  }
  return null;
}

async function wide(
  reader: StoredReader,
  locator: Buffer,
  locatorOffset: number,
): Promise<DirectoryPlace | null> {
  const at = Number(locator.readBigUInt64LE(8));
  if (locator.readUInt32LE(4) !== 0 || at + END64_SIZE > locatorOffset) return null;
  const record = await reader.read(at, END64_SIZE);
  if (record.length < END64_SIZE || record.readUInt32LE(0) !== END64_SIGNATURE) return null;
  const [here, entries, size, offset] = [24, 32, 40, 48].map((from) => Number(record.readBigUInt64LE(from)));
  if (record.readUInt32LE(16) !== 0 || record.readUInt32LE(20) !== 0 || here !== entries) return null;
  if (![entries, size, offset].every(Number.isSafeInteger) || offset! + size! !== at) return null;
  return { offset: offset!, size: size!, entries: entries! };
}
