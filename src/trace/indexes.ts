import type { TraceView } from './read.ts';
import { type TraceIndex, TraceIndexer } from './section.ts';

/** Noted places and sections that are kept in memory, of all logs together. */
const MAX_WEIGHT = 300_000;

interface Kept {
  /** Which bytes of the job these are: a log that is sent again or archived begins anew. */
  version: string;
  indexer: TraceIndexer;
  /** Of an archived log, once it is known: it does not change. */
  whole: TraceIndex | null;
  weight: number;
  /** Ends when what is under way ends. */
  turn: Promise<unknown>;
}

/**
 * Indexes of the logs that are looked at. That of a live log is made when it is first asked for and continued from where it
 * stood, so an append costs nothing for it, and looking again costs only what was appended.
 */
export class TraceIndexes {
  /** In order of use, the latest last. */
  readonly #kept = new Map<number, Kept>();
  readonly #stored: (jobId: number) => Promise<TraceIndex | null>;

  /** `stored` gives the index beside an archived log. */
  constructor(stored: (jobId: number) => Promise<TraceIndex | null>) {
    this.#stored = stored;
  }

  /** The index of the log as far as `view` goes, or further. Not to be changed, nor kept while the log grows. */
  of(view: TraceView): Promise<TraceIndex> {
    const version = `${view.live} ${view.resent}`;
    let kept = this.#kept.get(view.jobId);
    if (kept?.version !== version) {
      kept = { version, indexer: new TraceIndexer(), whole: null, weight: 0, turn: Promise.resolve() };
    }
    this.#kept.delete(view.jobId);
    this.#kept.set(view.jobId, kept);
    const reading = this.#continue(kept, view);
    kept.turn = reading.catch(() => {});
    return reading;
  }

  async #continue(kept: Kept, view: TraceView): Promise<TraceIndex> {
    await kept.turn;
    if (!view.live) kept.whole ??= (await this.#stored(view.jobId)) ?? (await scanned(view));
    else await append(kept.indexer, view);
    const index = kept.whole ?? kept.indexer.soFar();
    kept.weight = index.marks.length + 10 * index.sections.length;
    this.#forget();
    return index;
  }

  #forget(): void {
    let weight = 0;
    for (const kept of this.#kept.values()) weight += kept.weight;
    for (const [jobId, kept] of this.#kept) {
      if (weight <= MAX_WEIGHT) return;
      this.#kept.delete(jobId);
      weight -= kept.weight;
    }
  }
}

async function scanned(view: TraceView): Promise<TraceIndex> {
  const indexer = new TraceIndexer();
  await append(indexer, view);
  return indexer.finish();
}

async function append(indexer: TraceIndexer, view: TraceView): Promise<void> {
  const { size } = indexer.soFar();
  if (size >= view.size) return;
  for await (const slice of view.stream(size, view.size)) indexer.add(slice as Buffer);
}
