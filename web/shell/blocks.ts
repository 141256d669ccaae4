/** How many rows of a long list are one block: those out of sight are neither laid out nor painted (`content-visibility`). */
const BLOCK = 50;

/** A long list in blocks; `style/rows.css` has the class `block`, whose height is guessed from `--rows` and `--row-height`. */
export function blocksOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / BLOCK) }, (_, index) =>
    items.slice(index * BLOCK, (index + 1) * BLOCK),
  );
}
