import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { compileCase, outcome, readCase } from './case.ts';

const ROOT = join(import.meta.dirname, 'cases');
const GAPS: Record<string, string> = parse(readFileSync(join(import.meta.dirname, 'known-gaps.yml'), 'utf8'));

function foldersOf(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

/** Case folders at or below `folder`; a folder that leads to none is an error. */
function casesBelow(folder: string): string[] {
  if (existsSync(join(folder, 'case.yml'))) return [folder];
  const below = foldersOf(folder).flatMap(casesBelow);
  if (below.length === 0) throw new Error(`${relative(ROOT, folder)} is no case and holds none`);
  return below;
}

const cases = foldersOf(ROOT).flatMap(casesBelow);

describe('the configuration language', () => {
  test('has cases, and every known gap names one', () => {
    assert.ok(cases.length > 0, 'no case found');
    const names = cases.map((folder) => relative(ROOT, folder));
    assert.deepEqual(
      Object.keys(GAPS).filter((gap) => !names.includes(gap)),
      [],
    );
  });

  for (const folder of cases) {
    const name = relative(ROOT, folder);
    const gap = GAPS[name];
    test(gap === undefined ? name : `${name} (known gap: ${gap})`, async () => {
      const described = readCase(folder);
      const actual = outcome(await compileCase(folder, described), described.expect);
      const compare = () => assert.deepEqual(actual, described.expect);
      if (gap === undefined) compare();
      else assert.throws(compare, 'passes: take it off known-gaps.yml');
    });
  }
});
