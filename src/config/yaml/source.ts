import type { Position } from '../compiled.ts';

/** A piece of a configuration file: one document of it. */
export interface Source {
  /** Name of the file, as positions and errors show it. */
  file: string;
  text: string;
  /** Line of the file at which `text` begins, from 1. */
  firstLine: number;
}

/** Maps an offset in the source's text to its position in the file. */
export function locator(source: Source): (offset: number) => Position {
  const starts = lineStarts(source.text);
  return (offset) => {
    const line = lastAtOrBefore(starts, offset);
    return { file: source.file, line: source.firstLine + line, column: offset - starts[line]! + 1 };
  };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

function lastAtOrBefore(starts: number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
