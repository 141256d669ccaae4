import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Float, type YamlScalar } from '../yaml-value.ts';
import { resolvePlain } from './scalar.ts';

const VALUES: [string, YamlScalar][] = [
  ['', null],
  ['~', null],
  ['Null', null],
  ['yes', true],
  ['ON', true],
  ['True', true],
  ['off', false],
  ['No', false],
  ['y', 'y'],
  ['yesterday', 'yesterday'],
  ['12', 12],
  ['+12', 12],
  ['-12', -12],
  ['0', 0],
  ['0777', 511],
  ['0o17', '0o17'],
  ['08', '08'],
  ['0b101', 5],
  ['-0x1F', -31],
  ['1_000', 1000],
  ['1,000', 1000],
  ['1__0', '1__0'],
  ['123456789012345678901', 123456789012345678901n],
  ['1:30', 5400],
  ['1:30:15', 5415],
  ['1:30.5', new Float(5430)],
  ['1:75', '1:75'],
  ['1:2:3:4', '1:2:3:4'],
  ['1.50', new Float(1.5)],
  ['.5', new Float(0.5)],
  ['1.', new Float(1)],
  ['.', '.'],
  ['-', '-'],
  ['1e3', '1e3'],
  ['1.5e+3', new Float(1500)],
  ['.inf', new Float(Number.POSITIVE_INFINITY)],
  ['-.INF', new Float(Number.NEGATIVE_INFINITY)],
  ['.NaN', new Float(Number.NaN)],
  [':name', 'name'],
  ['1.2.3', '1.2.3'],
  ['2024-13-01', '2024-13-01'],
  ['2024-1', '2024-1'],
  ['10 apples', '10 apples'],
];

for (const [text, value] of VALUES) {
  test(`unquoted ${JSON.stringify(text)} reads as Psych reads it`, () => {
    assert.deepEqual(resolvePlain(text), { ok: true, value });
  });
}

for (const [text, kind] of [
  ['2024-01-02', 'Date'],
  ['2024-1-2', 'Date'],
  ['2024-01-02 10:00:00', 'Time'],
  ['2024-01-02T10:00:00.5Z', 'Time'],
] as const) {
  test(`unquoted ${text} is refused`, () => {
    assert.deepEqual(resolvePlain(text), {
      ok: false,
      message: `Tried to load unspecified class: ${kind}`,
    });
  });
}
