import type { BinaryOperator, Expression } from './expression.ts';
import { type Token, tokenize } from './tokenize.ts';

export type ParsedExpression = { ok: true; expression: Expression } | { ok: false; message: string };

const INVALID = { ok: false, message: 'invalid expression syntax' } as const;
/** Nested parentheses allowed (security RE-3). */
const MAX_DEPTH = 50;
const MAX_PARSED = 1000;

/** Binary operators, loosest first; those of a level are equal and read left to right. */
const LEVELS: readonly (readonly BinaryOperator[])[] = [['||'], ['&&'], ['==', '!=', '=~', '!~']];

const parsed = new Map<string, ParsedExpression>();

/**
 * Parses a `rules:if` expression (ci-yaml 10.1): at most 100 tokens, at most 50 nested parentheses. The message of a
 * refusal is the end of GitLab's text; whoever knows the key puts `jobs:x:rules:rule if ` before it. Never throws.
 * Remembers what it parsed, since the jobs of a configuration repeat a few expressions.
 */
export function parseExpression(source: string): ParsedExpression {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  const result = parseUncached(source);
  if (parsed.size >= MAX_PARSED) parsed.clear();
  parsed.set(source, result);
  return result;
}

function parseUncached(source: string): ParsedExpression {
  const tokens = tokenize(source);
  if (tokens === null) return INVALID;
  const cursor = { tokens, at: 0, depth: 0 };
  const expression = binary(cursor, 0);
  return expression === null || cursor.at < tokens.length ? INVALID : { ok: true, expression };
}

interface Cursor {
  tokens: Token[];
  at: number;
  depth: number;
}

function binary(cursor: Cursor, level: number): Expression | null {
  const operators = LEVELS[level];
  if (operators === undefined) return unary(cursor);
  let left = binary(cursor, level + 1);
  while (left !== null) {
    const token = cursor.tokens[cursor.at];
    if (token?.kind !== 'operator' || !operators.includes(token.operator)) break;
    cursor.at++;
    const right = binary(cursor, level + 1);
    left = right === null ? null : { kind: 'binary', operator: token.operator, left, right };
  }
  return left;
}

function unary(cursor: Cursor): Expression | null {
  const token = cursor.tokens[cursor.at++];
  switch (token?.kind) {
    case 'not': {
      const operand = unary(cursor);
      return operand === null ? null : { kind: 'not', operand };
    }
    case 'open':
      return parenthesised(cursor);
    case 'null':
    case 'boolean':
    case 'string':
    case 'variable':
    case 'pattern':
      return token;
    case 'close':
    case 'operator':
    case undefined:
      return null;
  }
}

function parenthesised(cursor: Cursor): Expression | null {
  if (++cursor.depth > MAX_DEPTH) return null;
  const inner = binary(cursor, 0);
  if (inner === null || cursor.tokens[cursor.at++]?.kind !== 'close') return null;
  cursor.depth--;
  return inner;
}
