import { isValidPattern } from './pattern.ts';

export type Token =
  | { kind: 'open' | 'close' | 'not' }
  | { kind: 'null' }
  | { kind: 'operator'; operator: '==' | '!=' | '=~' | '!~' | '&&' | '||' }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'variable'; name: string }
  | { kind: 'string'; value: string }
  | { kind: 'pattern'; source: string; flags: string };

const MAX_TOKENS = 100;

/** How each token looks, tried in this order at every position. `!` comes after the operators that start with it. */
const LEXEMES: { form: RegExp; token: (match: RegExpExecArray) => Token | null }[] = [
  { form: /\(/y, token: () => ({ kind: 'open' }) },
  { form: /\)/y, token: () => ({ kind: 'close' }) },
  { form: /\$(\w+)/y, token: (match) => ({ kind: 'variable', name: match[1]! }) },
  {
    form: /"([^"\n]*)"|'([^'\n]*)'/y,
    token: (match) => ({ kind: 'string', value: match[1] ?? match[2]! }),
  },
  // At least two characters, the last no backslash: `/a/` is no pattern (ci-yaml 10.1).
  { form: /\/((?:[^/]|\\\/)+[^\\])\/([ismU]*)/y, token: patternToken },
  { form: /null/y, token: () => ({ kind: 'null' }) },
  { form: /true|false/y, token: (match) => ({ kind: 'boolean', value: match[0] === 'true' }) },
  {
    form: /==|!=|=~|!~|&&|\|\|/y,
    token: (match) => ({ kind: 'operator', operator: match[0] as '==' }),
  },
  { form: /!/y, token: () => ({ kind: 'not' }) },
];
const SPACES = /\s*/y;

/** The tokens of an expression, or null when some part of it is none or there are more than 100 (ci-yaml 10.1). */
export function tokenize(source: string): Token[] | null {
  const tokens: Token[] = [];
  let at = skipSpaces(source, 0);
  while (at < source.length) {
    const found = tokenAt(source, at);
    if (found === null || tokens.length === MAX_TOKENS) return null;
    tokens.push(found.token);
    at = skipSpaces(source, found.end);
  }
  return tokens;
}

function tokenAt(source: string, at: number): { token: Token; end: number } | null {
  for (const { form, token } of LEXEMES) {
    form.lastIndex = at;
    const match = form.exec(source);
    if (match === null) continue;
    const made = token(match);
    return made === null ? null : { token: made, end: at + match[0].length };
  }
  return null;
}

function patternToken(match: RegExpExecArray): Token | null {
  const source = match[1]!.replaceAll('\\/', '/');
  const flags = match[2]!;
  return isValidPattern(source, flags) ? { kind: 'pattern', source, flags } : null;
}

function skipSpaces(source: string, at: number): number {
  SPACES.lastIndex = at;
  return at + (SPACES.exec(source)?.[0].length ?? 0);
}
