/**
 * Turns for commands that cost much (packing for a fetch, checking a push): so many at once on one repository, so many
 * in all; the rest wait in order (security GIT-6).
 */
export class PackSlots {
  readonly #perRepository: number;
  readonly #inAll: number;
  readonly #busy = new Map<string, number>();
  readonly #waiting: { repository: string; start: () => void }[] = [];
  #running = 0;

  constructor(perRepository = 8, inAll = 16) {
    this.#perRepository = perRepository;
    this.#inAll = inAll;
  }

  /** Waits for a turn on `repository`; call what it returns once, when done. Rejects with the signal's reason. */
  take(repository: string, signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const entry = {
        repository,
        start: () => {
          signal?.removeEventListener('abort', leave);
          this.#count(repository, 1);
          resolve(this.#release(repository));
        },
      };
      const leave = () => {
        const place = this.#waiting.indexOf(entry);
        if (place >= 0) this.#waiting.splice(place, 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(entry);
      this.#startNext();
    });
  }

  #release(repository: string): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#count(repository, -1);
      this.#startNext();
    };
  }

  #count(repository: string, change: number): void {
    this.#running += change;
    const busy = (this.#busy.get(repository) ?? 0) + change;
    if (busy === 0) this.#busy.delete(repository);
    else this.#busy.set(repository, busy);
  }

  #startNext(): void {
    while (this.#running < this.#inAll) {
      const place = this.#waiting.findIndex(
        (entry) => (this.#busy.get(entry.repository) ?? 0) < this.#perRepository,
      );
      if (place < 0) return;
      this.#waiting.splice(place, 1)[0]?.start();
    }
  }
}
