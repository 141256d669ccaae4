import { toText } from '../yaml/inspect.ts';
import type { YamlScalar, YamlValue } from '../yaml-value.ts';
import { must } from './check.ts';
import type { Entry } from './entry.ts';
import { checkConfig } from './keys.ts';

/** One hash of a matrix: each variable with its values, in file order. */
export type MatrixRow = [variable: string, values: string[]][];

const MAX_JOBS = 200;

const hashList = must(
  (value) => Array.isArray(value) && value.every((item) => item instanceof Map),
  'should be an array of hashes',
);
const isText = (value: YamlValue): value is string | number | bigint =>
  typeof value === 'string' || typeof value === 'bigint' || Number.isInteger(value);
const isCell = (value: YamlValue): boolean =>
  (isText(value) && value !== '') || (Array.isArray(value) && value.length > 0 && value.every(isText));

/** `parallel:matrix` (ci-yaml 8.6). */
export function readMatrix(entry: Entry): MatrixRow[] {
  if (!checkConfig(entry, hashList)) return [];
  const rows = entry.items(null, 1).map(readRow);
  const jobs = rows.reduce((sum, row) => sum + combinationCount(row), 0);
  if (jobs > MAX_JOBS) entry.error('config', `generates too many jobs (maximum is ${MAX_JOBS})`);
  return rows;
}

function readRow(item: Entry): MatrixRow {
  const row = item.value instanceof Map ? item.value : new Map<YamlScalar, YamlValue>();
  if (row.size === 0) item.error('config', 'requires at least 1 items');
  if (![...row.values()].every(isCell)) {
    item.error('config', 'should be a hash of key value pairs, value can be an array');
  }
  return [...row].map(([variable, value]) => [toText(variable), cellValues(value)]);
}

function cellValues(value: YamlValue): string[] {
  return (Array.isArray(value) ? value : [value]).filter(isText).map(toText);
}

function combinationCount(row: MatrixRow): number {
  return row.reduce((product, [, values]) => product * values.length, 1);
}

/** One combination of a matrix. */
export type Combination = [variable: string, value: string][];

/** Every combination of every row; the first variable of a row varies slowest. */
export function combinations(rows: MatrixRow[]): Combination[] {
  return rows.flatMap((row) =>
    row.reduce<Combination[]>(
      (partial, [variable, values]) =>
        partial.flatMap((combination) =>
          values.map((value): Combination => [...combination, [variable, value]]),
        ),
      [[]],
    ),
  );
}

/** Name of the instance of `job` that one combination makes: `job: [a, b]`. */
export function instanceName(job: string, combination: Combination): string {
  return `${job}: [${combination.map(([, value]) => value).join(', ')}]`;
}
