import type { RunnerFacts } from '../match.ts';

/** One held request: it looks, sleeps until it is woken, and looks again. */
export class Waiter {
  runner: RunnerFacts;
  scopes: string[] = [];
  #woken = false;
  #end: ((woken: boolean) => void) | null = null;

  constructor(runner: RunnerFacts) {
    this.runner = runner;
  }

  /** It was woken and has not begun to look since: it counts for one of the waiting jobs. */
  get woken(): boolean {
    return this.#woken;
  }

  get asleep(): boolean {
    return this.#end !== null;
  }

  /** Begins a look. A wake from here on makes the next sleep end at once. */
  look(): void {
    this.#woken = false;
  }

  /** True when woken, also since the look began; false after `ms`, when the client left, or when released. */
  sleep(ms: number, signal: AbortSignal): Promise<boolean> {
    if (this.#woken) return Promise.resolve(true);
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const release = () => this.#end?.(false);
      const timer = setTimeout(release, ms);
      this.#end = (woken) => {
        this.#end = null;
        clearTimeout(timer);
        signal.removeEventListener('abort', release);
        resolve(woken);
      };
      signal.addEventListener('abort', release);
    });
  }

  wake(): void {
    this.#woken = true;
    this.#end?.(true);
  }

  /** Ends the sleep without a reason to look again. */
  release(): void {
    this.#end?.(false);
  }
}
