import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { processorMs } from '../../test/processor-time.ts';
import { type ExpandableVariable, expandText, expandVariables, referencesOf } from './expand-variables.ts';

const variable = (
  key: string,
  value: string,
  more: Partial<ExpandableVariable> = {},
): ExpandableVariable => ({
  key,
  value,
  raw: false,
  file: false,
  ...more,
});

function expanded(variables: ExpandableVariable[], reader: 'server' | 'runner' = 'server') {
  const result = expandVariables(variables, reader);
  return result.ok
    ? Object.fromEntries(result.variables.map(({ key, value }) => [key, value]))
    : result.message;
}

describe('a text is expanded (ci-yaml 13.2)', () => {
  const values = new Map([
    ['A', 'a'],
    ['B_1', 'b'],
    ['E', ''],
    ['N', '$A'],
  ]);
  const rows: [text: string, kept: string, blanked: string][] = [
    ['plain', 'plain', 'plain'],
    ['$A', 'a', 'a'],
    ['${A}', 'a', 'a'],
    ['%A%', 'a', 'a'],
    ['x$A-${B_1}.%A%', 'xa-b.a', 'xa-b.a'],
    ['$B_1x', '$B_1x', ''],
    ['${B_1}x', 'bx', 'bx'],
    ['$U/${U}/%U%', '$U/${U}/%U%', '//'],
    ['[$E]', '[]', '[]'],
    ['$N', '$A', '$A'],
    ['$$A', '$$A', '$$A'],
    ['%%A%', '%%A%', '%%A%'],
    ['$$$A', '$$a', '$$a'],
    ['$1', '$1', '$1'],
    ['$', '$', '$'],
    ['100%', '100%', '100%'],
    ['${A', '${A', '${A'],
    ['${A-x}', '${A-x}', '${A-x}'],
  ];
  for (const [text, kept, blanked] of rows) {
    it(`${text} is ${kept}, or ${blanked} where unknown ones vanish`, () => {
      assert.equal(expandText(text, values, 'keep'), kept);
      assert.equal(expandText(text, values, 'blank'), blanked);
    });
  }
  it('a result of more than 1 MiB is left as it was', () => {
    const text = '$A'.repeat(1000);
    assert.equal(expandText(text, new Map([['A', 'a'.repeat(2000)]]), 'keep'), text);
  });
  it('text full of unfinished references is read in linear time', () => {
    const started = processorMs();
    referencesOf('%a'.repeat(300_000));
    referencesOf('${a'.repeat(300_000));
    assert.ok(processorMs() - started < 2000);
  });
});

describe('variables are expanded with each other (ci-yaml 13.2)', () => {
  it('in dependency order, wherever they stand', () => {
    assert.deepEqual(expanded([variable('A', '$B-a'), variable('B', '${C}b'), variable('C', 'c')]), {
      A: 'cb-a',
      B: 'cb',
      C: 'c',
    });
  });
  it('a raw one is not expanded, and is text in others for the server', () => {
    assert.deepEqual(
      expanded([variable('A', '$B', { raw: true }), variable('B', 'b'), variable('C', '$A')]),
      {
        A: '$B',
        B: 'b',
        C: '$B',
      },
    );
  });
  it('for the runner references to raw, file and unknown ones stay', () => {
    const given = [
      variable('RAW', '$B', { raw: true }),
      variable('FILE', 'content', { file: true }),
      variable('B', 'b'),
      variable('C', '$RAW ${FILE} $U $B'),
    ];
    const { C } = expanded(given, 'runner') as Record<string, string>;
    assert.equal(C, '$RAW ${FILE} $U b');
    assert.equal((expanded(given) as Record<string, string>).C, '$B content  b');
  });
  it('of equal keys the last wins, and its own name means the one before', () => {
    assert.deepEqual(
      expanded([
        variable('P', 'low'),
        variable('X', '$P'),
        variable('P', '$P:mid'),
        variable('P', '$P:high'),
      ]),
      { X: 'low:mid:high', P: 'low:mid:high' },
    );
    assert.deepEqual(expanded([variable('P', '$X'), variable('X', '$P'), variable('P', 'high')]), {
      X: 'high',
      P: 'high',
    });
  });
  it('a self-reference is no cycle', () => {
    assert.deepEqual(expanded([variable('A', '$A:a')]), { A: ':a' });
    assert.deepEqual(expanded([variable('A', '$A:a')], 'runner'), { A: '$A:a' });
  });
  it('a cycle is told in the order of the search', () => {
    assert.equal(
      expanded([variable('A', '$B'), variable('B', '$A')]),
      'circular variable reference detected: ["A", "B"]',
    );
    assert.equal(
      expanded([variable('Z', '$A'), variable('A', '$B'), variable('B', '$C'), variable('C', '$A')]),
      'circular variable reference detected: ["A", "B", "C"]',
    );
  });
  it('a raw variable closes no cycle', () => {
    assert.deepEqual(expanded([variable('A', '$B'), variable('B', '$A', { raw: true })]), {
      A: '$A',
      B: '$A',
    });
  });
  it('forty doublings stay within a mebibyte', () => {
    const bomb = Array.from({ length: 40 }, (_, i) => variable(`A${i + 1}`, `$A${i}$A${i}`));
    const result = expanded([variable('A0', 'xx'), ...bomb]) as Record<string, string>;
    assert.ok(Object.values(result).reduce((sum, value) => sum + value.length, 0) < 1.1 * 1024 * 1024);
    assert.equal(result.A3, 'x'.repeat(16));
  });
  it('a chain of 20,000 variables is no problem', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => variable(`A${i}`, `$A${i + 1}`));
    assert.equal((expanded([...chain, variable('A20000', 'end')]) as Record<string, string>).A0, 'end');
  });
});

describe('properties of expansion', () => {
  const keys = fc.constantFrom('A', 'B', 'C', 'D');
  const values = fc
    .array(fc.constantFrom('$A', '${B}', '%C%', '$D', 'x', '$$', ' '), { maxLength: 3 })
    .map((parts) => parts.join(''));
  const variables = fc.array(fc.record({ key: keys, value: values, raw: fc.boolean(), file: fc.boolean() }), {
    maxLength: 6,
  });
  it('a second expansion for the server changes nothing once no raw or escaped text is in play', () => {
    fc.assert(
      fc.property(variables, (given) => {
        const plain = given.map((each) => ({ ...each, raw: false, value: each.value.replaceAll('$$', '') }));
        const once = expandVariables(plain, 'server');
        const refused = { ok: true as const, variables: [] };
        const first = once.ok ? once : refused;
        assert.deepEqual(expandVariables(first.variables, 'server'), first);
      }),
    );
  });
  it('every key is there once, with the flags of its last variable', () => {
    fc.assert(
      fc.property(variables, (given) => {
        const result = expandVariables(given, 'runner');
        const last = new Map(given.map(({ key, raw, file }) => [key, { key, raw, file }]));
        const got = result.ok
          ? result.variables.map(({ key, raw, file }) => ({ key, raw, file }))
          : [...last.values()];
        assert.deepEqual(new Map(got.map((each) => [each.key, each])), last);
        assert.equal(got.length, last.size);
      }),
    );
  });
});
