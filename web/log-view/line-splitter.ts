import { newlineAt } from '../../src/trace/line.ts';

/** The newline that ends a line, and not one before a stamp that continues it. */
const END = /\n(?!\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [\da-f]{2}[OE]\+)/;
const encoder = new TextEncoder();

/** Splits a log that comes piece by piece into lines, exactly as the server counts them. */
export class LineSplitter {
  /** The last line so far, which may go on. */
  rest: string;

  constructor(rest = '') {
    this.rest = rest;
  }

  /** Takes what came; gives the lines that ended with it, without their newlines. */
  push(text: string): string[] {
    const all = this.rest + text;
    const open = openEnd(all);
    const lines = all.slice(0, open).split(END);
    this.rest = lines.pop()! + all.slice(open);
    return lines;
  }
}

/** Where a newline stands of which the end of the text does not tell yet what it does; the text's length without one. */
function openEnd(text: string): number {
  const at = text.lastIndexOf('\n');
  if (at === -1) return text.length;
  return newlineAt(encoder.encode(text.slice(at, at + 64)), 0) === 'undecided' ? at : text.length;
}

/** Splits the bytes of whole lines; gives each with its newline taken off and the offset at which it begins. */
export function splitBytes(bytes: Uint8Array, offset: number): { raw: string; offset: number }[] {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const lines: { raw: string; offset: number }[] = [];
  let start = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) {
    if (newlineAt(bytes, at) === 'joint') continue;
    lines.push({ raw: decoder.decode(bytes.subarray(start, at)), offset: offset + start });
    start = at + 1;
  }
  if (start < bytes.length)
    lines.push({ raw: decoder.decode(bytes.subarray(start)), offset: offset + start });
  return lines;
}
