/** Lines that an address names, counted from 0, both included. */
export interface LineRange {
  first: number;
  last: number;
}

/** The lines of `#L10` or `#L10-L20`, in which they count from 1; null for another fragment. */
export function linesOfHash(hash: string): LineRange | null {
  const found = /^#L(\d{1,9})(?:-L?(\d{1,9}))?$/.exec(hash);
  if (found === null) return null;
  const [one, other] = [Number(found[1]) - 1, Number(found[2] ?? found[1]) - 1];
  return one < 0 || other < 0 ? null : { first: Math.min(one, other), last: Math.max(one, other) };
}

/** The fragment that names them. */
export function hashOfLines({ first, last }: LineRange): string {
  return first === last ? `#L${first + 1}` : `#L${first + 1}-L${last + 1}`;
}

/** The lines after a click on a number; with the shift key those from where it began to there. */
export function clickedLines(line: number, before: LineRange | null, extend: boolean): LineRange {
  if (!extend || before === null) return { first: line, last: line };
  return line < before.first ? { first: line, last: before.last } : { first: before.first, last: line };
}
