/** Tables of the room `trace`: only `trace/queries.ts` writes them. */
import type { Bytes, Flag, Millis } from './columns.ts';

/** A job log that has begun. `size` is durable bytes; an archived one is the artifact of type `trace`. */
export interface TracesTable {
  job_id: number;
  size: number;
  archived: Flag;
  /** What the runner said at the end; null until then. */
  checksum: string | null;
  /** 1 when size or checksum did not agree with the runner's. */
  corrupt: Flag;
  updated_at: Millis;
}

/** Live log bytes when several processes share PostgreSQL; a single process appends to a file instead. */
export interface TraceChunksTable {
  job_id: number;
  start: number;
  bytes: Bytes;
  arrived_at: Millis;
}
