const SIZES = [1, 8, 64, 512];

/** Splits ids into lists of few different lengths, the last id repeated to fill one up, so that few SQL texts exist. */
export function* paddedLists(ids: readonly number[]): Generator<{ ids: number[]; padded: number[] }> {
  for (let start = 0; start < ids.length; ) {
    const left = ids.length - start;
    const size = SIZES.find((candidate) => candidate >= left) ?? SIZES.at(-1)!;
    const part = ids.slice(start, start + size);
    yield { ids: part, padded: [...part, ...Array<number>(size - part.length).fill(part.at(-1)!)] };
    start += size;
  }
}

/** `?, ?, ?` for so many values. */
export function marks(count: number): string {
  return Array(count).fill('?').join(', ');
}
