/** Bounds all waiting of one compilation: `within` gives the work's result, or null once the time is over. */
export class Deadline {
  readonly #signal: AbortSignal;

  /** The timer keeps no process alive. */
  constructor(milliseconds: number) {
    this.#signal = AbortSignal.timeout(milliseconds);
  }

  async within<T>(work: Promise<T>): Promise<{ value: T } | null> {
    const signal = this.#signal;
    if (signal.aborted) return null;
    const { promise: over, resolve } = Promise.withResolvers<null>();
    const stop = () => resolve(null);
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await Promise.race([work.then((value) => ({ value })), over]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}
