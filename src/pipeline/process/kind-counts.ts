import { KIND_INDEX, KINDS, type Kind, type KindSet } from '../status.ts';

/** How many jobs of each kind there are somewhere, and the set of the kinds that occur. */
export class KindCounts {
  readonly #counts = new Int32Array(KINDS.length);
  #kinds: KindSet = 0;

  get kinds(): KindSet {
    return this.#kinds;
  }

  count(kind: Kind): number {
    return this.#counts[KIND_INDEX[kind]]!;
  }

  add(kind: Kind, times = 1): void {
    const index = KIND_INDEX[kind];
    const count = this.#counts[index]! + times;
    this.#counts[index] = count;
    if (count === 0) this.#kinds &= ~(1 << index);
    else this.#kinds |= 1 << index;
  }

  move(from: Kind, to: Kind): void {
    this.add(from, -1);
    this.add(to);
  }

  /** Adds (`sign` 1) or takes away (-1) everything that `other` counts. */
  merge(other: KindCounts, sign: 1 | -1): void {
    for (const [index, kind] of KINDS.entries()) {
      const count = other.#counts[index]!;
      if (count !== 0) this.add(kind, sign * count);
    }
  }
}
