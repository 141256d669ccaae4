import type { DatabaseSync } from 'node:sqlite';
import type { OpenTx } from './open-tx.ts';
import { SharedSync } from './shared-sync.ts';
import type { Tx } from './transaction.ts';

/** One transaction that waits for its turn. */
interface Pending {
  work: (tx: Tx) => Promise<unknown>;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
}

interface Done {
  pending: Pending;
  result: unknown;
  open: OpenTx;
}

/** One commit carries at most so many transactions, and begins no further one after so long, milliseconds. */
const MAX_BATCH = 64;
const MAX_BATCH_MS = 10;

/**
 * Runs transactions on the one writing handle, one after the other, and commits those that wait together at once. Each
 * transaction is a savepoint, so one that fails takes none of its neighbours with it. The sync to disk, which is what a commit
 * costs, is not waited for by the next batch: several share one, and nobody is answered before it.
 */
export class SqliteWriter {
  readonly #handle: DatabaseSync;
  readonly #open: () => OpenTx;
  readonly #sync: SharedSync;
  readonly #queue: Pending[] = [];
  /** Commits that are not yet durable. */
  readonly #syncing = new Set<Promise<void>>();
  /** A sync failed: nobody knows what the disk holds, so nothing more is written (until the next start reads it). */
  #broken: { error: unknown } | null = null;
  #draining: Promise<void> | null = null;

  /** `open` makes what one transaction is given; `sync` makes all that was committed so far durable. */
  constructor(handle: DatabaseSync, open: () => OpenTx, sync: () => Promise<void>) {
    this.#handle = handle;
    this.#open = open;
    this.#sync = new SharedSync(sync);
  }

  /** Runs `work` in a transaction that is durable when the promise resolves; rejects with what `work` threw. */
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.#broken !== null) return Promise.reject(this.#broken.error);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#queue.push({ work, resolve: resolve as Pending['resolve'], reject });
    this.#draining ??= this.#drain();
    return promise;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#draining;
    await Promise.all(this.#syncing);
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // Requests whose bytes have arrived join the batch before it begins.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#batch();
    }
    this.#draining = null;
  }

  async #batch(): Promise<void> {
    const done: Done[] = [];
    try {
      this.#handle.exec('begin immediate');
      const deadline = performance.now() + MAX_BATCH_MS;
      do {
        await this.#runOne(this.#queue.shift()!, done);
      } while (this.#queue.length > 0 && done.length < MAX_BATCH && performance.now() < deadline);
      this.#handle.exec('commit');
    } catch (error) {
      if (this.#handle.isTransaction) this.#handle.exec('rollback');
      lose(done, error);
      if (done.length === 0) this.#queue.shift()?.reject(error); // the transaction could not even begin
      return;
    }
    const synced = this.#sync
      .now()
      .then(
        () => keep(done),
        (error) => {
          this.#broken = { error };
          lose(done, error);
        },
      )
      .finally(() => this.#syncing.delete(synced));
    this.#syncing.add(synced);
  }

  /** A failure of its own work ends one transaction; a failure of the engine, which throws here, ends the batch. */
  async #runOne(pending: Pending, done: Done[]): Promise<void> {
    const open = this.#open();
    this.#handle.exec('savepoint one');
    let result: unknown;
    try {
      result = await pending.work(open.tx);
    } catch (error) {
      pending.reject(error);
      if (!this.#handle.isTransaction) throw error; // such as a full disk: SQLite rolled everything back
      this.#handle.exec('rollback to one');
      this.#handle.exec('release one');
      return;
    }
    this.#handle.exec('release one');
    open.released();
    done.push({ pending, result, open });
  }
}

function keep(done: readonly Done[]): void {
  for (const { pending, result, open } of done) {
    open.committed();
    pending.resolve(result);
  }
}

function lose(done: readonly Done[], error: unknown): void {
  for (const { pending, open } of done) {
    open.lost();
    pending.reject(error);
  }
}
