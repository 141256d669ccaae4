/**
 * Runs the tables of `keywords/`: what each keyword may be, what it becomes and the exact text of each error
 * (ci-yaml.md 6 to 12). A row is a whole configuration (`yaml`) or the lines of one job named `x` (`x`, which gets
 * a script; `bridge`, which gets a trigger), and what comes of it:
 *
 *   errors    the texts, in order
 *   gives     fields of job `x`, or of the job that `job` names; whatever else it has is not looked at
 *   config    fields of the whole compiled configuration
 *   jobs      names of all jobs, in order
 *   warnings  starts of the texts, in order; none are expected otherwise
 *
 * `<256 a>` stands for 256 times the letter a.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { compileEntries } from '../../../src/config/entry/configuration.ts';
import { parseYaml } from '../../../src/config/yaml/parse.ts';

interface Row {
  yaml?: string;
  x?: string;
  bridge?: string;
  errors?: string[];
  gives?: Record<string, unknown>;
  job?: string;
  config?: Record<string, unknown>;
  jobs?: string[];
  warnings?: string[];
}

const ROW_KEYS = ['yaml', 'x', 'bridge', 'errors', 'gives', 'job', 'config', 'jobs', 'warnings'];
const folder = join(import.meta.dirname, 'keywords');
const files = readdirSync(folder).filter((file) => file.endsWith('.yml'));

test('there are tables of keywords', () => assert.ok(files.length > 0));

for (const file of files) {
  const rows: Row[] = parse(longTexts(readFileSync(join(folder, file), 'utf8')));
  for (const [index, row] of rows.entries()) {
    const title = (row.yaml ?? row.x ?? `trigger job with ${row.bridge}`).trim().replaceAll('\n', ' | ');
    test(`${file} ${index + 1}: ${title.slice(0, 100)}`, () => checkRow(row));
  }
}

function checkRow(row: Row): void {
  const unknown = Object.keys(row).filter((key) => !ROW_KEYS.includes(key));
  assert.deepEqual(unknown, [], 'keys of the row that mean nothing');
  const { errors, warnings, config } = outcome(configurationOf(row));
  assert.deepEqual(errors, row.errors ?? []);
  assert.deepEqual(
    warnings.map((warning, place) => warning.slice(0, row.warnings?.[place]?.length)),
    row.warnings ?? [],
  );
  if (row.jobs !== undefined) assert.deepEqual(config?.jobs.map(nameOf), row.jobs);
  if (row.config !== undefined) assert.partialDeepStrictEqual(config, row.config);
  if (row.gives !== undefined) {
    const job = config?.jobs.find((given) => nameOf(given) === (row.job ?? 'x'));
    assert.partialDeepStrictEqual(job, row.gives);
  }
}

function longTexts(table: string): string {
  return table.replaceAll(/<(\d+) (\w)>/g, (_, count: string, letter: string) =>
    letter.repeat(Number(count)),
  );
}

function nameOf(job: unknown): unknown {
  return (job as { name: unknown }).name;
}

function configurationOf({ yaml, x, bridge }: Row): string {
  if (yaml !== undefined) return yaml;
  const lines = (bridge ?? x ?? '').split('\n').map((line) => `  ${line}`);
  return ['x:', bridge === undefined ? '  script: [run]' : '  trigger: group/app', ...lines].join('\n');
}

function outcome(yaml: string) {
  const parsed = parseYaml(yaml, '.gitlab-ci.yml');
  assert.ok(parsed.ok && parsed.value instanceof Map, 'the row itself is valid YAML');
  const result = compileEntries(parsed.value);
  const messages = [...(result.ok ? result.config.warnings : [...result.errors, ...result.warnings])];
  for (const { position, message } of messages) assert.ok(position !== undefined, `no position: ${message}`);
  return {
    errors: result.ok ? [] : result.errors.map(({ message }) => message),
    warnings: messages.filter(({ severity }) => severity === 'warning').map(({ message }) => message),
    config: result.ok ? (JSON.parse(JSON.stringify(result.config)) as { jobs: unknown[] }) : null,
  };
}
