/**
 * Real configurations of other people's projects, from a corpus kept beside the repository (never in it). Each
 * compiles or is refused for a reason that `corpus.yml` names; once more without includes that lead
 * elsewhere, its jobs are those that gitlab-ci-local found.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { compile } from '../../../src/config/compile.ts';
import type { CompileResult } from '../../../src/config/compiled.ts';
import { parseFile } from '../../../src/config/yaml/parse.ts';
import { printYaml } from '../../../src/config/yaml/print.ts';
import type { YamlValue } from '../../../src/config/yaml-value.ts';
import { memoryFiles, PROJECT, type Tree } from '../../config-files.ts';

const CORPUS = join(import.meta.dirname, '../../../../shared/corpus');
const SKIP = existsSync(CORPUS) ? false : `the corpus of real configurations is not at ${CORPUS}`;

interface Oracle {
  names?: string[];
  localOnly?: { ok: boolean; names?: string[] };
}

/** `corpus.yml`: per case how it is refused, how without includes that lead elsewhere, and why the names differ. */
interface Explained {
  refused?: string;
  refused_local_only?: string;
  oracle?: string;
}
const EXPLAINED: Record<string, Explained> = parse(
  readFileSync(join(import.meta.dirname, 'corpus.yml'), 'utf8'),
);

const oracle: Record<string, Oracle> = SKIP
  ? {}
  : JSON.parse(readFileSync(join(CORPUS, 'expected-jobs.json'), 'utf8')).cases;
const cases = SKIP
  ? []
  : readdirSync(CORPUS).filter((name) => existsSync(join(CORPUS, name, '.gitlab-ci.yml')));

function treeOf(name: string): Tree {
  const folder = join(CORPUS, name);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
}

/** A file without the entries of its `include` that lead elsewhere, as the oracle's second run had it. */
function withoutElsewhere(text: string): string {
  const parsed = parseFile(text, 'file');
  if (!parsed.ok) return text;
  const { header, content } = parsed.value;
  const include = content.get('include') ?? [];
  const entries = Array.isArray(include) ? include : [include];
  const local = entries.filter(isLocal);
  if (local.length === entries.length) return text;
  const changed = new Map(content).set('include', local);
  if (local.length === 0) changed.delete('include');
  return (header === null ? '' : printYaml(header)) + printYaml(changed);
}

function isLocal(entry: YamlValue): boolean {
  return entry instanceof Map ? entry.has('local') : typeof entry === 'string' && !entry.startsWith('http');
}

function compileCorpus(name: string, change: (text: string) => string): Promise<CompileResult> {
  const tree = Object.fromEntries(Object.entries(treeOf(name)).map(([path, text]) => [path, change(text)]));
  return compile(tree['.gitlab-ci.yml']!, {
    files: memoryFiles({ tree }),
    context: PROJECT,
    variables: new Map(),
  });
}

function refusal(result: CompileResult): string | undefined {
  return result.ok ? undefined : result.errors.map((error) => error.message).join('\n');
}

/** Names as the oracle writes them: `name: [1/3]`, `name: [a,b]`. */
function oracleNames(result: CompileResult): string[] {
  const jobs = result.ok ? result.config.jobs.map((job) => job.name) : [];
  return jobs.map((name) =>
    name.replace(/ (\d+\/\d+)$/, ': [$1]').replace(/: \[.*\]$/, (all) => all.replaceAll(', ', ',')),
  );
}

describe('real configurations', { skip: SKIP }, () => {
  test('are there, and every explanation is about one of them', () => {
    assert.ok(cases.length >= 42, `${cases.length} cases`);
    assert.deepEqual(
      Object.keys(EXPLAINED).filter((name) => !cases.includes(name)),
      [],
    );
  });

  for (const name of cases) {
    const explained = EXPLAINED[name] ?? {};

    test(`${name} compiles, or is refused for the reason named`, async () => {
      assert.equal(refusal(await compileCorpus(name, (text) => text)), explained.refused);
    });

    test(`${name} has the jobs that gitlab-ci-local finds`, async () => {
      const result = await compileCorpus(name, withoutElsewhere);
      const { names, localOnly } = oracle[name]!;
      assert.equal(refusal(result), explained.refused_local_only);
      const expected = names ?? localOnly?.names;
      const same =
        JSON.stringify(oracleNames(result).sort()) === JSON.stringify([...new Set(expected)].sort());
      assert.equal(same, explained.oracle === undefined, explained.oracle ?? 'names differ');
    });
  }
});
