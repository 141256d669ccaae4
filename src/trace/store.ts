import type { AppendResult, Chunk } from './append.ts';
import type { Arrival } from './arrivals.ts';

/** Where live traces are kept while their jobs run. Sizes and offsets are bytes; every reported size is durable. */
export interface LiveStore {
  /**
   * Writes the chunk when it starts where the trace ends, and syncs before it returns. `begin` is asked before the very
   * first bytes of a trace are stored; when it says false the trace is closed.
   */
  append(chunk: Chunk, begin: () => Promise<boolean>): Promise<AppendResult>;
  /** Durable bytes; 0 when there is no trace. */
  size(jobId: number): Promise<number>;
  /** Bytes from `start` to before `end`, in slices; ends early where the trace ends. */
  read(jobId: number, start: number, end: number): AsyncIterable<Buffer>;
  /** Size and CRC-32 of everything stored. */
  summary(jobId: number): Promise<{ size: number; crc: number }>;
  /** When what is stored arrived, as far as it is known (`TraceIndex`). */
  times(jobId: number): Promise<Arrival[]>;
  /** Drops all bytes, durably, so that the runner can send them again from 0. */
  truncate(jobId: number, now: number): Promise<void>;
  /** Frees the bytes of a trace that is archived or erased; missing ones are no error. */
  remove(jobId: number): Promise<void>;
  /** Jobs whose bytes are here, for the sweep of what a crash left behind. */
  jobIds(): Promise<number[]>;
  close(): Promise<void>;
}
