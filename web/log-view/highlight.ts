import type { Span } from './line.ts';

/** A stretch of a line that a search found. */
export interface Match {
  column: number;
  length: number;
  /** The one that the reader is at. */
  current: boolean;
}

/** A span, or a part of one that was found. */
export interface MarkedSpan extends Span {
  found: 'no' | 'yes' | 'current';
}

/** Where `text` stands in a line, as the server counts it: one behind the other, letters in either case unless it matters. */
export function matchesIn(line: string, text: string, caseSensitive: boolean): number[] {
  if (text === '') return [];
  const [haystack, needle] = caseSensitive ? [line, text] : [line.toLowerCase(), text.toLowerCase()];
  const columns: number[] = [];
  for (let at = haystack.indexOf(needle); at !== -1; at = haystack.indexOf(needle, at + needle.length))
    columns.push(at);
  return columns;
}

/** Cuts spans where matches begin and end. Matches come in order and apart from each other. */
export function markSpans(spans: readonly Span[], matches: readonly Match[]): MarkedSpan[] {
  const marked: MarkedSpan[] = [];
  let from = 0;
  for (const { text, classes } of spans) {
    const to = from + text.length;
    let at = from;
    for (const { column, length, current } of matches) {
      const [begin, end] = [Math.max(column, from), Math.min(column + length, to)];
      if (begin >= end) continue;
      if (begin > at) marked.push({ text: text.slice(at - from, begin - from), classes, found: 'no' });
      marked.push({
        text: text.slice(begin - from, end - from),
        classes,
        found: current ? 'current' : 'yes',
      });
      at = end;
    }
    if (at < to) marked.push({ text: text.slice(at - from), classes, found: 'no' });
    from = to;
  }
  return marked;
}
