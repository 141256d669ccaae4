import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compile } from '../../src/config/compile.ts';
import type { CompileResult } from '../../src/config/compiled.ts';
import { parseYaml } from '../../src/config/yaml/parse.ts';
import { printYaml } from '../../src/config/yaml/print.ts';
import { Float, type YamlValue } from '../../src/config/yaml-value.ts';
import { memoryFiles, PROJECT, type Tree } from '../config-files.ts';
import { processorMs } from '../processor-time.ts';
import { PIECES } from './pieces.ts';

/** Far above what any text here takes; a text that passes it is a way to stop the server. Milliseconds. */
const PATIENCE = 5_000;

const CASES = join(import.meta.dirname, '../conformance/ci-yaml/cases');
const texts = globSync('**/.gitlab-ci.yml', { cwd: CASES, exclude: ['**/billion-laughs*'] })
  .sort()
  .map((path) => readFileSync(join(CASES, path), 'utf8'));

function run(text: string, tree: Tree = {}): Promise<CompileResult> {
  return compile(text, {
    files: memoryFiles({ tree }),
    context: PROJECT,
    variables: new Map([['CI_COMMIT_BRANCH', 'main']]),
  });
}

/** Compiles, and holds it to what is promised for any text. */
async function endure(text: string): Promise<void> {
  const start = processorMs();
  const result = await run(text, { 'a.yml': text, 'ci/b.yml': 'b: {script: x}' });
  assert.ok(processorMs() - start < PATIENCE, 'took too long');
  const errors = result.ok ? [] : result.errors;
  assert.equal(result.ok, errors.length === 0, 'refused without an error');
  for (const error of errors) assert.equal(typeof error.message, 'string');
}

/** The jobs by name, without where they were written. */
function jobsOf(result: CompileResult): Record<string, unknown> {
  const jobs = result.ok ? result.config.jobs : [];
  return Object.fromEntries(jobs.map(({ position: _, ...job }) => [job.name, job]));
}

const fragments = fc.constantFrom(...PIECES);
const yamlish = fc.array(fragments, { maxLength: 60 }).map((parts) => parts.join(''));

interface Edit {
  at: number;
  remove: number;
  insert: string;
}
const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(12),
    insert: fc.oneof(fc.constant(''), fragments, fc.string({ maxLength: 4 })),
  }),
  { minLength: 1, maxLength: 6 },
);
const mutated = fc
  .tuple(fc.constantFrom(...texts), edits)
  .map(([text, changes]) => changes.reduce(apply, text));

function apply(text: string, { at, remove, insert }: Edit): string {
  const from = Math.floor(at * text.length);
  return text.slice(0, from) + insert + text.slice(from + remove);
}

const NAMES = ['a', 'b', 'c', 'd'];
const name = fc.constantFrom(...NAMES);
const scalar = fc.oneof(
  fc.constantFrom(
    'yes',
    'no',
    '1.5',
    '0777',
    '1:30',
    '~',
    '',
    ' x ',
    'a: b',
    '# no',
    '- x',
    '"',
    "'",
    '$A',
    '\n',
    'l1\nl2\n',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const variables = fc.dictionary(fc.constantFrom('A', 'B', 'C'), scalar, { maxKeys: 3 });
const keywords = fc.record(
  {
    stage: fc.constantFrom('build', 'test', 'deploy'),
    tags: fc.uniqueArray(fc.constantFrom('t1', 't2'), { maxLength: 2 }),
    variables,
    image: fc.constantFrom('alpine', 'node:26'),
    before_script: fc.array(scalar, { maxLength: 2 }),
    interruptible: fc.boolean(),
    allow_failure: fc.boolean(),
    artifacts: fc.record(
      { paths: fc.constant(['out/']), expire_in: fc.constant('1 week') },
      { requiredKeys: ['paths'] },
    ),
    cache: fc.record({ key: fc.constant('k'), paths: fc.constant(['c/']) }),
    retry: fc.nat(2),
    rules: fc.array(
      fc.constantFrom({ if: '$A' }, { when: 'always' }, { if: '$B == "1"', variables: { R: '1' } }),
      {
        minLength: 1,
        maxLength: 2,
      },
    ),
  },
  { requiredKeys: [] },
);
const script = fc.array(
  fc.string({ minLength: 1, maxLength: 8 }).filter((line) => line.trim() !== ''),
  {
    minLength: 1,
    maxLength: 3,
  },
);
const job = fc.tuple(keywords, script).map(([rest, lines]) => ({ ...rest, script: lines }));

type Plain = Record<string, unknown>;
const config = fc.dictionary(name, job, { minKeys: 1, maxKeys: 4 }) as fc.Arbitrary<Plain>;

/** Configurations as data, printed by hand in another style than ours: JSON is YAML. */
function write(data: unknown): string {
  return JSON.stringify(data);
}

function shuffled(value: unknown, turn: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, child]): [string, unknown] => [
    key,
    shuffled(child, turn),
  ]);
  const by = turn % Math.max(1, entries.length);
  return Object.fromEntries([...entries.slice(by), ...entries.slice(0, by)].reverse());
}

function laidOver(base: Plain, over: Plain): Plain {
  const merged: Plain = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isPlain(below) && isPlain(value) ? laidOver(below, value) : value;
  }
  return merged;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('compiling a configuration', () => {
  test('endures any text', () =>
    fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), endure)));

  test('endures any text made of pieces of YAML', () =>
    fc.assert(fc.asyncProperty(yamlish, endure), { numRuns: 1000 }));

  test('endures configurations with something broken in them', () => {
    assert.ok(texts.length > 50, 'no configurations to break');
    return fc.assert(fc.asyncProperty(mutated, endure), { numRuns: 1000 });
  });

  test('does not depend on the order of keys', () =>
    fc.assert(
      fc.asyncProperty(config, fc.nat(5), async (data, turn) => {
        const jobs = jobsOf(await run(write(data)));
        assert.deepEqual(Object.keys(jobs).sort(), Object.keys(data).sort());
        assert.deepEqual(jobsOf(await run(write(shuffled(data, turn)))), jobs);
      }),
    ));

  test('makes of `extends` what writing it out makes', () =>
    fc.assert(
      fc.asyncProperty(keywords, keywords, job, async (first, second, own) => {
        const extended = {
          '.first': first,
          '.second': second,
          j: { extends: ['.first', '.second'], ...own },
        };
        const written = { j: laidOver(laidOver(first, second), own) };
        const result = await run(write(extended));
        assert.deepEqual(jobsOf(result), jobsOf(await run(write(written))));
        assert.equal(result.ok, true);
      }),
    ));

  test('gives the same jobs for the merged YAML again', () =>
    fc.assert(
      fc.asyncProperty(config, config, async (data, included) => {
        const text = write({ include: 'more.yml', ...data });
        const result = await run(text, { 'more.yml': write(included) });
        assert.equal(result.ok, true);
        assert.deepEqual(jobsOf(await run(result.mergedYaml ?? '')), jobsOf(result));
      }),
    ));

  test('lets no need through that leads nowhere or in a circle', () => {
    const needs = fc.array(fc.record({ job: name, optional: fc.boolean() }), { maxLength: 2 });
    const graph = fc.dictionary(name, fc.record({ needs, script: fc.constant('x') }), { minKeys: 1 });
    return fc.assert(
      fc.asyncProperty(graph, async (data) => {
        const result = await run(write(data));
        const jobs = result.ok ? result.config.jobs : [];
        const left = new Map(jobs.map((one) => [one.name, one.needs ?? []]));
        for (const list of left.values()) {
          for (const need of list) assert.ok(need.optional || left.has(need.name), `${need.name} is nowhere`);
        }
        for (const _ of jobs) {
          for (const [key, list] of left) if (!list.some((need) => left.has(need.name))) left.delete(key);
        }
        assert.deepEqual([...left.keys()], []);
      }),
    );
  });
});

describe('printing YAML', () => {
  const key = fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => text !== '<<');
  const value = fc.letrec<{ value: YamlValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(
        scalar,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.constantFrom(10n ** 20n),
        fc.double({ noNaN: true }).map((number) => new Float(number)),
      ),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  })).value;

  test('gives back the same value when it is read', () => {
    fc.assert(
      fc.property(value, (original) => {
        const read = parseYaml(printYaml(original), 'printed');
        assert.deepEqual(read, { ok: true, value: original });
      }),
      { numRuns: 1000 },
    );
  });
});
