/**
 * Makes written bytes durable without waiting in the way of others: callers that come while a sync is under way share the next
 * one. Once a sync has failed nothing is known of the bytes before it, so every later call fails too.
 */
export class SharedSync {
  readonly #sync: () => Promise<void>;
  /** The last one that was begun or will be. */
  #last: Promise<void> = Promise.resolve();
  /** One that waits for its turn. */
  #next: Promise<void> | null = null;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** Resolves when all that was written before the call is durable; rejects with the error of a sync that failed. */
  now(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = null;
      return this.#sync();
    });
    this.#last = this.#next;
    return this.#next;
  }
}
