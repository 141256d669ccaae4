import { resolvePlain } from './scalar.ts';

/** Characters that mean something at the start of a plain scalar. */
const INDICATOR = /^[-?:,[\]{}#&*!|>'"%@`]/;
const NEEDS_ESCAPES = /[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;

/** Psych quotes these twice: the short words, and what begins with no letter, digit or underscore. */
const DOUBLE_QUOTED = /^(?:[yn]|[^\p{L}\p{M}\p{N}_][^"]*)$/iu;

/**
 * A string as YAML, as lines; those after the first begin with `indent`. Several lines become a literal block, a text
 * that would read as something else is quoted. Unlike Psych, long lines are not folded.
 */
export function printString(text: string, indent: string): string[] {
  if (NEEDS_ESCAPES.test(text)) return [escaped(text)];
  if (text.includes('\n')) return isBlock(text) ? block(text, indent) : [escaped(text)];
  if (DOUBLE_QUOTED.test(text)) return [escaped(text)];
  return [isPlain(text) ? text : `'${text.replaceAll("'", "''")}'`];
}

function isPlain(text: string): boolean {
  if (text === '' || text !== text.trim() || text.includes('\t')) return false;
  if (/: |:$| #/.test(text) || startsSpecial(text)) return false;
  const read = resolvePlain(text);
  return read.ok && read.value === text;
}

/** A dash, question mark or colon may begin a plain text when more than white space follows. */
function startsSpecial(text: string): boolean {
  return INDICATOR.test(text) && !/^[-?:][^\s,[\]{}]/.test(text);
}

/** White space alone, or at the start of the first line, would be lost or misread in a literal block. */
function isBlock(text: string): boolean {
  return /\S/.test(text) && !/^\s/.test(text) && !/[ \t]+$/m.test(text);
}

function block(text: string, indent: string): string[] {
  const chomp = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-';
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  return [`|${chomp}`, ...body.split('\n').map((line) => (line === '' ? '' : indent + line))];
}

/** A double-quoted scalar: JSON's escapes are YAML's. */
function escaped(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
