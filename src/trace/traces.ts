import { join } from 'node:path';
import { deleteArtifacts } from '../artifact/delete.ts';
import type { ArtifactStore } from '../artifact/store.ts';
import type { Database } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import type { AppendResult, Chunk } from './append.ts';
import { archiveTrace } from './archive.ts';
import type { Arrival } from './arrivals.ts';
import { agrees, type SaidAboutTrace } from './checksum.ts';
import { TraceIndexes } from './indexes.ts';
import { deleteTrace, insertTrace, liveAmong, traceOf, unarchivedTraces, updateTrace } from './queries.ts';
import { readTraceIndex, type TraceView, viewTrace } from './read.ts';
import { type Found, type Search, searchTrace } from './search.ts';
import type { TraceIndex } from './section.ts';
import { ChunkTraces } from './store/chunks.ts';
import { FileTraces } from './store/files.ts';
import type { LiveStore } from './store.ts';
import { Turnstile } from './turnstile.ts';
import { Watching } from './watching.ts';

/** Searches that run at the same time. */
const MAX_SEARCHES = 2;

export interface TracesOptions {
  /** The server's data directory; live traces of a single process are files in `traces` below it. */
  dataDir: string;
  db: Database;
  artifacts: ArtifactStore;
}

/** The logs of jobs: appended while they run, archived as artifacts when they end. Sizes are bytes, times milliseconds. */
export class Traces {
  readonly watching: Watching;
  readonly #db: Database;
  readonly #artifacts: ArtifactStore;
  readonly #live: LiveStore;
  /** Jobs with an append under way, and jobs being archived: each excludes the other. */
  readonly #appending = new Map<number, number>();
  readonly #archiving = new Set<number>();
  readonly #indexes = new TraceIndexes((jobId) => readTraceIndex(this.#places, jobId));
  readonly #searching = new Turnstile(MAX_SEARCHES);

  private constructor(db: Database, artifacts: ArtifactStore, live: LiveStore) {
    this.#db = db;
    this.watching = new Watching(db.notifications);
    this.#artifacts = artifacts;
    this.#live = live;
  }

  /** Creates what is missing on disk. When several processes share the database, live bytes are kept there. */
  static async open({ dataDir, db, artifacts }: TracesOptions): Promise<Traces> {
    const live = db.capabilities.sharedByProcesses
      ? new ChunkTraces(db)
      : await FileTraces.open(join(dataDir, 'traces'));
    return new Traces(db, artifacts, live);
  }

  /** Appends by the exact-offset rule; durable when it says ok. Wakes who waits on `trace:<job id>`. */
  async append(chunk: Chunk): Promise<AppendResult> {
    const { jobId } = chunk;
    if (this.#archiving.has(jobId)) return { ok: false, reason: 'closed' };
    this.#appending.set(jobId, (this.#appending.get(jobId) ?? 0) + 1);
    try {
      const result = await this.#live.append(chunk, () => this.#begin(jobId, chunk.now));
      if (result.ok && chunk.bytes.length > 0 && !this.#db.capabilities.sharedByProcesses) {
        this.#db.notifications.publish([`trace:${jobId}`]);
      }
      return result;
    } finally {
      const left = this.#appending.get(jobId)! - 1;
      if (left === 0) this.#appending.delete(jobId);
      else this.#appending.set(jobId, left);
    }
  }

  /** The trace of a job to read, or null when there is none. */
  view(jobId: number): Promise<TraceView | null> {
    return viewTrace(this.#places, jobId);
  }

  /** Where lines and sections of a trace are, as far as `view` goes or further. Not to be changed, nor kept while it grows. */
  index(view: TraceView): Promise<TraceIndex> {
    return this.#indexes.of(view);
  }

  /** When the bytes of a trace arrived, as far as that is known. */
  async times(view: TraceView): Promise<Arrival[]> {
    return view.live ? this.#live.times(view.jobId) : ((await this.index(view)).times ?? []);
  }

  /** What matches in a trace; of many searches at once some wait, so that others do not wait for them. */
  async search(view: TraceView, search: Search): Promise<Found> {
    const leave = await this.#searching.enter();
    try {
      return await searchTrace(view, search);
    } finally {
      leave();
    }
  }

  /**
   * Compares what is stored with what the runner says it sent, before the job's end is recorded. `resend`: ours was wrong
   * and is dropped; answer 412 and the runner sends all of it again. A second disagreement is accepted and the
   * trace marked corrupt (REL-17).
   */
  async settle(jobId: number, said: SaidAboutTrace, now: number): Promise<'stored' | 'resend'> {
    if (agrees(said, await this.#live.summary(jobId))) return 'stored';
    const verdict = await this.#db.transaction(async (tx) => {
      const row = await traceOf(tx, jobId);
      if (row?.archived) return 'stored';
      if (row === null) await insertTrace(tx, jobId, now);
      const first = row === null || row.checksum === null;
      await updateTrace(tx, jobId, first ? { checksum: said.checksum! } : { corrupt: true }, now);
      return first ? 'resend' : 'stored';
    });
    if (verdict === 'resend') {
      await this.#live.truncate(jobId, now);
      this.#db.notifications.publish([`trace:${jobId}`]);
    }
    return verdict;
  }

  /** Archives the log of a finished job; false when there is nothing to do, or an append is still under way. */
  async archive(jobId: number, projectId: number, now: number): Promise<boolean> {
    if (this.#appending.has(jobId) || this.#archiving.has(jobId)) return false;
    this.#archiving.add(jobId);
    try {
      const deps = { db: this.#db, live: this.#live, artifacts: this.#artifacts };
      return await archiveTrace(deps, jobId, projectId, now);
    } finally {
      this.#archiving.delete(jobId);
    }
  }

  /**
   * Archives up to `limit` logs of finished jobs; gives how many. The recovery of `archive`, and its ordinary caller. One
   * that fails does not keep the others; what they threw is thrown at the end.
   */
  async archiveFinished(limit: number, now: number): Promise<number> {
    let archived = 0;
    const failures: unknown[] = [];
    for (const { jobId, projectId } of await unarchivedTraces(this.#db.read, limit)) {
      try {
        if (await this.archive(jobId, projectId, now)) archived++;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} logs could not be archived`);
    return archived;
  }

  /** Deletes the logs of these jobs, archived ones included; live bytes go after the commit. */
  async erase(tx: Tx, jobIds: readonly number[], now: number): Promise<void> {
    if (jobIds.length === 0) return;
    await deleteTrace(tx, jobIds);
    await deleteArtifacts(tx, jobIds, { only: ['trace'] }, now);
    tx.afterCommit(() => {
      for (const jobId of jobIds) void this.#live.remove(jobId).catch(() => {}); // the sweep finds what stays
    });
  }

  /** Removes live bytes that no live trace owns, left by a crash between a commit and their removal. Gives how many. */
  async sweep(): Promise<number> {
    const jobIds = await this.#live.jobIds();
    const live = await liveAmong(this.#db.read, jobIds);
    const left = jobIds.filter((jobId) => !live.has(jobId) && !this.#appending.has(jobId));
    for (const jobId of left) await this.#live.remove(jobId);
    return left.length;
  }

  /** Closes files; nothing may be under way. */
  close(): Promise<void> {
    return this.#live.close();
  }

  get #places() {
    return { reading: this.#db.read, live: this.#live, artifacts: this.#artifacts };
  }

  /** Notes a new trace; false when the job's trace is archived. */
  #begin(jobId: number, now: number): Promise<boolean> {
    return this.#db.transaction(async (tx) => {
      const row = await traceOf(tx, jobId);
      if (row === null) await insertTrace(tx, jobId, now);
      return row?.archived !== true;
    });
  }
}
