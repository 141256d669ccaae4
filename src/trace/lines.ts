import { newlineAt, STAMP_LENGTH } from './line.ts';
import { bytesBetween, type TraceView } from './read.ts';
import type { TraceIndex } from './section.ts';

/** Where some lines of a log stand: `count` of them from line `first`, bytes `start` to before `end`. */
export interface LineRange {
  first: number;
  count: number;
  start: number;
  end: number;
}

const SLICE = 64 * 1024;
const NEWLINE = 10;

/** Where `count` lines from `first` on stand, as far as the log has them; at most two short reads. */
export async function findLines(
  view: TraceView,
  index: TraceIndex,
  first: number,
  count: number,
): Promise<LineRange> {
  const from = Math.min(first, index.lines);
  const to = Math.min(from + count, index.lines);
  const start = await offsetOfLine(view, index, from);
  return { first: from, count: to - from, start, end: await offsetOfLine(view, index, to) };
}

/** The offset at which a line begins; the end of the log for the line that would follow the last. */
async function offsetOfLine(view: TraceView, index: TraceIndex, line: number): Promise<number> {
  if (line >= index.lines) return index.size;
  let [at, position] = markBefore(index.marks, line);
  while (at < line) {
    const bytes = await bytesBetween(view, position, Math.min(position + SLICE, index.size));
    const last = bytes.length < SLICE;
    let passed = 0;
    let newline = bytes.indexOf(NEWLINE);
    while (at < line && newline !== -1) {
      const kind = newlineAt(bytes, newline);
      if (kind === 'undecided' && !last) break;
      passed = newline + 1;
      if (kind === 'joint') passed += STAMP_LENGTH;
      else at++;
      newline = bytes.indexOf(NEWLINE, passed);
    }
    if (at === line) return position + passed;
    if (last) return index.size;
    // A newline that is not decided yet is seen again, with what follows it.
    position += newline === -1 ? bytes.length : newline;
  }
  return position;
}

function markBefore(marks: TraceIndex['marks'], line: number): [line: number, offset: number] {
  let [low, high] = [0, marks.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (marks[middle]![0] <= line) low = middle;
    else high = middle - 1;
  }
  return marks[low]!;
}
