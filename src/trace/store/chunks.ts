import type { Database } from '../../db/database.ts';
import { type AppendResult, type Chunk, refuseAppend } from '../append.ts';
import { type Arrival, Arrivals } from '../arrivals.ts';
import { continueCrc } from '../checksum.ts';
import {
  chunkAt,
  chunkTimes,
  deleteChunks,
  insertChunk,
  jobsWithChunks,
  lockLiveSize,
  traceOf,
  updateTrace,
} from '../queries.ts';
import type { LiveStore } from '../store.ts';

/** Live traces of several processes that share a database: rows of chunks, the size kept in the trace's row under its lock. */
export class ChunkTraces implements LiveStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async append(chunk: Chunk, begin: () => Promise<boolean>): Promise<AppendResult> {
    const result = await this.#append(chunk);
    if (result !== null) return result;
    const refusal = refuseAppend(0, chunk);
    if (refusal !== null) return refusal;
    if (!(await begin())) return { ok: false, reason: 'closed' };
    return (await this.#append(chunk)) ?? { ok: false, reason: 'closed' };
  }

  async size(jobId: number): Promise<number> {
    const row = await traceOf(this.#db.read, jobId);
    return row === null || row.archived ? 0 : row.size;
  }

  async *read(jobId: number, start: number, end: number): AsyncGenerator<Buffer> {
    for (let position = start; position < end; ) {
      const chunk = await chunkAt(this.#db.read, jobId, position);
      if (chunk === null) return;
      const slice = chunk.bytes.subarray(position - chunk.start, end - chunk.start);
      if (slice.length === 0) return;
      yield Buffer.from(slice.buffer, slice.byteOffset, slice.byteLength);
      position += slice.length;
    }
  }

  async summary(jobId: number): Promise<{ size: number; crc: number }> {
    const size = await this.size(jobId);
    let crc = 0;
    for await (const slice of this.read(jobId, 0, size)) crc = continueCrc(slice, crc);
    return { size, crc };
  }

  async times(jobId: number): Promise<Arrival[]> {
    const arrivals = new Arrivals();
    for (const { start, at } of await chunkTimes(this.#db.read, jobId)) arrivals.note(start, at);
    return arrivals.all;
  }

  async truncate(jobId: number, now: number): Promise<void> {
    await this.#db.transaction(async (tx) => {
      await deleteChunks(tx, jobId);
      await updateTrace(tx, jobId, { size: 0 }, now);
    });
  }

  async remove(jobId: number): Promise<void> {
    await this.#db.transaction((tx) => deleteChunks(tx, jobId));
  }

  async jobIds(): Promise<number[]> {
    return jobsWithChunks(this.#db.read);
  }

  async close(): Promise<void> {}

  /** Null when the trace has no live row. */
  async #append(chunk: Chunk): Promise<AppendResult | null> {
    const { jobId, start, bytes, now } = chunk;
    try {
      return await this.#db.transaction(async (tx) => {
        const size = await lockLiveSize(tx, jobId);
        if (size === null) return null;
        const refusal = refuseAppend(size, chunk);
        if (refusal !== null) return refusal;
        if (bytes.length > 0) await insertChunk(tx, { jobId, start, bytes, at: now });
        await updateTrace(tx, jobId, { size: size + bytes.length }, now);
        tx.notify(`trace:${jobId}`);
        return { ok: true, size: size + bytes.length };
      });
    } catch (error) {
      if (this.#db.capabilities.classify(error) === 'full') return { ok: false, reason: 'full' };
      throw error;
    }
  }
}
