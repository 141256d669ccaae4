import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attempt } from '../refusal.ts';
import { Budget } from '../yaml/limits.ts';
import { parseYaml } from '../yaml/parse.ts';
import type { YamlMap, YamlValue } from '../yaml-value.ts';
import { interpolate } from './interpolate.ts';

const INPUTS = new Map<string, YamlValue>([
  ['text', 'abc'],
  ['number', 5],
  ['none', null],
  ['list', ['a', new Map([['k', 'v']])]],
]);

function fill(text: string, budget = 1_000_000): unknown {
  const parsed = parseYaml(text, 'f.yml');
  assert.ok(parsed.ok);
  const values = new Map([['inputs', INPUTS]]);
  const access = { variables: new Map([['V', 'value']]), masked: new Set<string>() };
  const filled = attempt(() => interpolate(parsed.value as YamlMap, values, access, new Budget(budget)));
  return filled.ok ? filled.value : filled.error.message;
}

const FILLED: [string, string, string][] = [
  ['a number alone stays a number', 'a: $[[ inputs.number ]]', 'a: 5'],
  ['a null alone stays null', 'a: $[[ inputs.none ]]', 'a: ~'],
  ['a null in a text is nothing', 'a: x$[[ inputs.none ]]y', 'a: xy'],
  ['white space inside does not matter', 'a: $[[inputs.text]]', 'a: abc'],
  ['a list as an item is spliced', 'a: [x, "$[[ inputs.list ]]", y]', 'a: [x, a, {k: v}, y]'],
  ['a list as a value stays a list', 'a: $[[ inputs.list ]]', 'a: [a, {k: v}]'],
  ['a list in a text is shown', 'a: l=$[[ inputs.list ]]', 'a: \'l=["a", {"k"=>"v"}]\''],
  ['keys are filled', '"k-$[[ inputs.number ]]": 1', 'k-5: 1'],
  ['a reference is filled', 'a: !reference ["$[[ inputs.text ]]", b]', 'a: !reference [abc, b]'],
  ['an unclosed block is text', 'a: $[[ inputs.text', 'a: $[[ inputs.text'],
  ['a matrix block waits', 'a: $[[ matrix.X ]] $[[ inputs.text ]]', 'a: $[[ matrix.X ]] abc'],
  ['functions follow one another', 'a: $[[ inputs.text | truncate(1,2) | posix_escape ]]', 'a: bc'],
];

describe('interpolation', () => {
  for (const [promise, text, expected] of FILLED) {
    test(promise, () => {
      const parsed = parseYaml(expected, 'expected.yml');
      assert.ok(parsed.ok);
      assert.deepEqual(fill(text), parsed.value);
    });
  }

  test('shows at most three different errors', () => {
    const text = '[$[[ inputs.a ]], $[[ inputs.b ]], $[[ inputs.a ]], $[[ inputs.c ]], $[[ inputs.d ]]]';
    const shown = ['a', 'b', 'c'].map(
      (name) => `unknown interpolation provided: \`${name}\` in \`inputs.${name}\``,
    );
    assert.equal(fill(`x: ["${text.slice(1, -1).split(', ').join('", "')}"]`), shown.join(', '));
  });

  test('pays for the text it makes', () => {
    assert.equal(fill(`a: [${'"x$[[ inputs.text ]]",'.repeat(100)}]`, 200), 'The parsed YAML is too big');
  });

  test('a function wants a string', () => {
    const problem = 'invalid input type: truncate can only be used with string inputs';
    assert.equal(
      fill('a: $[[ inputs.number | truncate(0,1) ]]'),
      `error in \`truncate\` function: ${problem}`,
    );
  });

  test('a path goes no deeper than five keys, and an expression has at most 1 KiB', () => {
    assert.match(String(fill('a: $[[ inputs.a.b.c.d.e ]]')), /^invalid pattern used/);
    assert.match(
      String(fill(`a: $[[ inputs.${'x'.repeat(1024)} ]]`)),
      /maximum interpolation expression size/,
    );
  });
});
