import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { listPaths, readBlob } from './blob.ts';
import { readCommit } from './commit.ts';
import { changedPaths, mergeBase } from './diff.ts';
import {
  branchExists,
  deletePipelineRef,
  headBranch,
  listBranches,
  listTags,
  resolve,
  setHead,
  tagExists,
  writePipelineRef,
} from './refs.ts';
import { Repositories } from './repository.ts';
import { GitFailed, runGit } from './run-git.ts';

const directory = mkdtempSync(join(tmpdir(), 'teaspoon-git-'));
const repositories = new Repositories(join(directory, 'repositories'));
const PROJECT = 7;
let first = '';
let second = '';

/** Writes a commit straight into the bare repository, as git sees it. */
function commit(files: Record<string, string>, message: string, parents: string[], env: object = {}): string {
  const path = repositories.path(PROJECT);
  const run = (args: string[], input = '') =>
    execFileSync('git', [`--git-dir=${path}`, ...args], {
      input,
      env: {
        PATH: process.env.PATH,
        GIT_AUTHOR_NAME: 'Ada',
        GIT_AUTHOR_EMAIL: 'ada@example.com',
        GIT_AUTHOR_DATE: '1700000000 +0130',
        GIT_COMMITTER_NAME: 'Grace',
        GIT_COMMITTER_EMAIL: 'grace@example.com',
        GIT_COMMITTER_DATE: '1700000001 -0500',
        GIT_INDEX_FILE: join(directory, 'index'),
        ...env,
      },
    })
      .toString()
      .trim();
  rmSync(join(directory, 'index'), { force: true });
  for (const [name, content] of Object.entries(files)) {
    const sha = run(['hash-object', '-w', '--stdin'], content);
    run(['update-index', '--add', '--cacheinfo', `100644,${sha},${name}`]);
  }
  return run(
    ['commit-tree', run(['write-tree']), ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'],
    message,
  );
}

before(async () => {
  await repositories.create(PROJECT, 'main');
  first = commit({ '.gitlab-ci.yml': 'a: 1\n', 'src/a.txt': 'a' }, 'First\n\nbody\n', []);
  second = commit({ '.gitlab-ci.yml': 'a: 2\n', 'src/b.txt': 'a' }, 'Second\n', [first]);
  const path = repositories.path(PROJECT);
  await runGit(path, ['update-ref', 'refs/heads/main', second]);
  await runGit(path, ['update-ref', 'refs/heads/a;id', first]);
  await runGit(path, ['update-ref', 'refs/tags/v1', first]);
  const tag = await runGit(path, ['mktag'], {
    input: `object ${first}\ntype commit\ntag v2\ntagger Ada <ada@example.com> 1700000000 +0000\n\nTwo\n\nmore\n`,
  });
  await runGit(path, ['update-ref', 'refs/tags/v2', tag.stdout.toString().trim()]);
});

after(() => {
  repositories.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a new repository holds our format and no hook, template or alternate', async () => {
  const path = repositories.path(PROJECT);
  assert.deepEqual(readdirSync(path).sort(), ['HEAD', 'config', 'objects', 'refs']);
  assert.equal(await headBranch(repositories, PROJECT), 'main');
  await repositories.create(PROJECT, 'other');
  assert.equal(await headBranch(repositories, PROJECT), 'main');
});

test('only a positive number names a repository', () => {
  for (const id of [0, -1, 1.5, Number.NaN]) assert.throws(() => repositories.path(id), RangeError);
});

describe('a revision stands for', () => {
  const cases: [string, () => string | null][] = [
    ['main', () => second],
    ['refs/heads/main', () => second],
    ['HEAD', () => second],
    ['main~1', () => first],
    ['HEAD^', () => first],
    ['v1', () => first],
    ['v2', () => first],
    ['refs/tags/v2', () => first],
    ['a;id', () => first],
    ['missing', () => null],
    ['main~9', () => null],
    ['', () => null],
    ['--output=/tmp/teaspoon-pwned', () => null],
    ['-u', () => null],
    ['HEAD:../../x', () => null],
    ['main:.gitlab-ci.yml', () => null],
    ['main^{tree}', () => null],
    [':/First', () => null],
    ['main@{0}', () => null],
    ['main\ninfo HEAD', () => null],
    ['..', () => null],
    ['refs/../HEAD', () => null],
  ];
  for (const [revision, expected] of cases) {
    test(JSON.stringify(revision), async () => {
      assert.equal(await resolve(repositories, PROJECT, revision), expected());
    });
  }
  test('a commit id, whole or short', async () => {
    assert.equal(await resolve(repositories, PROJECT, first), first);
    assert.equal(await resolve(repositories, PROJECT, first.slice(0, 8)), first);
    assert.equal(await resolve(repositories, PROJECT, 'f'.repeat(40)), null);
  });
  test('nothing where there is no repository', async () => {
    assert.equal(await resolve(repositories, 999, 'main'), null);
    assert.equal(existsSync('/tmp/teaspoon-pwned'), false);
  });
});

test('branches and tags are told apart and listed', async () => {
  assert.equal(await branchExists(repositories, PROJECT, 'main'), true);
  assert.equal(await branchExists(repositories, PROJECT, 'v1'), false);
  assert.equal(await tagExists(repositories, PROJECT, 'v2'), true);
  const branches = await listBranches(repositories, PROJECT);
  assert.deepEqual(
    branches.map(({ name }) => name),
    ['a;id', 'main'],
  );
  const tags = await listTags(repositories, PROJECT);
  assert.deepEqual(
    tags.map(({ name, commitSha, message }) => ({ name, commitSha, message })),
    [
      { name: 'v1', commitSha: first, message: null },
      { name: 'v2', commitSha: first, message: 'Two\n\nmore' },
    ],
  );
});

test('files are read at a commit, and nothing else is', async () => {
  const read = async (path: string) =>
    (await readBlob(repositories, PROJECT, first, path))?.toString() ?? null;
  assert.equal(await read('.gitlab-ci.yml'), 'a: 1\n');
  assert.equal(await read('src/a.txt'), 'a');
  for (const path of [
    'src',
    'missing',
    '',
    '/src/a.txt',
    'src//a.txt',
    './src/a.txt',
    '../x',
    'a\nb',
    '--',
  ]) {
    assert.equal(await read(path), null, JSON.stringify(path));
  }
  assert.equal(await readBlob(repositories, PROJECT, 'main', 'src/a.txt'), null);
  await assert.rejects(readBlob(repositories, PROJECT, first, 'src/a.txt', 0), GitFailed);
  assert.deepEqual(await listPaths(repositories, PROJECT, first), ['.gitlab-ci.yml', 'src/a.txt']);
});

test('many reads at once share one child and get their own answers', async () => {
  const contents = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      readBlob(repositories, PROJECT, index % 2 === 0 ? first : second, '.gitlab-ci.yml'),
    ),
  );
  contents.forEach((content, index) => {
    assert.equal(content?.toString(), index % 2 === 0 ? 'a: 1\n' : 'a: 2\n');
  });
  assert.equal(repositories.readers.size, 1);
});

test('a reader survives the death of its child', async () => {
  repositories.readers.drop(repositories.path(PROJECT));
  assert.notEqual(await readBlob(repositories, PROJECT, first, 'src/a.txt'), null);
});

test('a commit keeps the offsets of its people', async () => {
  const commit = await readCommit(repositories, PROJECT, 'main');
  assert.ok(commit !== null);
  const { treeSha, ...rest } = commit;
  assert.match(treeSha, /^[0-9a-f]{40}$/);
  assert.deepEqual(rest, {
    sha: second,
    parentIds: [first],
    title: 'Second',
    message: 'Second\n',
    authorName: 'Ada',
    authorEmail: 'ada@example.com',
    authoredDate: '2023-11-14T23:43:20.000+01:30',
    committerName: 'Grace',
    committerEmail: 'grace@example.com',
    committedDate: '2023-11-14T17:13:21.000-05:00',
  });
});

test('what changed between two commits, moves under both names', async () => {
  assert.deepEqual(await changedPaths(repositories, PROJECT, first, second), [
    '.gitlab-ci.yml',
    'src/a.txt',
    'src/b.txt',
  ]);
  assert.deepEqual(await changedPaths(repositories, PROJECT, null, first), ['.gitlab-ci.yml', 'src/a.txt']);
  assert.deepEqual(await changedPaths(repositories, PROJECT, first, first), []);
  assert.equal(await mergeBase(repositories, PROJECT, first, second), first);
  assert.equal(await mergeBase(repositories, PROJECT, first, 'f'.repeat(40)), null);
});

test('a pipeline ref keeps a commit when its branch goes', async () => {
  await writePipelineRef(repositories, PROJECT, 310, second);
  await writePipelineRef(repositories, PROJECT, 310, second);
  assert.equal(await resolve(repositories, PROJECT, 'refs/pipelines/310'), second);
  await deletePipelineRef(repositories, PROJECT, 310);
  await deletePipelineRef(repositories, PROJECT, 310);
  assert.equal(await resolve(repositories, PROJECT, 'refs/pipelines/310'), null);
});

test('HEAD moves to a branch, never to what is no branch name', async () => {
  await setHead(repositories, PROJECT, 'trunk');
  assert.equal(await headBranch(repositories, PROJECT), 'trunk');
  await assert.rejects(setHead(repositories, PROJECT, '../config'), RangeError);
  await setHead(repositories, PROJECT, 'main');
});

test('a command ends at its time limit, its signal and its output limit', async () => {
  const path = repositories.path(PROJECT);
  await assert.rejects(
    runGit(path, ['cat-file', 'blob', `${first}:src/a.txt`], { outputLimit: 0 }),
    GitFailed,
  );
  const aborted = AbortSignal.abort();
  await assert.rejects(runGit(path, ['cat-file', '--batch'], { signal: aborted }), GitFailed);
});

test('a removed repository is gone, and removing it twice is no error', async () => {
  await repositories.create(8, 'main');
  await repositories.remove(8);
  await repositories.remove(8);
  assert.equal(await repositories.exists(8), false);
  await repositories.sweep();
  assert.deepEqual(readdirSync(join(directory, 'repositories')), [`${PROJECT}.git`]);
});
