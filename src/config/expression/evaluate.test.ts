import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse as parseYaml } from 'yaml';
import { processorMs } from '../../../test/processor-time.ts';
import { evaluateExpression } from './evaluate.ts';
import type { BinaryOperator, Expression } from './expression.ts';
import { parseExpression } from './parse.ts';

interface Table {
  variables: Record<string, string>;
  cases: { if: string; value: boolean | 'invalid'; why?: string }[];
}
const table = parseYaml(
  readFileSync(new URL('../../../test/conformance/ci-yaml/expressions.yml', import.meta.url), 'utf8'),
) as Table;
const variables = new Map(Object.entries(table.variables));
const invalid = { ok: false, message: 'invalid expression syntax' };

describe('an expression has the value of ci-yaml 10.1', () => {
  for (const { if: source, value, why } of table.cases) {
    it(`${source} is ${value}${why === undefined ? '' : ` (${why})`}`, () => {
      assert.deepEqual(
        evaluateExpression(source, variables),
        value === 'invalid' ? invalid : { ok: true, value },
      );
    });
  }
});

describe('limits of an expression', () => {
  const tokens = (count: number) => Array.from({ length: (count + 1) / 2 }, () => '$X').join(' && ');
  it('99 tokens are read, 101 are not', () => {
    assert.equal(parseExpression(tokens(99)).ok, true);
    assert.equal(parseExpression(`!${tokens(99)}`).ok, true);
    assert.equal(parseExpression(tokens(101)).ok, false);
  });
  it('parentheses nest up to 50 deep, and 10,000 do not hurt', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}$X${')'.repeat(depth)}`;
    assert.equal(parseExpression(nested(49)).ok, true);
    assert.equal(parseExpression(nested(51)).ok, false);
    assert.deepEqual(parseExpression(nested(10_000)), invalid);
  });
  it('patterns that ruin a backtracking engine are done in linear time', () => {
    const text = `${'a'.repeat(50_000)}!`;
    const started = processorMs();
    for (const pattern of ['/^(a+)+$/', '/^(a|a)*b/', '/(.*a){25}b/']) {
      assert.deepEqual(evaluateExpression(`$T =~ ${pattern}`, new Map([['T', text]])), {
        ok: true,
        value: false,
      });
    }
    assert.ok(processorMs() - started < 3000);
  });
  it('a pattern of more than 1024 characters is refused', () => {
    assert.equal(parseExpression(`$X =~ /${'a'.repeat(1024)}/`).ok, true);
    assert.equal(parseExpression(`$X =~ /${'a'.repeat(1025)}/`).ok, false);
  });
  it('any text is read or refused, never thrown at', () => {
    const pieces = ['$X', '"a"', '/ab/', '(', ')', '!', '==', '=~', '&&', '||', ' ', 'null', '\\', '/', '='];
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string())), (parts) => {
        evaluateExpression(parts.join(''), variables);
      }),
    );
  });
});

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.constant<Expression>({ kind: 'null' }),
  fc.boolean().map((value): Expression => ({ kind: 'boolean', value })),
  fc.constantFrom('', ' ', 'x', 'false', '/x/', '$X').map((value): Expression => ({ kind: 'string', value })),
  fc.constantFrom('X', 'E', 'RE', 'NO', 'UNDEFINED').map((name): Expression => ({ kind: 'variable', name })),
  fc
    .constantFrom('x|y', '^f.*', 'a/b')
    .map((source): Expression => ({ kind: 'pattern', source, flags: 'i' })),
);
const operators: BinaryOperator[] = ['==', '!=', '=~', '!~', '&&', '||'];
const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    tie('tree').map((operand): Expression => ({ kind: 'not', operand })),
    fc
      .tuple(fc.constantFrom(...operators), tie('tree'), tie('tree'))
      .map(([operator, left, right]): Expression => ({ kind: 'binary', operator, left, right })),
  ),
}));

function print(expression: Expression): string {
  switch (expression.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(expression.value);
    case 'string':
      return `"${expression.value}"`;
    case 'variable':
      return `$${expression.name}`;
    case 'pattern':
      return `/${expression.source.replaceAll('/', '\\/')}/${expression.flags}`;
    case 'not':
      return `!(${print(expression.operand)})`;
    case 'binary':
      return `(${print(expression.left)}) ${expression.operator} (${print(expression.right)})`;
  }
}

/** A second, naive reading of 10.1, with JavaScript's own regular expressions. */
function naive(expression: Expression): unknown {
  if (expression.kind === 'null') return null;
  if (expression.kind === 'boolean' || expression.kind === 'string') return expression.value;
  if (expression.kind === 'variable') return table.variables[expression.name] ?? null;
  if (expression.kind === 'pattern') return new RegExp(expression.source, expression.flags);
  const falsy = (value: unknown) => value === null || value === false;
  if (expression.kind === 'not') return falsy(naive(expression.operand));
  const left = naive(expression.left);
  const right = naive(expression.right);
  const same = left === null || right === null ? left === right : String(left) === String(right);
  const asPattern = right instanceof RegExp ? right : /^\/(.*)\/(i?)$/.exec(String(right));
  const matches =
    !falsy(right) &&
    (asPattern === null
      ? String(right).includes(String(left ?? ''))
      : (asPattern instanceof RegExp ? asPattern : new RegExp(asPattern[1]!, asPattern[2]!)).test(
          left instanceof RegExp
            ? `/${left.source.replaceAll('\\/', '/')}/${left.flags}`
            : String(left ?? ''),
        ));
  if (expression.operator === '&&') return falsy(left) ? left : right;
  if (expression.operator === '||') return falsy(left) ? right : left;
  if (expression.operator === '==') return same && left instanceof RegExp === right instanceof RegExp;
  if (expression.operator === '!=') return !(same && left instanceof RegExp === right instanceof RegExp);
  return expression.operator === '=~' ? matches : !matches;
}

describe('properties of expressions', () => {
  it('parsing what was printed gives the same tree', () => {
    fc.assert(
      fc.property(tree, (expression) => {
        const source = print(expression);
        fc.pre(source.length < 200);
        assert.deepEqual(parseExpression(source), { ok: true, expression });
      }),
    );
  });
  it('agrees with a naive evaluator', () => {
    fc.assert(
      fc.property(tree, (expression) => {
        const source = print(expression);
        fc.pre(source.length < 200);
        const value = naive(expression);
        const present = typeof value === 'string' ? value.trim() !== '' : value !== null && value !== false;
        assert.deepEqual(evaluateExpression(source, variables), { ok: true, value: present }, source);
      }),
      { numRuns: 500 },
    );
  });
});
