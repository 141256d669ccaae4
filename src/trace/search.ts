import { setImmediate } from 'node:timers/promises';
import { JOINT, newlineAt, visibleText } from './line.ts';
import type { TraceView } from './read.ts';

/** What is looked for in a log, in two steps: `may` is asked of many lines at once, `columns` of each line of those. */
export interface Pattern {
  /** False only when no line of the text can match. Escape sequences may be left in it. */
  may(text: string): boolean;
  /** Where matches begin in what a reader sees of one line, in UTF-16 code units. */
  columns(visible: string): number[];
}

export interface Search {
  pattern: Pattern;
  /** The first line whose matches are told, and how many of them at most. */
  from: number;
  limit: number;
  signal: AbortSignal;
}

export interface Found {
  /** Matches in the whole log, counted up to `MAX_COUNT`. */
  count: number;
  /** False when it was not read to its end, as the count was reached. */
  complete: boolean;
  matches: { line: number; column: number }[];
}

/** Matches are not counted further. */
export const MAX_COUNT = 100_000;
/** So much of a line is looked at, in bytes. */
const MAX_LINE = 1024 * 1024;
/** Bytes that are looked at before others have their turn: well under a millisecond of work where nothing matches. */
const SLICE = 64 * 1024;
const NEWLINE = 10;

/**
 * Looks through the log as a reader sees it: stamps, section marks and escape sequences hide nothing and match nothing. Memory
 * is bounded by the longest line that is looked at; between slices everybody else has a turn.
 */
export async function searchTrace(view: TraceView, search: Search): Promise<Found> {
  const found: Found = { count: 0, complete: true, matches: [] };
  const lines = new LineReader();
  for await (const bytes of view.stream()) {
    for (let at = 0; at < bytes.length; at += SLICE) {
      lines.add((bytes as Buffer).subarray(at, at + SLICE));
      look(lines, search, found, false);
      if (found.count >= MAX_COUNT) return { ...found, complete: false };
      if (search.signal.aborted) return { ...found, complete: false };
      await setImmediate();
    }
  }
  look(lines, search, found, true);
  return found;
}

function look(lines: LineReader, { pattern, from, limit }: Search, found: Found, last: boolean): void {
  const first = lines.line;
  const text = lines.take(last);
  if (text === null || !pattern.may(text)) return;
  for (const [index, raw] of text.replace(JOINT, '').split('\n').entries()) {
    const columns = pattern.columns(visibleText(raw));
    found.count += columns.length;
    for (const column of columns) {
      if (first + index >= from && found.matches.length < limit)
        found.matches.push({ line: first + index, column });
    }
  }
}

/** Cuts bytes into whole lines; of one that is too long only the beginning is given. */
class LineReader {
  /** The line that the next text begins with. */
  line = 0;
  #rest: Buffer = Buffer.alloc(0);
  /** The beginning of this line was given: the rest of it is dropped. */
  #dropping = false;

  add(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
  }

  /** The whole lines that are there, without the newline of the last; null while there is none. */
  take(last: boolean): string | null {
    if (this.#dropping && !this.#drop()) return null;
    const end = last ? this.#rest.length : this.#lastEnd();
    if (end === -1) {
      if (this.#rest.length < MAX_LINE) return null;
      this.#dropping = true;
      return this.#rest.toString('utf8', 0, MAX_LINE);
    }
    const text = this.#rest.toString('utf8', 0, end);
    for (
      let at = this.#rest.indexOf(NEWLINE);
      at !== -1 && at <= end;
      at = this.#rest.indexOf(NEWLINE, at + 1)
    ) {
      if (newlineAt(this.#rest, at) === 'end') this.line++;
    }
    this.#rest = this.#rest.subarray(end + 1);
    return text;
  }

  /** Drops up to the end of the line; false while that is not there. */
  #drop(): boolean {
    for (let at = this.#rest.indexOf(NEWLINE); at !== -1; at = this.#rest.indexOf(NEWLINE, at + 1)) {
      const kind = newlineAt(this.#rest, at);
      if (kind === 'joint') continue;
      this.#rest = this.#rest.subarray(kind === 'end' ? at + 1 : at);
      if (kind === 'undecided') return false;
      this.line++;
      this.#dropping = false;
      return true;
    }
    this.#rest = Buffer.alloc(0);
    return false;
  }

  /** The last newline that ends a line, or -1. */
  #lastEnd(): number {
    let at = this.#rest.lastIndexOf(NEWLINE);
    while (at !== -1 && newlineAt(this.#rest, at) !== 'end')
      at = at === 0 ? -1 : this.#rest.lastIndexOf(NEWLINE, at - 1);
    return at;
  }
}
