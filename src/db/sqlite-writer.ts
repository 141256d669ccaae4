import type { DatabaseSync } from 'node:sqlite';
import type { OpenTx } from './open-tx.ts';
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
 * Runs transactions on the one writing handle, one after the other, and commits those that wait together at once: the
 * sync to disk is what a commit costs, and 50 requests at a time would each wait for 50 of them. Each transaction is a
 * savepoint, so one that fails takes none of its neighbours with it; nobody is answered before the common commit.
 */
export class SqliteWriter {
  readonly #handle: DatabaseSync;
  readonly #open: () => OpenTx;
  readonly #queue: Pending[] = [];
  #draining: Promise<void> | null = null;

  /** `open` makes what one transaction is given. */
  constructor(handle: DatabaseSync, open: () => OpenTx) {
    this.#handle = handle;
    this.#open = open;
  }

  /** Runs `work` in a transaction that is durable when the promise resolves; rejects with what `work` threw. */
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#queue.push({ work, resolve: resolve as Pending['resolve'], reject });
    this.#draining ??= this.#drain();
    return promise;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#draining;
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
      for (const { pending, open } of done) {
        open.lost();
        pending.reject(error);
      }
      if (done.length === 0) this.#queue.shift()?.reject(error); // the transaction could not even begin
      return;
    }
    for (const { pending, result, open } of done) {
      open.committed();
      pending.resolve(result);
    }
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
