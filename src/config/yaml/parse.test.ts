import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { processorMs } from '../../../test/processor-time.ts';
import { positionOf } from '../positions.ts';
import type { YamlMap } from '../yaml-value.ts';
import { parseFile, parseYaml } from './parse.ts';

/** Far above what a refusal takes, far below what the work it prevents would take. Milliseconds. */
const SOON = 3_000;

function read(text: string): unknown {
  const parsed = parseYaml(text, 'f.yml');
  return parsed.ok ? parsed.value : parsed.error.message;
}

describe('reading YAML', () => {
  test('knows where every key and item was written', () => {
    const parsed = parseYaml('a:\n  - x\n  - b: 1\n', 'f.yml');
    assert.ok(parsed.ok);
    const list = (parsed.value as YamlMap).get('a') as YamlMap[];
    assert.deepEqual(positionOf(parsed.value as YamlMap, 'a'), { file: 'f.yml', line: 1, column: 1 });
    assert.deepEqual(positionOf(list, 1), { file: 'f.yml', line: 3, column: 5 });
    assert.deepEqual(positionOf(list[1]!, 'b'), { file: 'f.yml', line: 3, column: 5 });
  });

  test('counts lines over the whole file, headers included', () => {
    const parsed = parseFile('# c\n---\nspec: {}\n---\n\njob:\n  a: 1\n', 'f.yml');
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.value.header, new Map([['spec', new Map()]]));
    assert.deepEqual(positionOf(parsed.value.content, 'job'), { file: 'f.yml', line: 6, column: 1 });
  });

  test('keeps positions through merge keys', () => {
    const parsed = parseYaml('x: &x {k: 1}\ny:\n  <<: *x\n', 'f.yml');
    assert.ok(parsed.ok);
    const merged = (parsed.value as YamlMap).get('y') as YamlMap;
    assert.deepEqual(positionOf(merged, 'k'), { file: 'f.yml', line: 1, column: 8 });
  });

  test('keeps keys that are no strings apart from those that are', () => {
    const expected = new Map<number | string | boolean | null, number>([
      [10, 1],
      ['10', 2],
      [true, 3],
      [null, 4],
    ]);
    assert.deepEqual(read('10: 1\n"10": 2\non: 3\n~: 4\n'), expected);
  });

  test('lets an anchor be redefined, and an alias see the last one before it', () => {
    assert.deepEqual(read('[&a 1, *a, &a 2, *a]'), [1, 1, 2, 2]);
  });

  test('does not merge what `<<` names when it is no mapping', () => {
    assert.deepEqual(read('<<: 5'), new Map([['<<', 5]]));
    assert.deepEqual(read('<<: [1]'), new Map([['<<', [1]]]));
  });

  for (const [what, text, value] of [
    ['a bracket left of its key', 'a:\n  b: [\n  x\n]\n', ['x']],
    ['a quoted text left of its key', 'a:\n  b: "x\ny"\n', 'x y'],
    ['a single-quoted text at the dash', "a:\n  b:\n  - 'x\n  y'\n", ['x y']],
  ] as const) {
    test(`takes ${what}, as libyaml does`, () => {
      assert.deepEqual(read(text), new Map([['a', new Map([['b', value]])]]));
    });
  }

  for (const text of ['a: [', 'a: "', 'a: b: c', 'a: *', '\ta: 1', 'a: @x', '{a: 1}x', '[a', 'a: \u0007']) {
    test(`refuses ${JSON.stringify(text)} with its place`, () => {
      assert.match(String(read(text)), /^\(<unknown>\): .* at line \d+ column \d+$/);
    });
  }
});

describe('limits of YAML', () => {
  const wide = (of: string) => `[${Array(9).fill(of).join(',')}]`;
  const laughs = Array.from(
    { length: 12 },
    (_, level) => `a${level}: &a${level} ${wide(level ? `*a${level - 1}` : 'x')}`,
  );
  const merges = `a: &a {${Array.from({ length: 5000 }, (_, i) => `k${i}: 1`)}}\nb:\n${'- {<<: *a}\n'.repeat(5000)}`;
  const bombs: [string, string][] = [
    ['aliases of aliases', laughs.join('\n')],
    ['5,000 open brackets', '['.repeat(5000)],
    ['5,000 dashes', '- '.repeat(5000)],
    ['a million items', `[${'1,'.repeat(1_000_000)}]`],
    ['a million aliases', `x: &x 1\ny: [${'*x,'.repeat(600_000)}]`],
    ['merge keys that copy a big mapping', merges],
    ['an anchor within itself', 'a: &a [*a]'],
    ['a hundred and one levels', `${'['.repeat(101)}${']'.repeat(101)}`],
    ['half a million comments', '# a\n'.repeat(500_000)],
  ];
  for (const [what, text] of bombs) {
    test(`${what} are refused soon`, () => {
      const start = processorMs();
      assert.equal(read(text), 'The parsed YAML is too big');
      assert.ok(processorMs() - start < SOON);
    });
  }

  test('a hundred levels are read', () => {
    assert.equal(Array.isArray(read(`${'['.repeat(100)}${']'.repeat(100)}`)), true);
  });

  test('5,000 jobs of fifteen lines each are read', () => {
    const lines = ['stage: test', 'script:', '- make one', '- make two', 'variables:', '  A: b', '  C: d'];
    const more = ['artifacts:', '  paths: [out/]', '  expire_in: 1 week', 'rules:', '- if: $X == "y"'];
    const body = [...lines, ...more, '  when: manual', 'needs: [job-1]']
      .map((line) => `  ${line}\n`)
      .join('');
    const text = Array.from({ length: 5000 }, (_, i) => `job-${i}:\n${body}`).join('');
    assert.ok(text.length > 1_000_000);
    const value = read(text);
    assert.ok(value instanceof Map);
    assert.equal(value.size, 5000);
  });

  test('a syntax error quotes no more than a line of what it cannot read', () => {
    const refusal = read(`a: ${'!'.repeat(100_000)}`);
    assert.match(String(refusal), /^\(<unknown>\): /);
    assert.ok(String(refusal).length < 400);
  });

  test('more than 2 MiB of text is refused unread', () => {
    assert.equal(read(`a: ${'x'.repeat(2_097_150)}`), 'The provided YAML is too big');
  });

  test('an alias shares what it names', () => {
    const list = read('[&a [1], *a]') as unknown[];
    assert.equal(list[0], list[1]);
  });
});
