import { ESCAPE, JOINT, SECTION_MARK, STAMP } from '../../src/trace/line.ts';
import { applySgr, classesOf, PLAIN, type Style } from './style.ts';

/** A piece of a line in one style. */
export interface Span {
  text: string;
  classes: string;
}

/** A line as it is shown. */
export interface Line {
  spans: readonly Span[];
  /** What the spans say together, before it was cut. */
  text: string;
  /** When the runner says that it was written, milliseconds. */
  at: number | null;
  /** The style in which the next line begins. */
  after: Style;
}

/** Characters of a line that are shown; the rest is there in the raw log. */
export const MAX_SHOWN = 20_000;

const TOKEN = new RegExp(`${ESCAPE.source}|\\r`, 'g');
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours begin with
const SGR = /^(?:\u001b\[|\u009b)([\d;:]*)m$/;

/**
 * What a reader sees of a raw line that begins in `style`: only colours have a meaning, all other sequences are dropped, and of what
 * carriage returns wrote over each other the last that is not blank remains (security WEB-1).
 */
export function parseLine(raw: string, style: Style = PLAIN): Line {
  const stamp = STAMP.exec(raw);
  const text = (stamp === null ? raw : raw.slice(stamp[0].length))
    .replace(JOINT, '')
    .replace(SECTION_MARK, '');
  let piece: Span[] = [];
  let kept: Span[] | null = null;
  let after = style;
  let from = 0;
  const add = (to: number) => {
    if (to > from) piece.push({ text: text.slice(from, to), classes: classesOf(after) });
  };
  for (const found of text.matchAll(TOKEN)) {
    add(found.index);
    from = found.index + found[0].length;
    if (found[0] === '\r') {
      if (!isBlank(piece)) kept = piece;
      piece = [];
    } else {
      const sgr = SGR.exec(found[0]);
      if (sgr !== null) after = applySgr(after, sgr[1]!);
    }
  }
  add(text.length);
  const spans = isBlank(piece) ? (kept ?? piece) : piece;
  return {
    spans: cut(spans),
    text: spans.map((span) => span.text).join(''),
    at: stamp === null ? null : Date.parse(stamp[1]!),
    after,
  };
}

function isBlank(piece: Span[]): boolean {
  return piece.every(({ text }) => text.trim() === '');
}

function cut(spans: Span[]): Span[] {
  const shown: Span[] = [];
  let room = MAX_SHOWN;
  for (const span of spans) {
    if (room <= 0) break;
    shown.push(span.text.length > room ? { ...span, text: span.text.slice(0, room) } : span);
    room -= span.text.length;
  }
  return shown;
}
