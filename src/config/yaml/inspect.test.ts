import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Float } from '../yaml-value.ts';
import { floatText, inspect, toText } from './inspect.ts';

const FLOATS: [number, string][] = [
  [1, '1.0'],
  [-2, '-2.0'],
  [0, '0.0'],
  [-0, '-0.0'],
  [1.5, '1.5'],
  [0.1, '0.1'],
  [0.0001, '0.0001'],
  [0.00001, '1.0e-05'],
  [-0.000_012_5, '-1.25e-05'],
  [1500, '1500.0'],
  [9_999_999_999_999_998, '9999999999999998.0'],
  [1e16, '1.0e+16'],
  [1.25e100, '1.25e+100'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
];

for (const [value, text] of FLOATS) {
  test(`the float ${value} is shown as Ruby shows it: ${text}`, () => {
    assert.equal(floatText(value), text);
    assert.equal(toText(new Float(value)), text);
  });
}

test('a float within containers is shown as one', () => {
  assert.equal(inspect(new Map([['a', [new Float(1), 1]]])), '{"a"=>[1.0, 1]}');
});
