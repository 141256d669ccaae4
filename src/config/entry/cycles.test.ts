import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { YamlMap, YamlScalar, YamlValue } from '../yaml-value.ts';
import { compileEntries } from './configuration.ts';

type Graph = number[][];

const graph: fc.Arbitrary<Graph> = fc
  .integer({ min: 1, max: 9 })
  .chain((size) =>
    fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }),
  );

/** Jobs reachable from `job` over one need or more, found the slow way. */
function reachable(needs: Graph, job: number): Set<number> {
  const found = new Set<number>();
  const visit = (from: number) => {
    for (const next of needs[from] ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(job);
  return found;
}

function configurationOf(needs: Graph): YamlMap {
  return new Map(
    needs.map((names, job): [YamlScalar, YamlValue] => [
      `j${job}`,
      new Map<YamlScalar, YamlValue>([
        ['script', 'a'],
        ['needs', names.map((name) => `j${name}`)],
      ]),
    ]),
  );
}

test('a configuration is refused exactly when its needs go in a circle', () => {
  fc.assert(
    fc.property(graph, (needs) => {
      const circular = needs.some((_, job) => reachable(needs, job).has(job));
      return compileEntries(configurationOf(needs)).ok === !circular;
    }),
    { numRuns: 2000 },
  );
});

test('the jobs that are named need each other, and no other job belongs to them', () => {
  fc.assert(
    fc.property(graph, (needs) => {
      const result = compileEntries(configurationOf(needs));
      const list = result.ok ? undefined : /\[(.*)\]/.exec(result.errors[0]?.message ?? '')?.[1];
      fc.pre(list !== undefined);
      const named = (JSON.parse(`[${list}]`) as string[]).map((name) => Number(name.slice(1))).sort();
      const first = named[0] ?? -1;
      const expected = needs.flatMap((_, job) =>
        reachable(needs, job).has(first) && reachable(needs, first).has(job) ? [job] : [],
      );
      assert.deepEqual(named, expected);
    }),
    { numRuns: 1000 },
  );
});
