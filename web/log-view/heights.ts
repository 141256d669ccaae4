/** How tall rows are: all alike but for those that were measured to be taller, as wrapped lines are. Pixels. */
export class Heights {
  readonly count: number;
  readonly #each: number;
  /** What measured rows are taller, by row; and its sums in a Fenwick tree, made when the first one is. */
  readonly #taller = new Map<number, number>();
  #sums: Float64Array | null = null;
  #allTaller = 0;

  constructor(count: number, each: number) {
    this.count = count;
    this.#each = each;
  }

  get total(): number {
    return this.count * this.#each + this.#allTaller;
  }

  /** Where a row begins. */
  top(row: number): number {
    let top = row * this.#each;
    if (this.#sums !== null) for (let at = row; at > 0; at -= at & -at) top += this.#sums[at]!;
    return top;
  }

  /** The row at a height, the last one for what is below. */
  rowAt(y: number): number {
    const last = Math.max(0, this.count - 1);
    if (this.#sums === null) return Math.min(last, Math.max(0, Math.floor(y / this.#each)));
    let [row, left] = [0, y];
    for (let step = 1 << Math.floor(Math.log2(Math.max(1, this.count))); step > 0; step >>= 1) {
      const next = row + step;
      if (next > this.count) continue;
      const height = step * this.#each + this.#sums[next]!;
      if (height > left) continue;
      row = next;
      left -= height;
    }
    return Math.min(last, row);
  }

  /** Notes how tall a row was found to be; gives by how much that changed. */
  measure(row: number, height: number): number {
    const taller = height - this.#each;
    const change = taller - (this.#taller.get(row) ?? 0);
    if (Math.abs(change) < 0.5) return 0;
    this.#taller.set(row, taller);
    this.#allTaller += change;
    this.#sums ??= new Float64Array(this.count + 1);
    for (let at = row + 1; at <= this.count; at += at & -at) this.#sums[at]! += change;
    return change;
  }

  /** The same rows and some more at the end. */
  grownTo(count: number): Heights {
    const grown = new Heights(count, this.#each);
    for (const [row, taller] of this.#taller) if (row < count) grown.measure(row, taller + this.#each);
    return grown;
  }
}
