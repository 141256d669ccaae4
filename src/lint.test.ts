import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { GitClient } from '../test/git-client.ts';

const MAIN = new URL('./main.ts', import.meta.url).pathname;

interface Ran {
  code: number | null;
  out: string;
  error: string;
}

describe('teaspoon lint', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'teaspoon-lint-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
  }

  function run(words: string[], { directory = root, input = '' } = {}): Promise<Ran> {
    const child = spawn(process.execPath, [MAIN, 'lint', ...words], { cwd: directory });
    const ran = { out: '', error: '' };
    child.stdout.on('data', (chunk) => (ran.out += chunk));
    child.stderr.on('data', (chunk) => (ran.error += chunk));
    child.stdin.end(input);
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...ran })));
  }

  test('of a right file says so', async () => {
    write({ '.gitlab-ci.yml': 'a: {script: [x]}\nb: {stage: build, script: [x]}\n' });
    assert.deepEqual(await run([]), {
      code: 0,
      out: '.gitlab-ci.yml is valid: 2 jobs in 2 stages\n',
      error: '',
    });
  });

  test('shows each error in its line, and ends with 1', async () => {
    write({ 'ci/a.yml': 'a:\n  script: [x]\n  nonsense: 1\nb:\n  script: [x]\n  stage: []\n' });
    const { code, out } = await run(['ci/a.yml']);
    assert.equal(code, 1);
    assert.equal(
      out,
      `a.yml:3:3: error: jobs:a config contains unknown keys: nonsense
 3 |   nonsense: 1
   |   ^

a.yml:6:3: error: jobs:b:stage config should be a string
 6 |   stage: []
   |   ^

a.yml is not valid: 2 errors
`,
    );
  });

  test('shows warnings, and ends with 0', async () => {
    write({ '.gitlab-ci.yml': 'a: {script: [x], rules: [{when: always}]}\n' });
    const { code, out } = await run([]);
    assert.equal(code, 0);
    assert.match(out, /warning: jobs:a may allow multiple pipelines to run for a single action/);
    assert.match(out, /is valid: 1 job in 1 stage, 1 warning\n$/);
  });

  test('finds the file of the repository around, and reads includes from its tree', async () => {
    write({
      '.gitlab-ci.yml': 'include: [/ci/one.yml, "ci/*.yaml"]\n',
      'ci/one.yml': 'one: {script: [x]}\n',
      'ci/two.yaml': 'two: {script: [x]}\n',
      'ci/left.yaml': 'left: {script: 1}\n',
      '.gitignore': 'left.yaml\n',
      'deep/down/x': '',
    });
    await new GitClient(root).ok('init', '--quiet');
    const { code, out } = await run([], { directory: join(root, 'deep/down') });
    assert.equal(out, '.gitlab-ci.yml is valid: 2 jobs in 1 stage, 2 files included\n');
    assert.equal(code, 0);
  });

  test('tells an error of an included file there', async () => {
    write({ '.gitlab-ci.yml': 'include: more.yml\n', 'more.yml': 'a:\n  script: 1\n' });
    const { code, out } = await run([]);
    assert.equal(code, 1);
    assert.match(out, /^more\.yml:2:3: error: .*\n 2 \| {3}script: 1\n {3}\| {3}\^\n/);
  });

  test('sees the branch and given variables in rules of includes', async () => {
    write({
      '.gitlab-ci.yml':
        'include:\n- {local: absent.yml, rules: [{if: $CI_COMMIT_BRANCH == "topic" && $WITH == "a=b"}]}\na: {script: [x]}\n',
    });
    await new GitClient(root).ok('init', '--quiet', '--initial-branch=topic');
    assert.equal((await run([])).code, 0);
    const { code, out } = await run(['--variable', 'WITH=a=b']);
    assert.equal(code, 1);
    assert.match(out, /Local file `absent\.yml` does not exist!/);
  });

  test('reads nothing outside of the tree', async () => {
    write({
      'tree/a.yml': 'include: ../outside.yml\n',
      'tree/b.yml': 'include: link.yml\n',
      'outside.yml': 'x: {script: [x]}\n',
    });
    symlinkSync('../outside.yml', join(root, 'tree/link.yml'));
    for (const file of ['tree/a.yml', 'tree/b.yml']) {
      const { code, out } = await run([file]);
      assert.equal(code, 1);
      assert.match(out, /Local file `.*` does not exist!/);
    }
  });

  const ELSEWHERE = [
    '"https://example.com/a.yml"',
    '{project: group/app, file: a.yml}',
    '{component: example.com/group/app/name@1}',
  ];
  for (const include of ELSEWHERE) {
    test(`says that it cannot read ${include} offline`, async () => {
      write({ '.gitlab-ci.yml': `include: [${include}]\n` });
      const { code, out } = await run([]);
      assert.equal(code, 1);
      assert.match(out, /works offline and reads only this working tree/);
    });
  }

  test('reads the standard input', async () => {
    const { code, out } = await run(['-'], { input: 'a: {script: [x], stage: nowhere}\n' });
    assert.equal(code, 1);
    assert.match(out, /a job: chosen stage nowhere does not exist/);
  });

  test('answers as the lint API does', async () => {
    write({ '.gitlab-ci.yml': 'a:\n  script: [x]\n  nonsense: 1\n' });
    const { code, out } = await run(['--json']);
    assert.equal(code, 1);
    const answer = JSON.parse(out);
    assert.deepEqual(Object.keys(answer), [
      'valid',
      'errors',
      'warnings',
      'merged_yaml',
      'includes',
      'jobs',
      'messages',
    ]);
    assert.deepEqual([answer.valid, answer.messages[0].line], [false, 3]);
  });

  test('without a file, or with wrong words, says what is missing', async () => {
    assert.deepEqual(await run([]), { code: 1, out: '', error: 'There is no file .gitlab-ci.yml.\n' });
    assert.deepEqual(await run(['no/such.yml']), {
      code: 1,
      out: '',
      error: 'There is no file no/such.yml.\n',
    });
    for (const words of [['--nonsense'], ['a.yml', 'b.yml'], ['--variable', 'nothing']]) {
      const { code, error } = await run(words);
      assert.equal(code, 2);
      assert.match(error, /See teaspoon lint --help\.\n$/);
    }
  });

  test('explains itself', async () => {
    const { code, out } = await run(['--help']);
    assert.equal(code, 0);
    assert.match(out, /^Usage: teaspoon lint \[FILE\]/);
  });
});
