import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse as parseYaml } from 'yaml';
import { processorMs } from '../../test/processor-time.ts';
import { compileGlob } from './glob.ts';

const cases = parseYaml(
  readFileSync(new URL('../../test/conformance/ci-yaml/globs.yml', import.meta.url), 'utf8'),
) as { glob: string; yes: string[]; no: string[] }[];

describe('a path pattern matches as fnmatch does (ci-yaml 10.3)', () => {
  for (const { glob, yes, no } of cases) {
    it(glob, () => {
      const matches = compileGlob(glob);
      assert.deepEqual({ yes: yes.filter(matches), no: no.filter(matches) }, { yes, no: [] });
    });
  }
});

describe('patterns made to be slow', () => {
  const path = `${'a/'.repeat(200)}${'a'.repeat(200)}`;
  for (const glob of [
    '**/**/**/**/**/**/x',
    `${'**/a/'.repeat(30)}x`,
    `${'*a'.repeat(60)}x`,
    `${'{a,b}'.repeat(40)}x`,
    `${'{a,'.repeat(200)}${'}'.repeat(200)}`,
  ]) {
    it(`${glob.slice(0, 30)} answers at once`, () => {
      const started = processorMs();
      const matches = compileGlob(glob);
      for (let i = 0; i < 100; i++) assert.equal(matches(path), false);
      assert.ok(processorMs() - started < 2000);
    });
  }
  it('100,000 paths against nested `**` take a moment', () => {
    const matches = compileGlob('**/**/**/**/x');
    const started = processorMs();
    for (let i = 0; i < 100_000; i++) assert.equal(matches(`some/dir${i}/deep/er/file.ts`), false);
    assert.ok(processorMs() - started < 2000);
  });
});

describe('properties of path patterns', () => {
  const piece = fc.constantFrom('a', 'b', '.', '/', '*', '?', '**/');
  it('agrees with a regular expression built naively', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 8 }),
        fc.array(fc.constantFrom('a', 'b', '.', '/'), { maxLength: 8 }),
        (pieces, characters) => {
          const glob = pieces.join('');
          const source = glob
            .replace(/(^|\/)(\*\*\/)+/g, '$1\u0001')
            .replace(/\*+/g, '\u0002')
            .replaceAll('.', '\\.')
            .replaceAll('?', '[^/]')
            .replaceAll('\u0001', '(?:[^/]*/)*')
            .replaceAll('\u0002', '[^/]*');
          const path = characters.join('');
          assert.equal(compileGlob(glob)(path), new RegExp(`^${source}$`).test(path), `${glob} on ${path}`);
        },
      ),
      { numRuns: 3000 },
    );
  });
  it('no text is too strange', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (glob, path) => void compileGlob(glob)(path)));
  });
});
