import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../../artifact/sync-directory.ts';
import { type AppendResult, type Chunk, refuseAppend } from '../append.ts';
import { type Arrival, Arrivals } from '../arrivals.ts';
import { continueCrc } from '../checksum.ts';
import type { LiveStore } from '../store.ts';
import { type OpenTrace, openTrace, writeDurably } from './handles.ts';

const SLICE = 256 * 1024;

/**
 * Live traces of a single process: one append-only file per job, `<dir>/<job id>.log`. A bounded number of files stays
 * open; the least recently used idle one is closed first. The size in memory is the truth while a file is open: bytes
 * past it (a write that failed half way) are overwritten by the next append.
 */
export class FileTraces implements LiveStore {
  readonly #dir: string;
  readonly #maxOpen: number;
  /** In order of use, the latest last. */
  readonly #open = new Map<number, OpenTrace>();
  readonly #opening = new Map<number, Promise<boolean>>();
  /** Of the jobs that log through this process; what came before it started is not known. */
  readonly #arrivals = new Map<number, Arrivals>();

  private constructor(dir: string, maxOpen: number) {
    this.#dir = dir;
    this.#maxOpen = maxOpen;
  }

  /** Creates the directory (0700) when needed. */
  static async open(dir: string, maxOpen = 256): Promise<FileTraces> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    return new FileTraces(dir, maxOpen);
  }

  async append(chunk: Chunk, begin: () => Promise<boolean>): Promise<AppendResult> {
    const result = await this.#append(chunk, begin);
    if (result.ok && chunk.bytes.length > 0) this.#noteArrival(chunk);
    return result;
  }

  async #append(chunk: Chunk, begin: () => Promise<boolean>): Promise<AppendResult> {
    const known = await this.#use(chunk.jobId, (trace) => append(trace, chunk));
    if (known !== null) return known;
    // Nothing is stored for a chunk that cannot be the first, however far it claims to start (LIM-2).
    const refusal = refuseAppend(0, chunk);
    if (refusal !== null) return refusal;
    if (!(await begin())) return { ok: false, reason: 'closed' };
    return refusingFailures(
      async () => (await this.#use(chunk.jobId, (trace) => this.#first(trace, chunk), true))!,
    );
  }

  async size(jobId: number): Promise<number> {
    return (await this.#use(jobId, async (trace) => trace.size)) ?? 0;
  }

  async *read(jobId: number, start: number, end: number): AsyncGenerator<Buffer> {
    const trace = await this.#acquire(jobId, false);
    if (trace === null) return;
    try {
      for (let position = start; position < Math.min(end, trace.size); ) {
        const length = Math.min(SLICE, end - position, trace.size - position);
        const { bytesRead, buffer } = await trace.file.read(Buffer.allocUnsafe(length), 0, length, position);
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
        position += bytesRead;
      }
    } finally {
      await this.#release(trace);
    }
  }

  async summary(jobId: number): Promise<{ size: number; crc: number }> {
    return (await this.#use(jobId, (trace) => this.#summary(jobId, trace))) ?? { size: 0, crc: 0 };
  }

  async times(jobId: number): Promise<Arrival[]> {
    return this.#arrivals.get(jobId)?.all ?? [];
  }

  async truncate(jobId: number): Promise<void> {
    this.#arrivals.delete(jobId);
    await this.#use(jobId, async (trace) => {
      trace.size = 0;
      trace.crc = 0;
      await trace.file.truncate(0);
      await trace.file.sync();
    });
  }

  async remove(jobId: number): Promise<void> {
    this.#arrivals.delete(jobId);
    await this.#use(jobId, async (trace) => {
      trace.removed = true;
      this.#open.delete(jobId);
      await rm(this.#path(jobId), { force: true });
    });
  }

  async jobIds(): Promise<number[]> {
    const names = await readdir(this.#dir);
    return names.flatMap((name) => (/^\d+\.log$/.test(name) ? [Number.parseInt(name, 10)] : []));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((trace) => trace.file.close()));
    this.#open.clear();
  }

  #noteArrival({ jobId, start, now }: Chunk): void {
    let arrivals = this.#arrivals.get(jobId);
    if (arrivals === undefined) {
      arrivals = new Arrivals();
      this.#arrivals.set(jobId, arrivals);
    }
    arrivals.note(start, now);
  }

  #path(jobId: number): string {
    return join(this.#dir, `${jobId}.log`);
  }

  async #first(trace: OpenTrace, chunk: Chunk): Promise<AppendResult> {
    await syncDirectory(this.#dir);
    return append(trace, chunk);
  }

  async #summary(jobId: number, trace: OpenTrace): Promise<{ size: number; crc: number }> {
    while (trace.crc === null) {
      const { size } = trace;
      let crc = 0;
      for await (const slice of this.read(jobId, 0, size)) crc = continueCrc(slice, crc);
      if (trace.size === size) trace.crc = crc;
    }
    return { size: trace.size, crc: trace.crc };
  }

  /** Runs `work` with the trace held open; null when it does not exist and `create` is not set. */
  async #use<T>(jobId: number, work: (trace: OpenTrace) => Promise<T>, create = false): Promise<T | null> {
    const trace = await this.#acquire(jobId, create);
    if (trace === null) return null;
    try {
      return await work(trace);
    } finally {
      await this.#release(trace);
    }
  }

  async #acquire(jobId: number, create: boolean): Promise<OpenTrace | null> {
    for (;;) {
      const open = this.#open.get(jobId);
      if (open !== undefined) {
        this.#open.delete(jobId);
        this.#open.set(jobId, open);
        open.users++;
        return open;
      }
      const opening = this.#opening.get(jobId);
      if (opening !== undefined) {
        if (!(await opening) && !create) return null;
        continue;
      }
      const load = this.#load(jobId, create).finally(() => this.#opening.delete(jobId));
      this.#opening.set(jobId, load);
      if (!(await load)) return null;
    }
  }

  /** Opens the file into the table of open ones; false when it does not exist. */
  async #load(jobId: number, create: boolean): Promise<boolean> {
    const trace = await openTrace(this.#path(jobId), create);
    if (trace !== null) this.#open.set(jobId, trace);
    return trace !== null;
  }

  async #release(trace: OpenTrace): Promise<void> {
    trace.users--;
    if (trace.users > 0) return;
    if (trace.removed) await trace.file.close();
    else await this.#closeIdle();
  }

  async #closeIdle(): Promise<void> {
    if (this.#open.size <= this.#maxOpen) return;
    for (const [jobId, trace] of this.#open) {
      if (trace.users > 0 || trace.broken) continue;
      this.#open.delete(jobId);
      await trace.file.close();
      return;
    }
  }
}

async function append(trace: OpenTrace, chunk: Chunk): Promise<AppendResult> {
  if (trace.removed) return { ok: false, reason: 'closed' };
  if (trace.broken) return { ok: false, reason: 'broken' };
  if (trace.writing) return { ok: false, reason: 'busy' };
  const refusal = refuseAppend(trace.size, chunk);
  if (refusal !== null) return refusal;
  trace.writing = true;
  const result = await refusingFailures(async () => {
    await writeDurably(trace, chunk.bytes);
    return { ok: true, size: trace.size };
  }).finally(() => {
    trace.writing = false;
  });
  trace.broken ||= !result.ok && result.reason === 'broken';
  return result;
}

/** A disk that is full or failing is a refusal, anything else a bug. */
async function refusingFailures(work: () => Promise<AppendResult>): Promise<AppendResult> {
  try {
    return await work();
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOSPC':
      case 'EDQUOT':
      case 'EFBIG':
        return { ok: false, reason: 'full' };
      case 'EIO':
        return { ok: false, reason: 'broken' };
      default:
        throw error;
    }
  }
}
