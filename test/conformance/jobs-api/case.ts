import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A request with its exact answer, or a word to the runner. README.md explains each key. */
export interface Step {
  run?: string;
  with?: Record<string, unknown>;
  send?: string;
  as?: string;
  body?: unknown;
  headers?: Record<string, string>;
  status?: number;
  is?: unknown;
  has?: unknown;
  names?: string[];
  text?: string;
  answers?: Record<string, string | null>;
  callers?: Record<string, number>;
  keep?: Record<string, string>;
  until?: unknown;
  pipeline?: string;
  ref?: string;
}

export interface Case extends Step {
  name: string;
  /** What the contract leaves open, or we add: not asked of another server. */
  ours?: true;
  project?: Record<string, unknown>;
  config?: string;
  files?: Record<string, string>;
  steps?: Step[];
}

export interface CaseFile {
  project?: Record<string, unknown>;
  config?: string;
  ref?: string;
  setup?: Step[];
  cases: Case[];
}

const STEP_KEYS =
  'run with send as body headers status is has names text answers callers keep until pipeline ref';
const STEP = new Set(STEP_KEYS.split(' '));
const CASE = new Set([...STEP, 'name', 'ours', 'project', 'config', 'files', 'steps', 'ref']);
const FILE = new Set(['project', 'config', 'ref', 'setup', 'cases']);

/** The cases of a file. Throws for one that it does not understand, or that asserts nothing. */
export function readCases(url: URL): CaseFile {
  const name = url.pathname.split('/').at(-1)!;
  const file = parse(readFileSync(url, 'utf8')) as CaseFile;
  known(file, FILE, name);
  assert.ok(file.cases.length > 0, `${name} has no cases`);
  for (const step of file.setup ?? []) known(step, STEP, name);
  const seen = new Set<string>();
  for (const c of file.cases) {
    known(c, CASE, `${name}: ${c.name}`);
    assert.ok(!seen.has(c.name), `${name}: two cases ${c.name}`);
    seen.add(c.name);
    const steps = stepsOf(c);
    for (const step of steps) known(step, CASE, `${name}: ${c.name}`);
    const asserting = steps.some((step) => step.status !== undefined || step.callers !== undefined);
    assert.ok(asserting, `${name}: ${c.name} asserts nothing`);
  }
  return file;
}

/** A case is its steps, or a single one itself. */
export function stepsOf(c: Case): Step[] {
  return c.steps ?? [c];
}

function known(value: object, keys: ReadonlySet<string>, where: string): void {
  for (const key of Object.keys(value)) assert.ok(keys.has(key), `${where}: unknown key ${key}`);
}
