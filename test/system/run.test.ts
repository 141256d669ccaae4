import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { GitClient } from '../git-client.ts';
import { temporaryDirectory } from '../spawn-server.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const CONFIG = `
stages: [build, test]
include: {local: other.yml}
build:
  stage: build
  script: [cat dirty.txt > out, echo "$WHO"]
  artifacts: {paths: [out]}
test: {stage: test, script: [cat out new.txt, test ! -e ignored.log], needs: [build]}
`;

describe('teaspoon run', () => {
  const directory = temporaryDirectory();
  const git = new GitClient(directory);
  after(() => rmSync(directory, { recursive: true, force: true }));
  before(async () => {
    await git.ok('init', '-q', '-b', 'work', '.');
    await git.commit({
      '.gitlab-ci.yml': CONFIG,
      'other.yml': 'other: {stage: test, script: [exit 3]}',
      'dirty.txt': 'clean\n',
      '.gitignore': 'ignored.log',
    });
    for (const [name, text] of [
      ['dirty.txt', 'dirty\n'],
      ['new.txt', 'new\n'],
      ['ignored.log', 'x'],
    ] as const) {
      writeFileSync(join(directory, name), text);
    }
  });

  const run = (...words: string[]) =>
    new Promise<{ code: number | null; output: string }>((resolve) => {
      const { PATH = '', HOME = '' } = process.env;
      const child = spawn(process.execPath, [MAIN, 'run', ...words], {
        cwd: directory,
        env: { PATH, HOME },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
      child.on('close', (code) => resolve({ code, output }));
    });

  it('runs the tree as it lies, and fails as its pipeline does', async () => {
    const before = await git.ok('count-objects', '-v');
    const { code, output } = await run('--variable', 'WHO=a friend');
    assert.equal(code, 1, output);
    assert.match(output, /build \| a friend$/m);
    assert.match(output, /test \| dirty\n +test \| new$/m);
    assert.match(output, /other: failed/);
    assert.equal(await git.ok('count-objects', '-v'), before);
    assert.equal(await git.ok('status', '--short'), ' M dirty.txt\n?? new.txt'.trim());
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith('teaspoon-run-')),
      [],
    );
  });

  it('runs only what is named, with what that needs', async () => {
    const { code, output } = await run('test', '--variable', 'WHO=x');
    assert.equal(code, 0, output);
    assert.match(output, /✔ test +test: success/);
    assert.equal(output.includes('other'), false);
  });

  it('says what is wrong with its words, its configuration and its place', async () => {
    const unknown = await run('nothing');
    assert.deepEqual(
      [unknown.code, unknown.output],
      [1, 'There is no job "nothing". There are: other, build, test.\n'],
    );
    assert.match((await run('--variable', 'x')).output, /^--variable x is not KEY=VALUE/);
    await git.ok('rm', '-q', '--cached', '.gitlab-ci.yml');
    rmSync(join(directory, '.gitlab-ci.yml'));
    const none = await run();
    assert.deepEqual([none.code, none.output], [1, 'No pipeline for work: there is no .gitlab-ci.yml.\n']);
    rmSync(join(directory, '.git'), { recursive: true });
    assert.match((await run()).output, /is in no git repository\. Run it in a working tree\.\n$/);
  });
});
