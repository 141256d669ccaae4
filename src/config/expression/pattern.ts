import { RE2JS } from 're2js';

/** Longer patterns are refused (security RE-1). Characters. */
const MAX_PATTERN_LENGTH = 1024;
/** Only this much of a text is searched (security RE-1). Characters. */
const MAX_INPUT_LENGTH = 1024 * 1024;
const MAX_COMPILED = 500;

const compiled = new Map<string, RE2JS | null>();

/**
 * Takes `/source/flags` apart, with `\/` read as `/`; null when `text` does not have that form.
 * The form in a variable's value or in `only:refs`; an expression's literal is lexed more strictly.
 */
export function splitPattern(text: string): { source: string; flags: string } | null {
  const match = /^\/(.*)\/([ismU]*)$/.exec(text);
  return match === null ? null : { source: match[1]!.replaceAll('\\/', '/'), flags: match[2]! };
}

/** Whether RE2 accepts the pattern: no lookaround, no back-reference. */
export function isValidPattern(source: string, flags: string): boolean {
  return compilePattern(source, flags) !== null;
}

/** Whether the pattern occurs anywhere in `text`; linear in its length. False for a pattern that RE2 refuses. */
export function patternOccurs(source: string, flags: string, text: string): boolean {
  const pattern = compilePattern(source, flags);
  return pattern?.test(text.length > MAX_INPUT_LENGTH ? text.slice(0, MAX_INPUT_LENGTH) : text) ?? false;
}

function compilePattern(source: string, flags: string): RE2JS | null {
  const key = `${flags}/${source}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const pattern = compileUncached(source, flags);
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(key, pattern);
  return pattern;
}

function compileUncached(source: string, flags: string): RE2JS | null {
  if (source.length > MAX_PATTERN_LENGTH) return null;
  try {
    return RE2JS.compile(flags === '' ? source : `(?${flags})${source}`);
  } catch {
    return null;
  }
}
