import type { Readable } from 'node:stream';

/** A stored file: its random key, its size in bytes and the SHA-256 of its bytes (hex). */
export interface StoredFile {
  key: string;
  size: number;
  sha256: string;
}

export type WriteResult = { ok: true; file: StoredFile } | { ok: false; reason: 'too_large' };

/**
 * Where the bytes of artifacts and archived traces are. Keys are random, made by the store, never by a name (ART-10). A
 * key may have a small companion file (an index of its content) that lives and goes with it.
 */
export interface ArtifactStore {
  /**
   * Streams `source` to a new key; everything, names included, is durable before it returns. Past `limit` bytes, or when
   * the source fails, nothing is left. Throws what the source or the disk threw.
   */
  write(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, limit?: number): Promise<WriteResult>;
  /** Stores the companion of `key`, durably, replacing an older one. */
  writeCompanion(key: string, bytes: Uint8Array): Promise<void>;
  /** A handle for reads at positions; null when the file is missing. The caller closes it. */
  open(key: string): Promise<StoredReader | null>;
  /** The same for the companion of `key`. */
  openCompanion(key: string): Promise<StoredReader | null>;
  /** Deletes a file and its companion; missing ones are no error. */
  delete(key: string): Promise<void>;
  /**
   * Deletes what a crash left behind: files older than `before` (milliseconds) that `known` does not name. Gives how many.
   */
  sweep(before: number, known: (keys: readonly string[]) => Promise<Set<string>>): Promise<number>;
}

/** An open stored file. Positions and lengths are bytes. */
export interface StoredReader {
  readonly size: number;
  /** Up to `length` bytes at `position`; fewer only at the end. */
  read(position: number, length: number): Promise<Buffer>;
  /** Bytes from `start` to before `end` (the whole file by default). Closes the reader when the stream ends or is destroyed. */
  stream(start?: number, end?: number): Readable;
  close(): Promise<void>;
}
