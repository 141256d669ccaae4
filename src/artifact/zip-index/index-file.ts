import { setImmediate } from 'node:timers/promises';
import type { StoredReader } from '../store.ts';
import type { ZipEntry } from './central-directory.ts';

/**
 * The index of a zip as a file: blocks of entries sorted by path, then a directory of the blocks, then a footer of fixed
 * size. Finding one entry reads the footer, the directory and one block, however many entries there are.
 */
const MAGIC = Buffer.from('TEAZIP01');
const FOOTER_SIZE = MAGIC.length + 8;
const BLOCK = 64;

/** What the index keeps of an entry. */
export type IndexedEntry = Omit<ZipEntry, 'end'>;
type Row = [string, number, number, number, number, number, number, number | null, number];
/** First path, offset and length of a block. */
type BlockRow = [string, number, number];

/** Writes the index of entries that are sorted by path; of equal paths the first is kept. */
export async function encodeIndex(sorted: readonly ZipEntry[]): Promise<Buffer> {
  const entries = sorted.filter((entry, n) => entry.path !== sorted[n - 1]?.path);
  const parts: Buffer[] = [];
  const directory: BlockRow[] = [];
  let offset = 0;
  for (let at = 0; at < entries.length; at += BLOCK) {
    const rows = entries.slice(at, at + BLOCK).map(rowOf);
    const block = Buffer.from(JSON.stringify(rows));
    directory.push([rows[0]![0], offset, block.length]);
    parts.push(block);
    offset += block.length;
    if (directory.length % 16 === 0) await setImmediate();
  }
  const blocks = Buffer.from(JSON.stringify(directory));
  const footer = Buffer.alloc(FOOTER_SIZE);
  footer.writeUInt32LE(blocks.length, 0);
  footer.writeUInt32LE(entries.length, 4);
  MAGIC.copy(footer, 8);
  return Buffer.concat([...parts, blocks, footer]);
}

function rowOf(entry: ZipEntry): Row {
  const { path, offset, limit, compressedSize, size, method, crc, mode, modifiedAt } = entry;
  return [path, offset, limit, compressedSize, size, method, crc, mode, modifiedAt];
}

function entryOf([
  path,
  offset,
  limit,
  compressedSize,
  size,
  method,
  crc,
  mode,
  modifiedAt,
]: Row): IndexedEntry {
  return { path, offset, limit, compressedSize, size, method, crc, mode, modifiedAt };
}

/** An opened index. Closing its reader is the caller's. */
export class IndexFile {
  readonly #reader: StoredReader;
  readonly #blocks: BlockRow[];

  private constructor(reader: StoredReader, blocks: BlockRow[]) {
    this.#reader = reader;
    this.#blocks = blocks;
  }

  /** Throws when the file is not an index of this version. */
  static async open(reader: StoredReader): Promise<IndexFile> {
    const footer = await reader.read(reader.size - FOOTER_SIZE, FOOTER_SIZE);
    if (!footer.subarray(8).equals(MAGIC)) throw new Error('not an index of a zip');
    const length = footer.readUInt32LE(0);
    const directory = await reader.read(reader.size - FOOTER_SIZE - length, length);
    return new IndexFile(reader, JSON.parse(directory.toString('utf8')) as BlockRow[]);
  }

  /** The entry of exactly this path, or null. */
  async find(path: string): Promise<IndexedEntry | null> {
    const [entry] = await this.#block(this.#blockOf(path)).then((rows) =>
      rows.filter((row) => row[0] === path),
    );
    return entry === undefined ? null : entryOf(entry);
  }

  /** Entries whose paths begin with `prefix`, in order of their paths, from `from` on (a path at or behind the prefix). */
  async *startingWith(prefix: string, from = prefix): AsyncGenerator<IndexedEntry> {
    for (let n = this.#blockOf(from); n < this.#blocks.length; n++) {
      for (const row of await this.#block(n)) {
        if (row[0] < from) continue;
        if (!row[0].startsWith(prefix)) return;
        yield entryOf(row);
      }
    }
  }

  /** The last block that begins at or before `path`: the only one that can hold it. */
  #blockOf(path: string): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#blocks[middle]![0] <= path) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  async #block(n: number): Promise<Row[]> {
    const block = this.#blocks[n];
    if (block === undefined) return [];
    return JSON.parse((await this.#reader.read(block[1], block[2])).toString('utf8')) as Row[];
  }
}
