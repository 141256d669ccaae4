import { crc32, deflateRawSync } from 'node:zlib';

/** One entry of a zip made by hand; what is not given is what an honest tool would write. */
export interface Crafted {
  name: string | Buffer;
  data?: Buffer | string;
  stored?: true;
  /** Unix mode with type bits. */
  mode?: number;
  /** Lies in the central directory. */
  size?: number;
  compressedSize?: number;
  crc?: number;
  offset?: number;
  flags?: number;
  /** Another name in the local header. */
  localName?: string;
}

/** A zip with exactly these entries, lies included. `end` changes the numbers of the end record. */
export function craftZip(
  entries: readonly Crafted[],
  end: { entries?: number; size?: number; offset?: number } = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? '');
    const packed = entry.stored ? data : deflateRawSync(data);
    const name = Buffer.from(entry.name);
    const localName = entry.localName === undefined ? name : Buffer.from(entry.localName);
    const common = (nameLength: number) => {
      const header = Buffer.alloc(26);
      header.writeUInt16LE(20, 0);
      header.writeUInt16LE(entry.flags ?? 0x800, 2);
      header.writeUInt16LE(entry.stored ? 0 : 8, 4);
      header.writeUInt16LE(0x5a21, 8); // 2025-01-01
      header.writeUInt32LE(entry.crc ?? crc32(data), 10);
      header.writeUInt32LE(entry.compressedSize ?? packed.length, 14);
      header.writeUInt32LE(entry.size ?? data.length, 18);
      header.writeUInt16LE(nameLength, 22);
      return header;
    };
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common(localName.length), localName, packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(entry.offset ?? offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common(name.length), tail, name);
    offset += 30 + localName.length + packed.length;
  }
  const central = Buffer.concat(directory);
  const last = Buffer.alloc(22);
  last.write('PK\x05\x06', 0, 'latin1');
  last.writeUInt16LE(end.entries ?? entries.length, 8);
  last.writeUInt16LE(end.entries ?? entries.length, 10);
  last.writeUInt32LE(end.size ?? central.length, 12);
  last.writeUInt32LE(end.offset ?? offset, 16);
  return Buffer.concat([...parts, central, last]);
}
