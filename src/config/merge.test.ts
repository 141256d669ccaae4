import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deepMerge } from './merge.ts';
import { positionOf } from './positions.ts';
import { attempt } from './refusal.ts';
import { Budget } from './yaml/limits.ts';
import { parseYaml } from './yaml/parse.ts';
import type { YamlMap } from './yaml-value.ts';

function map(text: string, file: string): YamlMap {
  const parsed = parseYaml(text, file);
  assert.ok(parsed.ok);
  return parsed.value as YamlMap;
}

describe('merging', () => {
  const base = map('{a: {x: 1, y: [1, 2]}, b: 1, c: {d: 1}}', 'base');
  const over = map('{a: {y: [3]}, c: ~, e: 1}', 'over');

  test('goes into mappings, replaces lists and everything else, a null too', () => {
    const merged = deepMerge([base, over], new Budget(100));
    assert.deepEqual(merged, map('{a: {x: 1, y: [3]}, b: 1, c: ~, e: 1}', 'expected'));
    assert.deepEqual([...merged.keys()], ['a', 'b', 'c', 'e']);
  });

  test('changes neither side', () => {
    deepMerge([base, over], new Budget(100));
    assert.deepEqual(base, map('{a: {x: 1, y: [1, 2]}, b: 1, c: {d: 1}}', 'base'));
    assert.deepEqual(over, map('{a: {y: [3]}, c: ~, e: 1}', 'over'));
  });

  test('keeps where each value came from', () => {
    const merged = deepMerge([base, over], new Budget(100));
    const inner = merged.get('a') as YamlMap;
    const files = [
      positionOf(inner, 'x'),
      positionOf(inner, 'y'),
      positionOf(merged, 'b'),
      positionOf(merged, 'e'),
    ];
    assert.deepEqual(
      files.map((position) => position?.file),
      ['base', 'over', 'base', 'over'],
    );
  });

  test('copies a mapping once, however many layers come over it', () => {
    const layers = Array.from({ length: 200 }, (_, i) =>
      map(`{k${i}: {x: ${i}}, shared: {k${i}: 1}}`, 'layer'),
    );
    const merged = deepMerge(layers, new Budget(1000));
    assert.equal((merged.get('shared') as YamlMap).size, 200);
    assert.deepEqual(layers[0], map('{k0: {x: 0}, shared: {k0: 1}}', 'layer'));
  });

  test('pays for the keys it copies before it copies them', () => {
    const refused = attempt(() => deepMerge([base, over], new Budget(5)));
    assert.equal(refused.ok, false);
  });
});
