import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { compile } from '../../../src/config/compile.ts';
import type { CompileResult, ConfigMessage } from '../../../src/config/compiled.ts';
import { memoryFiles, PROJECT, type Tree } from '../../config-files.ts';

/** What `case.yml` may say; README.md beside this file describes it. */
export interface Case {
  source?: string;
  path?: string;
  variables?: Record<string, string>;
  masked?: string[];
  inputs?: Record<string, unknown>;
  max_includes?: number;
  projects?: Record<string, Tree>;
  remotes?: Record<string, string>;
  templates?: Record<string, string>;
  components?: Record<string, string>;
  changed?: string[] | null;
  expect: Expectation;
}

export interface Expectation {
  errors?: string[];
  positions?: string[];
  job_names?: string[];
  jobs?: Record<string, unknown>;
  config?: Record<string, unknown>;
  warnings?: string[];
  includes?: unknown[];
  merged_yaml?: string;
}

const CASE_KEYS = new Set(
  'source path variables masked inputs max_includes projects remotes templates components changed expect'.split(
    ' ',
  ),
);
const EXPECT_KEYS = new Set(
  'errors positions job_names jobs config warnings includes merged_yaml'.split(' '),
);

/** Reads a case; throws on what it does not understand. */
export function readCase(folder: string): Case {
  const read: unknown = parse(readFileSync(join(folder, 'case.yml'), 'utf8'));
  const described = checkKeys(folder, read, CASE_KEYS) as unknown as Case;
  const expect = checkKeys(`${folder}: expect`, described.expect, EXPECT_KEYS);
  if (Object.keys(expect).length === 0) throw new Error(`${folder}: expects nothing`);
  return described;
}

function checkKeys(where: string, value: unknown, known: Set<string>): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${where}: no mapping`);
  const unknown = Object.keys(value).filter((key) => !known.has(key));
  if (unknown.length > 0) throw new Error(`${where}: unknown keys ${unknown.join(', ')}`);
  return value as Record<string, unknown>;
}

/** Compiles a case's configuration in its surroundings. */
export function compileCase(folder: string, described: Case): Promise<CompileResult> {
  const tree = readTree(folder);
  const path = described.path ?? '.gitlab-ci.yml';
  const text = tree[path];
  if (text === undefined) throw new Error(`${folder}: no ${path}`);
  return compile(text, {
    files: memoryFiles({ ...described, tree }),
    context: PROJECT,
    path,
    variables: new Map(Object.entries(described.variables ?? {})),
    masked: new Set(described.masked),
    ...(described.inputs && { inputs: described.inputs }),
    ...(described.max_includes && { maxIncludes: described.max_includes }),
  });
}

function readTree(folder: string): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (entry.isFile() && name !== 'case.yml') tree[name] = readFileSync(path, 'utf8');
  }
  return tree;
}

/** The part of what came out that the expectation speaks about, in the expectation's shape. */
export function outcome(result: CompileResult, expected: Expectation): Expectation {
  const config = result.ok ? result.config : null;
  const jobs = new Map(config?.jobs.map((job) => [job.name, job]));
  const all: Required<Expectation> = {
    errors: result.ok ? [] : result.errors.map((error) => error.message),
    positions: result.ok ? [] : result.errors.map(position),
    job_names: [...jobs.keys()],
    jobs: Object.fromEntries(jobs),
    config: { ...config },
    warnings: (result.ok ? result.config : result).warnings.map((warning) => warning.message),
    includes: (result.ok ? result.config : result).includes,
    merged_yaml: result.mergedYaml ?? '',
  };
  const part = project(all, expected) as Expectation;
  return result.ok || expected.errors ? part : { ...part, errors: all.errors };
}

function position({ position }: ConfigMessage): string {
  return position === undefined ? '-' : `${position.file}:${position.line}:${position.column}`;
}

function project(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((item, index) => project(item, expected[index]));
  }
  if (!isRecord(actual) || !isRecord(expected)) return actual;
  const keys = Object.keys(expected).filter((key) => Object.hasOwn(actual, key));
  return Object.fromEntries(keys.map((key) => [key, project(actual[key], expected[key])]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
