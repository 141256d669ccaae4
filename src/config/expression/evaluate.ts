import type { BinaryOperator, Expression } from './expression.ts';
import { parseExpression } from './parse.ts';
import { isValidPattern, patternOccurs, splitPattern } from './pattern.ts';

interface Pattern {
  source: string;
  flags: string;
}
/** What a part of an expression is worth. Only null and false are falsy for `&&`, `||` and `!`. */
type Value = null | boolean | string | Pattern;

/**
 * Whether a `rules:if` expression holds: its value is neither null nor false nor blank (ci-yaml 10.1).
 * `variables` are compared as they stand, `$OTHER` inside a value is text. Never throws.
 */
export function evaluateExpression(
  source: string,
  variables: ReadonlyMap<string, string>,
): { ok: true; value: boolean } | { ok: false; message: string } {
  const parsed = parseExpression(source);
  return parsed.ok ? { ok: true, value: isPresent(worth(parsed.expression, variables)) } : parsed;
}

function isPresent(value: Value): boolean {
  return typeof value === 'string' ? value.trim() !== '' : isTruthy(value);
}

function isTruthy(value: Value): boolean {
  return value !== null && value !== false;
}

function worth(expression: Expression, variables: ReadonlyMap<string, string>): Value {
  switch (expression.kind) {
    case 'null':
      return null;
    case 'boolean':
    case 'string':
      return expression.value;
    case 'variable':
      return variables.get(expression.name) ?? null;
    case 'pattern':
      return expression;
    case 'not':
      return !isTruthy(worth(expression.operand, variables));
    case 'binary':
      return binaryValue(expression.operator, expression.left, expression.right, variables);
  }
}

function binaryValue(
  operator: BinaryOperator,
  leftSide: Expression,
  rightSide: Expression,
  variables: ReadonlyMap<string, string>,
): Value {
  const left = worth(leftSide, variables);
  const right = () => worth(rightSide, variables);
  switch (operator) {
    case '&&':
      return isTruthy(left) ? right() : left;
    case '||':
      return isTruthy(left) ? left : right();
    case '==':
      return isEqual(left, right());
    case '!=':
      return !isEqual(left, right());
    case '=~':
      return isMatch(left, right());
    case '!~':
      return !isMatch(left, right());
  }
}

/** Null equals only null; all else is compared as text, so `true` equals `"true"`. A pattern equals no text. */
function isEqual(left: Value, right: Value): boolean {
  if (left === null || right === null) return left === right;
  if (typeof left === 'object' || typeof right === 'object') {
    return typeof left === 'object' && typeof right === 'object' && textOf(left) === textOf(right);
  }
  return textOf(left) === textOf(right);
}

/** A right side that is no pattern degenerates: does the left text occur in it? */
function isMatch(left: Value, right: Value): boolean {
  if (right === null || right === false) return false;
  const text = textOf(left);
  const pattern = typeof right === 'object' ? right : splitPattern(textOf(right));
  if (pattern !== null && isValidPattern(pattern.source, pattern.flags)) {
    return patternOccurs(pattern.source, pattern.flags, text);
  }
  return textOf(right).includes(text);
}

function textOf(value: Value): string {
  if (value === null) return '';
  return typeof value === 'object' ? `/${value.source}/${value.flags}` : String(value);
}
