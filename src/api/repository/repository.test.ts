import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openTestDatabase } from '../../../test/databases.ts';
import { GitClient } from '../../../test/git-client.ts';
import { startApi, type TestApi } from '../../../test/start-api.ts';
import type { Database } from '../../db/database.ts';
import { Repositories } from '../../git/repository.ts';
import { createAccessToken } from '../../project/access-token.ts';
import { createProject } from '../../project/create-project.ts';
import { createUser } from '../../project/create-user.ts';
import { firstStart } from '../../project/first-start.ts';
import { insertMember } from '../../project/queries/members.ts';
import { SignInFailures } from '../../project/sign-in.ts';
import { type User, userByUsername } from '../../project/user.ts';
import type { PipelineStart } from '../git/after-push.ts';
import { gitRoutes } from '../git/routes.ts';
import { protectedRefRoutes } from '../protected-refs/routes.ts';
import { repositoryRoutes } from './routes.ts';

const NOW = 1_700_000_000_000;
const TOKEN = 'glpat-root-token-of-the-test';
const DEVELOPER = 'glpat-developer-of-the-test';
const root = mkdtempSync(join(tmpdir(), 'teaspoon-repository-'));
const repositories = new Repositories(join(root, 'repositories'));
let database: Database;
let drop: () => Promise<void>;
let api: TestApi;
let starts: PipelineStart[] = [];
let owner: User;
let developer: User;
let projectId = 0;
let path = '';
let client: GitClient;
let first = '';
let second = '';

before(async () => {
  ({ database, drop } = await openTestDatabase('sqlite'));
  const startPipeline = async (start: PipelineStart) => {
    starts.push(start);
    await database.transaction((tx) => start.settled(tx));
    return [];
  };
  const extra = { repositories, signInFailures: new SignInFailures(), startPipeline };
  api = await startApi(database, [...repositoryRoutes, ...protectedRefRoutes, ...gitRoutes], {
    clock: () => NOW,
    extra,
  });
  await firstStart(database, { rootToken: TOKEN, rootPassword: 'correct horse' }, NOW);
  owner = (await userByUsername(database.read, 'root'))!;
  await database.transaction(async (tx) => {
    const made = await createUser(tx, { username: 'dev', name: 'Dev', email: 'dev@example.com' }, NOW);
    assert.ok(made.ok);
    developer = made.user;
    const token = {
      userId: made.user.id,
      kind: 'personal',
      name: 't',
      scopes: ['api'],
      expiresAt: null,
    } as const;
    await createAccessToken(tx, token, NOW, DEVELOPER);
  });
});

after(async () => {
  await api.close();
  repositories.close();
  await drop();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(async () => {
  await database.transaction(async (tx) => {
    const made = await createProject(tx, owner, { path: `app${projectId + 1}` }, NOW);
    assert.ok(made.ok);
    projectId = made.project.id;
    path = made.project.fullPath;
    await insertMember(tx, {
      source_type: 'project',
      source_id: projectId,
      user_id: developer.id,
      access_level: 30,
      expires_at: null,
      created_by_id: null,
      created_at: NOW,
    });
  });
  client = new GitClient(join(root, `work-${projectId}`));
  await client.ok('init', '-q');
  first = await client.commit({ 'README.md': 'hello\n', 'src/a.txt': 'a' }, 'First\n\nmore');
  await client.ok('tag', '-a', 'v1', '-m', 'One');
  second = await client.commit({ 'src/b.txt': 'b' }, 'Second');
  await client.ok('branch', 'feature/x', first);
  const url = `${api.url.replace('://', `://x:${TOKEN}@`)}/${path}.git`;
  await client.ok('push', '-q', url, 'main', 'feature/x', 'v1');
  starts = [];
});

const call = (method: string, rest: string, body?: unknown, token = TOKEN) =>
  api.send({ method, path: `/api/v4/projects/${projectId}/repository/${rest}`, token, body });
const get = (rest: string, token?: string) => call('GET', rest, undefined, token);
const names = (list: unknown) => (list as { name: string }[]).map(({ name }) => name);

describe('branches', () => {
  test('and trees are paged by the last item seen', async () => {
    for (const [list, first, second] of [
      ['branches?', 'feature/x', 'main'],
      ['tree?ref=main&', 'src', 'README.md'],
    ] as const) {
      const one = await get(`${list}pagination=keyset&per_page=1`);
      assert.deepEqual(names(one.json), [first]);
      assert.equal(one.headers['x-total'], undefined);
      const next = new URL(/<(.*)>; rel="next"/.exec(String(one.headers.link))?.[1] ?? '');
      const two = await api.send({ path: next.pathname + next.search, token: TOKEN });
      assert.deepEqual([names(two.json), two.headers.link], [[second], undefined]);
    }
  });

  test('are protected and opened again by their older addresses', async () => {
    const protect = (body: object) => call('PUT', 'branches/feature%2Fx/protect', body);
    const closed = (await protect({ developers_can_merge: true })).json as Record<string, unknown>;
    assert.deepEqual(
      [closed.protected, closed.developers_can_push, closed.developers_can_merge],
      [true, false, true],
    );
    const opened = (await protect({ developers_can_push: 'true' })).json as Record<string, unknown>;
    assert.deepEqual([opened.protected, opened.developers_can_push], [true, true]);
    const free = await call('PUT', 'branches/feature%2Fx/unprotect');
    assert.deepEqual([free.status, (free.json as Record<string, unknown>).protected], [200, false]);
    assert.equal((await call('PUT', 'branches/nothing/protect', {})).status, 404);
  });

  test('are listed with their commit and what the caller may do', async () => {
    const { json, headers } = await get('branches', DEVELOPER);
    assert.deepEqual(names(json), ['feature/x', 'main']);
    assert.equal(headers['x-total'], '2');
    const [feature, main] = json as Record<string, unknown>[];
    assert.deepEqual(
      { ...feature, commit: (feature!.commit as { id: string }).id },
      {
        name: 'feature/x',
        commit: first,
        merged: true,
        protected: false,
        developers_can_push: false,
        developers_can_merge: false,
        can_push: true,
        default: false,
        web_url: `${api.url}/${path}/-/tree/feature/x`,
      },
    );
    assert.equal(main?.protected, true);
    assert.equal(main?.can_push, false);
    assert.equal(main?.developers_can_merge, true);
    assert.equal(main?.default, true);
    assert.equal(main?.merged, false);
  });

  const searches: [string, string[]][] = [
    ['search=^fea', ['feature/x']],
    ['search=in$', ['main']],
    ['search=A', ['feature/x', 'main']],
    ['regex=^m.*n$', ['main']],
    ['per_page=1&page=2', ['main']],
  ];
  for (const [query, expected] of searches) {
    test(`are found by ${query}`, async () => {
      assert.deepEqual(names((await get(`branches?${query.replace('^', '%5E')}`)).json), expected);
    });
  }

  test('are ordered by the date of their commit', async () => {
    const actions = [{ action: 'create', file_path: 'old', content: 'x' }];
    const body = { branch: 'aaa', start_branch: 'main', commit_message: 'Made in 2023', actions };
    assert.equal((await call('POST', 'commits', body)).status, 201);
    assert.equal(names((await get('branches?sort=updated_asc')).json)[0], 'aaa');
    assert.equal(names((await get('branches?sort=updated_desc')).json)[2], 'aaa');
  });

  test('are shown one by one', async () => {
    assert.equal((await get('branches/feature%2Fx')).status, 200);
    assert.equal((await call('HEAD', 'branches/main')).status, 204);
    assert.equal((await call('HEAD', 'branches/none')).status, 404);
    const missing = await get('branches/none');
    assert.deepEqual([missing.status, missing.json], [404, { message: '404 Branch Not Found' }]);
  });

  test('are made, with a pipeline, and removed', async () => {
    const made = await call('POST', 'branches', { branch: 'new', ref: 'v1' }, DEVELOPER);
    assert.equal(made.status, 201);
    assert.equal((made.json as { commit: { id: string } }).commit.id, first);
    assert.deepEqual(
      starts.map(({ event, user }) => [event.ref, event.newSha, user.username]),
      [['refs/heads/new', first, 'dev']],
    );
    const again = await call('POST', 'branches', { branch: 'new', ref: 'v1' });
    assert.deepEqual([again.status, again.json], [400, { message: 'Branch already exists' }]);
    const bad = await call('POST', 'branches', { branch: 'other', ref: '--output=x' });
    assert.deepEqual([bad.status, bad.json], [400, { message: 'Invalid reference name: --output=x' }]);
    assert.equal((await call('DELETE', 'branches/new', undefined, DEVELOPER)).status, 204);
    assert.equal((await call('DELETE', 'branches/new')).status, 404);
    assert.equal((await call('DELETE', 'branches/main')).status, 403);
  });

  test('that are merged go at once, the default one stays', async () => {
    assert.equal((await call('DELETE', 'merged_branches')).status, 202);
    assert.deepEqual(names((await get('branches')).json), ['main']);
  });
});

describe('tags', () => {
  test('are listed, annotated ones with their text', async () => {
    const [tag] = (await get('tags')).json as Record<string, unknown>[];
    assert.equal(tag?.name, 'v1');
    assert.equal(tag?.message, 'One');
    assert.notEqual(tag?.target, first);
    assert.equal((tag!.commit as { id: string }).id, first);
    assert.match(String(tag?.created_at), /Z$/);
  });

  test('are made plain or annotated, with a pipeline, and removed', async () => {
    const plain = await call('POST', 'tags', { tag_name: 'v2', ref: 'main' });
    assert.equal(plain.status, 201);
    assert.equal((plain.json as { target: string }).target, second);
    assert.equal((plain.json as { created_at: unknown }).created_at, null);
    const text = await call('POST', 'tags', { tag_name: 'v3', ref: 'main', message: 'Three\n\nmore' });
    assert.equal((text.json as { message: string }).message, 'Three\n\nmore');
    assert.deepEqual(
      starts.map(({ event }) => event.ref),
      ['refs/tags/v2', 'refs/tags/v3'],
    );
    assert.deepEqual((await call('POST', 'tags', { tag_name: 'v2', ref: 'main' })).json, {
      message: 'Tag v2 already exists',
    });
    assert.deepEqual((await call('POST', 'tags', { tag_name: 'v9', ref: 'none' })).json, {
      message: 'Target none is invalid',
    });
    assert.equal((await call('DELETE', 'tags/v3')).status, 204);
    assert.deepEqual((await get('tags/v3')).json, { message: '404 Tag Not Found' });
    assert.deepEqual(names((await get('tags?order_by=version')).json), ['v2', 'v1']);
  });
});

describe('commits', () => {
  const ids = (list: unknown) => (list as { id: string }[]).map(({ id }) => id);

  test('are listed newest first, by ref, path and page', async () => {
    const all = await get('commits');
    assert.deepEqual(ids(all.json), [second, first]);
    assert.equal(all.headers['x-total'], undefined);
    assert.deepEqual(ids((await get('commits?ref_name=feature%2Fx')).json), [first]);
    assert.deepEqual(ids((await get('commits?path=src/b.txt')).json), [second]);
    assert.deepEqual(ids((await get('commits?path=*')).json), []);
    assert.deepEqual(ids((await get('commits?per_page=1&page=2')).json), [first]);
    assert.deepEqual(ids((await get('commits?author=nobody')).json), []);
    assert.equal((await get('commits?ref_name=none')).status, 404);
  });

  test('are shown by id, branch or tag', async () => {
    for (const revision of [first, first.slice(0, 8), 'feature%2Fx', 'v1']) {
      const { json } = await get(`commits/${revision}`);
      const { id, title, last_pipeline, status, project_id } = json as Record<string, unknown>;
      assert.deepEqual(
        { id, title, last_pipeline, status, project_id },
        {
          id: first,
          title: 'First',
          last_pipeline: null,
          status: null,
          project_id: projectId,
        },
      );
    }
    assert.deepEqual((await get('commits/none')).json, { message: '404 Commit Not Found' });
    for (const what of ['diff', 'merge_requests', 'comments']) {
      const { status, json } = await get(`commits/${first}/${what}`);
      assert.deepEqual([status, json], [200, []], what);
      assert.deepEqual((await get(`commits/none/${what}`)).json, { message: '404 Commit Not Found' });
    }
    const unsigned = await get(`commits/${first}/signature`);
    assert.deepEqual([unsigned.status, unsigned.json], [404, { message: '404 Signature Not Found' }]);
    assert.deepEqual((await get(`commits/${first}/refs?type=branch`)).json, [
      { type: 'branch', name: 'feature/x' },
      { type: 'branch', name: 'main' },
    ]);
  });

  test('say how many lines they change, unless nobody wants to know, and how they end', async () => {
    const message =
      'Third\n\nWhy: not a trailer, as text follows.\nsee above\n\nSigned-off-by: Ada\nRefs: 1\nRefs: 2';
    const third = await client.commit({ 'README.md': 'hello\nyou\n', 'src/a.txt': 'A\n' }, message);
    const url = `${api.url.replace('://', `://x:${TOKEN}@`)}/${path}.git`;
    await client.ok('push', '-q', url, 'main');
    const body = (await get(`commits/${third}`)).json as Record<string, unknown>;
    assert.deepEqual(body.stats, { additions: 2, deletions: 1, total: 3 });
    assert.deepEqual(body.trailers, { 'Signed-off-by': 'Ada', Refs: '2' });
    assert.deepEqual(body.extended_trailers, { 'Signed-off-by': ['Ada'], Refs: ['1', '2'] });
    const without = (await get(`commits/${third}?stats=false`)).json as Record<string, unknown>;
    assert.equal('stats' in without, false);
    const list = (await get('commits?with_stats=true')).json as Record<string, unknown>[];
    assert.deepEqual(
      list.map(({ stats }) => (stats as { additions: number }).additions),
      [2, 1, 2],
    );
  });

  test('are made of several changes, and start a pipeline', async () => {
    const actions = [
      {
        action: 'create',
        file_path: 'bin/run',
        content: 'ZWNobw==',
        encoding: 'base64',
        execute_filemode: true,
      },
      { action: 'move', file_path: 'src/c.txt', previous_path: 'src/a.txt' },
      { action: 'delete', file_path: 'src/b.txt' },
      { action: 'update', file_path: 'README.md', content: 'new' },
    ];
    const made = await call('POST', 'commits', { branch: 'main', commit_message: 'Many', actions });
    assert.equal(made.status, 201, made.text);
    const { id, parent_ids, author_email } = made.json as Record<string, unknown>;
    assert.deepEqual(parent_ids, [second]);
    assert.equal(author_email, owner.email);
    assert.deepEqual(
      starts.map(({ event }) => [event.oldSha, event.newSha]),
      [[second, id]],
    );
    const tree = (await get('tree?recursive=true')).json as { path: string; mode: string }[];
    assert.deepEqual(
      tree.map((entry) => `${entry.mode} ${entry.path}`),
      ['100644 README.md', '040000 bin', '100755 bin/run', '040000 src', '100644 src/c.txt'],
    );
  });

  const create = (file_path: string, content = '') => ({ action: 'create', file_path, content });
  const forbidden = 'The path of a file is not allowed';
  const submodule = create('.gitmodules', '[submodule "x"]\n\tpath = x\n\turl = -u./x\n');
  const refused: [string, object, string][] = [
    ['a file that is there', create('README.md'), 'A file with this name already exists'],
    [
      'a file that is not there',
      { ...create('none'), action: 'update' },
      "A file with this name doesn't exist",
    ],
    ['a path into .git', create('.GIT/config'), forbidden],
    ['a path outside', create('../x'), forbidden],
    ['a submodule address that is an option', submodule, 'The content of a file is not allowed'],
    ['a file below a file', create('README.md/x'), forbidden],
  ];
  for (const [what, action, message] of refused) {
    test(`are refused for ${what}, and nothing changes`, async () => {
      const body = { branch: 'main', commit_message: 'x', actions: [action] };
      const { status, json } = await call('POST', 'commits', body);
      assert.deepEqual([status, json], [400, { message }]);
      assert.deepEqual(ids((await get('commits')).json), [second, first]);
      assert.deepEqual(starts, []);
    });
  }
});

describe('files', () => {
  test('are read with their facts, as headers, and raw', async () => {
    const shown = await get('files/src%2Fa.txt?ref=main');
    assert.deepEqual(shown.json, {
      file_name: 'a.txt',
      file_path: 'src/a.txt',
      size: 1,
      encoding: 'base64',
      content_sha256: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
      ref: 'main',
      blob_id: await client.ok('rev-parse', 'main:src/a.txt'),
      commit_id: second,
      last_commit_id: first,
      execute_filemode: false,
      content: 'YQ==',
    });
    const head = await call('HEAD', 'files/src%2Fa.txt?ref=main');
    assert.equal(head.headers['x-gitlab-last-commit-id'], first);
    const raw = await get('files/src%2Fa.txt/raw');
    assert.equal(raw.text, 'a');
    assert.equal(raw.headers['x-gitlab-blob-id'], head.headers['x-gitlab-blob-id']);
  });

  test('that cannot be read say why', async () => {
    const answers: [string, number, unknown][] = [
      ['files/none?ref=main', 404, { message: '404 File Not Found' }],
      ['files/README.md?ref=none', 404, { message: '404 Commit Not Found' }],
      ['files/README.md', 400, { error: 'ref is missing' }],
      ['files/src?ref=main', 404, { message: '404 File Not Found' }],
      ['files/a%0Ab?ref=main', 400, { error: 'file_path should be a valid file path' }],
    ];
    for (const [rest, status, body] of answers) {
      const { status: given, json } = await get(rest);
      assert.deepEqual([given, json], [status, body], rest);
    }
  });

  test('are made, changed and removed by commits of their own', async () => {
    const common = { branch: 'main', commit_message: 'Edit' };
    const made = await call('POST', 'files/new%2Ffile', { ...common, content: 'x' });
    assert.deepEqual([made.status, made.json], [201, { file_path: 'new/file', branch: 'main' }]);
    const changed = await call('PUT', 'files/new%2Ffile', { ...common, content: 'eQ==', encoding: 'base64' });
    assert.deepEqual([changed.status, changed.json], [200, { file_path: 'new/file', branch: 'main' }]);
    assert.equal((await get('files/new%2Ffile/raw')).text, 'y');
    assert.equal((await call('DELETE', 'files/new%2Ffile', common)).status, 204);
    assert.equal((await get('files/new%2Ffile/raw')).status, 404);
    assert.equal(starts.length, 3);
  });

  test('are not overwritten by who saw an older version', async () => {
    const body = { branch: 'main', commit_message: 'x', content: 'y', last_commit_id: first };
    const { status, json } = await call('PUT', 'files/src%2Fb.txt', body);
    assert.equal(status, 400);
    assert.match((json as { message: string }).message, /has changed since you started editing it/);
  });

  test('go to a new branch from another, and nowhere without one', async () => {
    const body = { branch: 'topic', commit_message: 'x', content: 'y' };
    assert.equal((await call('POST', 'files/t', body, DEVELOPER)).status, 400);
    const made = await call('POST', 'files/t', { ...body, start_branch: 'feature/x' }, DEVELOPER);
    assert.equal(made.status, 201);
    assert.equal((await get('commits/topic')).status, 200);
  });

  test('are not written to a protected branch by who may not push to it', async () => {
    const body = { branch: 'main', commit_message: 'x', content: 'y' };
    const { status, json } = await call('POST', 'files/t', body, DEVELOPER);
    assert.equal(status, 403);
    assert.deepEqual(json, { message: '403 Forbidden - You are not allowed to push into this branch' });
  });
});

test('a tree is listed by path and ref, directories first', async () => {
  const { json } = await get('tree');
  assert.deepEqual(names(json), ['src', 'README.md']);
  assert.deepEqual(names((await get('tree?path=src&ref=v1')).json), ['a.txt']);
  assert.equal((await get('tree?path=none')).status, 404);
  assert.deepEqual((await get('tree?ref=none')).json, { message: '404 Tree Not Found' });
});

test('a first file makes the first commit of an empty project', async () => {
  await database.transaction(async (tx) => {
    const made = await createProject(tx, owner, { path: `empty${projectId}` }, NOW);
    assert.ok(made.ok);
    projectId = made.project.id;
  });
  const body = { branch: 'main', commit_message: 'First', content: 'a: 1' };
  assert.equal((await call('POST', 'files/%2Egitlab-ci%2Eyml', body)).status, 201);
  assert.equal((await get('files/.gitlab-ci.yml/raw')).text, 'a: 1');
  assert.equal(starts.length, 1);
});
