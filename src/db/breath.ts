import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work after which others get their turn (security LIM-7). */
const LONG_ENOUGH = 10;

/** Lets a long loop give way to the rest of the process: `take` it once per turn of the loop. */
export class Breath {
  #since = performance.now();

  async take(): Promise<void> {
    if (performance.now() - this.#since < LONG_ENOUGH) return;
    await setImmediate();
    this.#since = performance.now();
  }
}
