/** Bytes from `offset` to before that of the next arrival came at about this time, in milliseconds. */
export type Arrival = [offset: number, at: number];

/** Kept for one log; beyond that every second one goes. */
const MAX_ARRIVALS = 4096;
/** What comes within this many milliseconds of an arrival counts as one with it; doubled with each thinning. */
const SAME_MS = 500;

/**
 * When the bytes of a log came, roughly, for the lines of runners that do not say when they were written. Bounded however long the
 * log is written; a note costs nothing to speak of.
 */
export class Arrivals {
  #noted: Arrival[] = [];
  #sameMs = SAME_MS;

  note(offset: number, at: number): void {
    const last = this.#noted.at(-1);
    if (last !== undefined && at - last[1] < this.#sameMs) return;
    this.#noted.push([offset, at]);
    if (this.#noted.length <= MAX_ARRIVALS) return;
    this.#noted = this.#noted.filter((_, index) => index % 2 === 0);
    this.#sameMs *= 2;
  }

  get all(): Arrival[] {
    return this.#noted;
  }
}
