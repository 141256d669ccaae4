import { type Line, parseLine } from './line.ts';
import { PLAIN, type Style } from './style.ts';

/** A line as it came. */
export interface RawLine {
  raw: string;
  /** When it came, for runners that do not say when it was written; null where nobody knows. */
  arrived: number | null;
}

/** A line as it is shown. */
export type ShownLine = Line & Pick<RawLine, 'arrived'>;

interface Entry extends RawLine {
  /** Read when it is first shown; the same object until the line changes. */
  line: ShownLine | null;
}

/** Lines that are fetched and kept together. */
export const BLOCK_LINES = 500;
/** Blocks that are kept: what is in sight, and some around it. */
const MAX_BLOCKS = 40;

/** The lines of a log that are at hand, in blocks; those not looked at for longest are let go. */
export class Blocks {
  /** In order of use, the latest last. */
  readonly #blocks = new Map<number, (Entry | undefined)[]>();
  /** How the block after ends, for the colours of the next. */
  readonly #after = new Map<number, Style>();

  /** A line as it is shown, or null while it is not at hand. */
  line(number: number): ShownLine | null {
    const block = this.#use(Math.floor(number / BLOCK_LINES));
    const entry = block?.[number % BLOCK_LINES];
    if (block === undefined || entry === undefined) return null;
    return entry.line ?? this.#read(block, number);
  }

  has(number: number): boolean {
    return this.#blocks.get(Math.floor(number / BLOCK_LINES))?.[number % BLOCK_LINES] !== undefined;
  }

  /** Puts lines where they belong, from `first` on. */
  put(first: number, lines: readonly RawLine[]): void {
    for (const [index, line] of lines.entries()) {
      const number = first + index;
      const at = Math.floor(number / BLOCK_LINES);
      let block = this.#use(at);
      if (block === undefined) {
        block = [];
        this.#blocks.set(at, block);
        this.#forget();
      }
      block[number % BLOCK_LINES] = { ...line, line: null };
    }
  }

  clear(): void {
    this.#blocks.clear();
    this.#after.clear();
  }

  #use(at: number): (Entry | undefined)[] | undefined {
    const block = this.#blocks.get(at);
    if (block === undefined) return undefined;
    this.#blocks.delete(at);
    this.#blocks.set(at, block);
    return block;
  }

  #forget(): void {
    while (this.#blocks.size > MAX_BLOCKS) this.#blocks.delete(this.#blocks.keys().next().value!);
  }

  /** Reads the lines of the block up to this one: each begins in the style in which the one before ends. */
  #read(block: (Entry | undefined)[], number: number): ShownLine {
    const at = Math.floor(number / BLOCK_LINES);
    let style = this.#after.get(at - 1) ?? PLAIN;
    for (let index = 0; index <= number % BLOCK_LINES; index++) {
      const entry = block[index];
      if (entry === undefined) continue;
      entry.line ??= { ...parseLine(entry.raw, style), arrived: entry.arrived };
      style = entry.line.after;
    }
    if (number % BLOCK_LINES === BLOCK_LINES - 1) this.#after.set(at, style);
    return block[number % BLOCK_LINES]!.line!;
  }
}
