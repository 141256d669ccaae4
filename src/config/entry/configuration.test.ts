import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { setPosition } from '../positions.ts';
import type { YamlMap, YamlScalar, YamlValue } from '../yaml-value.ts';
import { compileEntries } from './configuration.ts';

const KEYWORDS = [
  ...['default', 'include', 'image', 'services', 'variables', 'stages', 'workflow', 'cache', '.hidden'],
  ...['script', 'run', 'trigger', 'stage', 'only', 'except', 'rules', 'when', 'needs', 'parallel', 'matrix'],
  ...['dependencies', 'environment', 'artifacts', 'reports', 'coverage_report', 'retry', 'timeout', 'tags'],
  ...['release', 'assets', 'links', 'pages', 'publish', 'id_tokens', 'secrets', 'inputs', 'hooks', 'inherit'],
  ...['allow_failure', 'start_in', 'coverage', 'name', 'job', 'pipeline', 'project', 'if', 'changes', 'key'],
  ...['exists', 'paths', 'files', 'prefix', 'value', 'options', 'pull_policy', 'docker', 'auto_cancel'],
  ...['__proto__', 'constructor', 'toString', 'length'],
];

const scalar: fc.Arbitrary<YamlScalar> = fc.oneof(
  fc.constantFrom<YamlScalar>('x', 'y', '/(/', '$A ==', '$[[ matrix.A ]]', 'delayed', 'manual', '1 day', ''),
  fc.constantFrom<YamlScalar>(null, true, false, 0, 1, 3, -1, 1.5, Number.NaN, 10n ** 20n),
  fc.string({ maxLength: 6 }),
);
const key: fc.Arbitrary<YamlScalar> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<YamlScalar>(...KEYWORDS) },
  { weight: 1, arbitrary: scalar },
);
const { value: anyValue } = fc.letrec<{ value: YamlValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((pairs): YamlMap => new Map(pairs)),
  ),
}));
/** Jobs that get past the first checks, so that the keywords below them are met. */
const job = fc
  .array(fc.tuple(fc.constantFrom(...KEYWORDS), anyValue), { maxLength: 5 })
  .map((pairs): YamlMap => new Map<YamlScalar, YamlValue>([['script', 'a'], ...pairs]));
const root = fc
  .array(fc.tuple(key, fc.oneof(job, anyValue)), { maxLength: 5 })
  .map((pairs): YamlMap => new Map(pairs));

test('any tree gives a configuration or errors, and never throws', () => {
  fc.assert(
    fc.property(root, (tree) => {
      const result = compileEntries(tree);
      if (!result.ok) return result.errors.length > 0;
      JSON.stringify(result.config);
      return result.config.jobs.length > 0;
    }),
    { numRuns: 5000 },
  );
});

test('one keyword with any value never throws', () => {
  fc.assert(
    fc.property(fc.constantFrom(...KEYWORDS), anyValue, (keyword, value) => {
      const body: YamlMap = new Map<YamlScalar, YamlValue>([
        ['script', 'a'],
        [keyword, value],
      ]);
      compileEntries(new Map<YamlScalar, YamlValue>([['x', body]]));
      compileEntries(
        new Map<YamlScalar, YamlValue>([
          ['x', new Map([['script', 'a']])],
          [keyword, value],
        ]),
      );
      compileEntries(
        new Map<YamlScalar, YamlValue>([
          [
            'x',
            new Map([
              ['trigger', value],
              [keyword, value],
            ]),
          ],
        ]),
      );
    }),
    { numRuns: 5000 },
  );
});

test('a job whose name is a property of objects is a job like any other', () => {
  const parallel = map([['matrix', [map([['constructor', 1]])]]]);
  const body = map([
    ['script', 'a'],
    ['variables', map([['__proto__', 'w']])],
    ['parallel', parallel],
  ]);
  const tree = map([
    ['variables', map([['__proto__', 'v']])],
    ['__proto__', body],
  ]);
  const result = compileEntries(tree);
  assert.ok(result.ok);
  assert.deepEqual(
    result.config.jobs.map(({ name }) => name),
    ['__proto__: [1]'],
  );
  assert.deepEqual(Object.keys(result.config.variables), ['__proto__']);
  assert.deepEqual(Object.keys(result.config.jobs[0]?.variables ?? {}), ['__proto__', 'constructor']);
});

test('an error stands where the nearest known key stands, and names the keys to it', () => {
  const rule = map([['when', 'nope']]);
  const rules = [map([['if', '$A']]), [rule]];
  const body = map([
    ['script', 'a'],
    ['rules', rules],
  ]);
  const tree = map([['Job', body]]);
  setPosition(tree, 'Job', { file: 'a.yml', line: 1, column: 1 });
  setPosition(body, 'rules', { file: 'a.yml', line: 3, column: 3 });
  const nearest = compileEntries(tree);
  setPosition(rule, 'when', { file: 'b.yml', line: 7, column: 9 });
  const exact = compileEntries(tree);
  assert.ok(!nearest.ok && !exact.ok);
  assert.deepEqual(nearest.errors, [
    {
      severity: 'error',
      message: 'jobs:job:rules:rule when unknown value: nope',
      path: ['Job', 'rules', 1, 0, 'when'],
      position: { file: 'a.yml', line: 3, column: 3 },
    },
  ]);
  assert.deepEqual(exact.errors[0]?.position, { file: 'b.yml', line: 7, column: 9 });
});

test('a chain of ten thousand needs neither overflows nor slows down', () => {
  const tree: YamlMap = new Map();
  for (let place = 0; place < 10_000; place++) {
    const needs = place === 9_999 ? [] : [`job ${place + 1}`];
    tree.set(
      `job ${place}`,
      map([
        ['script', 'a'],
        ['needs', needs],
      ]),
    );
  }
  const result = compileEntries(tree);
  assert.ok(result.ok);
  assert.equal(result.config.jobs.length, 10_000);
});

test('8,000 jobs with stages, needs, rules and a default compile', () => {
  const result = compileEntries(manyJobs(8_000));
  assert.ok(result.ok);
  assert.equal(result.config.jobs.length, 8_000);
});

/** Jobs of ten a stage, each with needs and a rule. */
function manyJobs(jobs: number): YamlMap {
  const stages = Array.from({ length: jobs / 10 }, (_, place) => `stage ${place}`);
  const tree = map([
    ['stages', stages],
    ['default', map([['image', 'ruby']])],
  ]);
  for (let place = 0; place < jobs; place++) {
    const needs = Array.from({ length: Math.min(place, 3) }, (_, back) => `job ${place - back - 1}`);
    const stage = `stage ${Math.floor(place / 10)}`;
    const rules = [map([['if', '$A == "b"']])];
    tree.set(
      `job ${place}`,
      map([
        ['script', ['a']],
        ['stage', stage],
        ['needs', needs],
        ['rules', rules],
      ]),
    );
  }
  return tree;
}

function map(pairs: [YamlScalar, YamlValue][]): YamlMap {
  return new Map(pairs);
}
