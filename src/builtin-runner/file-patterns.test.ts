import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { matchFiles } from './file-patterns.ts';

describe('artifact paths', () => {
  const root = mkdtempSync(join(tmpdir(), 'teaspoon-paths-'));
  after(() => rmSync(root, { recursive: true }));
  for (const path of [
    'a.txt',
    'b.log',
    '.hidden',
    'dist/x.js',
    'dist/deep/y.js',
    'dist/deep/.z',
    '.git/config',
    'odd[1].txt',
  ]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), path);
  }
  symlinkSync('/etc', join(root, 'link'));

  const table: [string, string[], string[], string[]][] = [
    ['name a file', ['a.txt'], [], ['a.txt']],
    [
      'name a directory with all below',
      ['dist/'],
      [],
      ['dist', 'dist/deep', 'dist/deep/.z', 'dist/deep/y.js', 'dist/x.js'],
    ],
    ['stop a star at a slash', ['*.txt'], [], ['a.txt', 'odd[1].txt']],
    ['let two stars cross directories', ['**/*.js'], [], ['dist/deep/y.js', 'dist/x.js']],
    ['match hidden files', ['.h*'], [], ['.hidden']],
    ['know alternatives', ['{a,b}.*'], [], ['a.txt', 'b.log']],
    ['know character classes', ['[ab].*'], [], ['a.txt', 'b.log']],
    ['may start with ./', ['./a.txt'], [], ['a.txt']],
    ['leave out what is excluded', ['dist'], ['dist/**/*.js'], ['dist', 'dist/deep', 'dist/deep/.z']],
    ['find nothing above the root', ['../*', '/etc/passwd', 'dist/../../x'], [], []],
    ['name a link and do not follow it', ['link', 'link/passwd'], [], ['link']],
    ['never hold the repository itself', ['.git/config', '.git'], [], []],
    ['find nothing for a missing file', ['nothing', ''], [], []],
  ];
  for (const [what, paths, exclude, expected] of table) {
    it(what, () => assert.deepEqual(matchFiles(root, paths, exclude), expected));
  }
});
