/** Wakeups inside one process: who waits on a topic is called when somebody publishes it. */
export class Notifications {
  readonly #listeners = new Map<string, Set<() => void>>();
  /** Brings topics to the other processes that share the database; they publish them there. */
  readonly send: (topics: Iterable<string>) => void;

  constructor(send: (topics: Iterable<string>) => void = () => {}) {
    this.send = send;
  }

  /** Calls `listener` on every publication of `topic` until the returned function is called. */
  subscribe(topic: string, listener: () => void): () => void {
    let listeners = this.#listeners.get(topic);
    if (listeners === undefined) {
      listeners = new Set();
      this.#listeners.set(topic, listeners);
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic);
    };
  }

  publish(topics: Iterable<string>): void {
    for (const topic of topics) {
      for (const listener of [...(this.#listeners.get(topic) ?? [])]) listener();
    }
  }

  /** After a lost connection nobody knows what was missed: everybody looks again. */
  publishAll(): void {
    this.publish([...this.#listeners.keys()]);
  }

  /** Waiting listeners, for the test that nothing is left behind. */
  get size(): number {
    let count = 0;
    for (const listeners of this.#listeners.values()) count += listeners.size;
    return count;
  }
}
