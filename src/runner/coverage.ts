import { RE2JS } from 're2js';
import { JOINT, newlineAt, STAMP } from '../trace/line.ts';
import type { TraceView } from '../trace/read.ts';

/** The log is read backwards in windows of this many bytes, and not further back than the second number. */
const WINDOW = 256 * 1024;
const FURTHEST = 64 * 1024 * 1024;

/**
 * The coverage that a job printed (ci-yaml 26.3): on the last line that matches `pattern`, the last match (its last
 * group, if it has groups), and in it the first number. Stamps that the runner put before lines are no part of them. Null
 * without one.
 */
export async function coverageOf(
  trace: Pick<TraceView, 'size' | 'stream'>,
  pattern: string,
): Promise<number | null> {
  let regex: RE2JS;
  try {
    regex = RE2JS.compile(pattern);
  } catch {
    return null;
  }
  let rest = Buffer.alloc(0);
  const stop = Math.max(0, trace.size - FURTHEST);
  for (let end = trace.size; end > stop; ) {
    const start = Math.max(stop, end - WINDOW);
    const window = Buffer.concat([await bytesOf(trace, start, end), rest]);
    const lineStart = start === 0 ? 0 : firstLineIn(window);
    const text = window.toString('utf8', lineStart);
    const found = lastIn(text, regex);
    if (found !== null) return found;
    // The first line of the window may have begun in the one before it; an endless one is not kept.
    rest = lineStart === 0 || lineStart > WINDOW ? Buffer.alloc(0) : window.subarray(0, lineStart);
    end = start;
  }
  return null;
}

/** Where the first line begins that is whole; 0 where none does. */
function firstLineIn(window: Buffer): number {
  let at = window.indexOf(0x0a);
  while (at !== -1 && newlineAt(window, at) === 'joint') at = window.indexOf(0x0a, at + 1);
  return at + 1;
}

function lastIn(text: string, regex: RE2JS): number | null {
  const lines = text.replace(JOINT, '').split('\n');
  for (let i = lines.length - 1; i >= 0; i--) {
    const match = lastMatch(lines[i]!.replace(STAMP, '').replace(/\r$/, ''), regex);
    if (match === null) continue;
    const number = /\d+(?:\.\d+)?/.exec(match);
    if (number !== null) return Number(number[0]);
  }
  return null;
}

function lastMatch(line: string, regex: RE2JS): string | null {
  const matcher = regex.matcher(line);
  let last: string | null = null;
  while (matcher.find()) last = matcher.group(matcher.groupCount()) ?? '';
  return last;
}

async function bytesOf(trace: Pick<TraceView, 'stream'>, start: number, end: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of trace.stream(start, end)) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
