import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openTestDatabase } from '../../../test/databases.ts';
import { GitClient } from '../../../test/git-client.ts';
import { startApi, type TestApi } from '../../../test/start-api.ts';
import type { Database } from '../../db/database.ts';
import { headBranch, resolve } from '../../git/refs.ts';
import { Repositories } from '../../git/repository.ts';
import { createAccessToken } from '../../project/access-token.ts';
import { createProject } from '../../project/create-project.ts';
import { createUser, setUserState } from '../../project/create-user.ts';
import { hashPassword } from '../../project/password.ts';
import { findProject, type Project } from '../../project/project.ts';
import { insertMember } from '../../project/queries/members.ts';
import { insertProtectedRef, insertRefAccess } from '../../project/queries/protected-refs.ts';
import { SignInFailures } from '../../project/sign-in.ts';
import { digestOf } from '../../project/token.ts';
import type { User } from '../../project/user.ts';
import type { PipelineStart } from './after-push.ts';
import { basicOf } from './credentials.ts';
import { gitRoutes } from './routes.ts';

const NOW = 1_700_000_000_000;
const root = mkdtempSync(join(tmpdir(), 'teaspoon-git-api-'));
const repositories = new Repositories(join(root, 'repositories'));
let database: Database;
let drop: () => Promise<void>;
let api: TestApi;
let count = 0;
let client: GitClient;
let project: Project;
let starts: PipelineStart[] = [];
/** Users by role on the project, each with a token of that name. */
const users: Record<string, User> = {};
const LEVELS = {
  owner: 50,
  maintainer: 40,
  developer: 30,
  reporter: 20,
  guest: 10,
  stranger: 0,
  blocked: 40,
};

const secretOf = (name: string) => `glpat-${name.padEnd(20, '0')}`;

before(async () => {
  ({ database, drop } = await openTestDatabase('sqlite'));
  api = await startApi(database, gitRoutes, {
    clock: () => NOW,
    extra: {
      repositories,
      signInFailures: new SignInFailures(),
      startPipeline: async (start) => {
        starts.push(start);
        await database.transaction((tx) => start.settled(tx));
        return [`Pipeline for ${start.event.ref}: ${start.baseUrl}/p/1`];
      },
    },
  });
  const passwordHash = await hashPassword('correct horse');
  for (const username of Object.keys(LEVELS)) await makeUser(username, passwordHash);
  await database.transaction((tx) => setUserState(tx, users.blocked!.id, 'blocked', NOW));
});

after(async () => {
  await api.close();
  repositories.close();
  await drop();
  rmSync(root, { recursive: true, force: true });
});

async function makeUser(username: string, passwordHash: string): Promise<void> {
  await database.transaction(async (tx) => {
    const made = await createUser(
      tx,
      { username, name: username, email: `${username}@example.com`, passwordHash },
      NOW,
    );
    assert.ok(made.ok);
    users[username] = made.user;
    const token = { userId: made.user.id, kind: 'personal', name: 'git', expiresAt: null } as const;
    await createAccessToken(tx, { ...token, scopes: ['api'] }, NOW, secretOf(username));
    for (const scope of ['read_api', 'read_repository', 'write_repository']) {
      await createAccessToken(tx, { ...token, scopes: [scope] }, NOW, secretOf(`${username}-${scope}`));
    }
    await createAccessToken(
      tx,
      { ...token, scopes: ['api'], expiresAt: '2020-01-01' },
      NOW,
      secretOf(`${username}-old`),
    );
  });
}

beforeEach(async () => {
  count++;
  starts = [];
  project = await makeProject(`app${count}`, 'private');
  client = new GitClient(join(root, `work-${count}`));
  await client.ok('init', '-q');
});

function makeProject(path: string, visibility: Project['visibility']): Promise<Project> {
  return database.transaction(async (tx) => {
    const made = await createProject(tx, users.owner!, { path, settings: { visibility } }, NOW);
    assert.ok(made.ok);
    for (const [name, level] of Object.entries(LEVELS)) {
      if (level === 0 || name === 'owner') continue;
      await insertMember(tx, {
        source_type: 'project',
        source_id: made.project.id,
        user_id: users[name]!.id,
        access_level: level,
        expires_at: null,
        created_by_id: null,
        created_at: NOW,
      });
    }
    return made.project;
  });
}

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const address = (credentials: string, path = project.fullPath) =>
  `${api.url.replace('://', `://${credentials}@`)}/${path}.git`;
const as = (name: string, path?: string) => address(`x:${secretOf(name)}`, path);

async function infoRefs(service: string, authorization?: string, path = `${project.fullPath}.git`) {
  return api.send({
    path: `/${path}/info/refs?service=${service}`,
    headers: authorization === undefined ? {} : { authorization },
  });
}

test('a user pushes with a token, is told of the pipeline, and clones with a password', async () => {
  const sha = await client.commit({ 'a.txt': 'a' });
  const { code, stderr } = await client.run('push', as('maintainer'), 'main');
  assert.equal(code, 0, stderr);
  assert.ok(stderr.includes(`remote: Pipeline for refs/heads/main: ${api.url}/p/1`), stderr);
  const { event, user, now } = starts[0]!;
  assert.deepEqual(event, {
    projectId: project.id,
    userId: users.maintainer!.id,
    options: [],
    ref: 'refs/heads/main',
    oldSha: '0'.repeat(40),
    newSha: sha,
  });
  assert.equal(user.username, 'maintainer');
  assert.equal(now, NOW);
  const clone = new GitClient(join(root, `clone-${count}`));
  await clone.ok('clone', '-q', address('reporter:correct%20horse'), '.');
  assert.equal(await clone.ok('rev-parse', 'HEAD'), sha);
  assert.equal(api.log.join('').includes('glpat-'), false);
  assert.equal(api.log.join('').includes('correct horse'), false);
});

describe('who may fetch and push', () => {
  const cases: [who: string, authorization: string | undefined, fetch: number, push: number][] = [
    ['nobody', undefined, 401, 401],
    ['a stranger', basic('x', secretOf('stranger')), 404, 404],
    ['a guest', basic('x', secretOf('guest')), 403, 403],
    ['a reporter', basic('x', secretOf('reporter')), 200, 403],
    ['a developer', basic('x', secretOf('developer')), 200, 200],
    ['a maintainer', basic('x', secretOf('maintainer')), 200, 200],
    ['a blocked user', basic('x', secretOf('blocked')), 403, 403],
    ['a blocked user with a password', basic('blocked', 'correct horse'), 403, 403],
    ['a developer with a password', basic('developer', 'correct horse'), 200, 200],
    ['a wrong password', basic('developer', 'wrong'), 401, 401],
    ['an unknown token', basic('x', 'glpat-unknown'), 401, 401],
    ['an expired token', basic('x', secretOf('developer-old')), 401, 401],
    ['a read_api token', basic('x', secretOf('developer-read_api')), 403, 403],
    ['a read_repository token', basic('x', secretOf('developer-read_repository')), 200, 403],
    ['a write_repository token', basic('x', secretOf('developer-write_repository')), 200, 200],
    ['no Basic at all', 'Bearer x', 401, 401],
    ['a job token that is none', basic('gitlab-ci-token', 'glcbt-none'), 401, 401],
    ['a personal token as a job token', basic('gitlab-ci-token', secretOf('developer')), 401, 401],
    ['an empty password', basic('x', ''), 401, 401],
  ];
  for (const [who, authorization, fetch, push] of cases) {
    test(`${who}: ${fetch} and ${push}`, async () => {
      const answers = [
        await infoRefs('git-upload-pack', authorization),
        await infoRefs('git-receive-pack', authorization),
      ];
      assert.deepEqual(
        answers.map(({ status }) => status),
        [fetch, push],
      );
      for (const { status, headers } of answers) {
        assert.equal(headers['www-authenticate'], status === 401 ? 'Basic realm="Teaspoon"' : undefined);
      }
    });
  }

  test('nobody learns whether a project exists without credentials', async () => {
    const missing = await infoRefs('git-upload-pack', undefined, 'owner/none.git');
    const hidden = await infoRefs('git-upload-pack');
    assert.equal(missing.status, 401);
    assert.equal(missing.text, hidden.text);
  });

  test('a public project is fetched without credentials and not pushed to', async () => {
    project = await makeProject(`public${count}`, 'public');
    assert.equal((await infoRefs('git-upload-pack')).status, 200);
    assert.equal((await infoRefs('git-receive-pack')).status, 401);
    assert.equal((await infoRefs('git-upload-pack', basic('x', 'glpat-bad'))).status, 401);
  });
});

describe('a job token', () => {
  const SECRET = `glcbt-7_${'s'.repeat(46)}`;
  const authorization = basic('gitlab-ci-token', SECRET);
  const runningJob = (projectId: number, status = 'running') =>
    database.transaction(async (tx) => {
      await tx.sql.deleteFrom('jobs').execute();
      await tx.sql
        .insertInto('jobs')
        .values({
          id: 7,
          type: 'build',
          project_id: projectId,
          pipeline_id: 1,
          stage_id: 1,
          definition_id: 1,
          name: 'j',
          stage_index: 0,
          status,
          when: 'on_success',
          allow_failure: 0,
          scheduling_type: 'stage',
          ref: 'main',
          tag: 0,
          protected: 0,
          interruptible: 0,
          enqueue_immediately: 0,
          user_id: users.developer!.id,
          retried: 0,
          token_digest: digestOf(SECRET),
          debug: 0,
          created_at: NOW,
          updated_at: NOW,
        })
        .execute();
    });

  test('fetches its own project and never pushes', async () => {
    await runningJob(project.id);
    assert.equal((await infoRefs('git-upload-pack', authorization)).status, 200);
    assert.equal((await infoRefs('git-receive-pack', authorization)).status, 403);
    const sha = await client.commit({ 'a.txt': 'a' });
    await client.ok('push', '-q', as('maintainer'), 'main');
    await client.ok('fetch', '-q', address(`gitlab-ci-token:${SECRET}`), 'main');
    assert.equal(await client.ok('rev-parse', 'FETCH_HEAD'), sha);
    const { stderr } = await client.run('push', address(`gitlab-ci-token:${SECRET}`), 'main:x');
    assert.match(stderr, /403|may not push/);
  });

  test('is refused by another project that its user can see, and hidden from others', async () => {
    const source = project;
    const target = await makeProject(`target${count}`, 'private');
    await runningJob(source.id);
    const refused = await infoRefs('git-upload-pack', authorization, target.fullPath);
    assert.equal(refused.status, 403);
    assert.equal(
      refused.text,
      `Authentication by CI/CD job token not allowed from ${source.path} to ${target.path}.\n`,
    );
    const other = await database.transaction((tx) =>
      createProject(tx, users.stranger!, { path: `own${count}` }, NOW),
    );
    assert.ok(other.ok);
    assert.equal((await infoRefs('git-upload-pack', authorization, other.project.fullPath)).status, 404);
  });

  test('is dead with its job', async () => {
    await runningJob(project.id, 'success');
    assert.equal((await infoRefs('git-upload-pack', authorization)).status, 401);
  });
});

describe('nothing else of a repository is served', () => {
  const paths = ['/info/refs', '/info/refs?service=git-foo', '/HEAD', '/config', '/objects/info/packs'];
  for (const path of [...paths, '/objects/00/00', '/info/lfs/objects/batch', '/git-upload-archive']) {
    test(path, async () => {
      const headers = { authorization: basic('x', secretOf('maintainer')) };
      for (const method of ['GET', 'POST']) {
        const { status } = await api.send({ method, path: `/${project.fullPath}.git${path}`, headers });
        assert.ok(status === 404 || status === 405, `${method}: ${status}`);
      }
    });
  }

  test('but the same address works without .git and in any case', async () => {
    const authorization = basic('x', secretOf('reporter'));
    assert.equal((await infoRefs('git-upload-pack', authorization, project.fullPath)).status, 200);
    assert.equal(
      (await infoRefs('git-upload-pack', authorization, `${project.fullPath.toUpperCase()}.git`)).status,
      200,
    );
  });
});

describe('protected refs', () => {
  beforeEach(async () => {
    await client.commit({ 'a.txt': 'a' });
    await client.ok('push', '-q', as('maintainer'), 'main');
    starts = [];
  });

  test('a developer pushes beside the protected branch, not to it', async () => {
    await client.commit({ 'b.txt': 'b' });
    const { stderr } = await client.run('push', as('developer'), 'main', 'main:feature');
    assert.match(
      stderr,
      /main -> main \(You are not allowed to push code to protected branches on this project\.\)/,
    );
    assert.match(stderr, /\[new branch\]\s+main -> feature/);
    assert.deepEqual(
      starts.map(({ event }) => event.ref),
      ['refs/heads/feature'],
    );
  });

  test('nobody forces the protected branch or deletes the default one', async () => {
    await client.ok('commit', '-q', '--amend', '-m', 'Other');
    const forced = await client.run('push', '-f', as('maintainer'), 'main');
    assert.match(forced.stderr, /not allowed to force push code to a protected branch/);
    const deleted = await client.run('push', as('maintainer'), ':main');
    assert.match(deleted.stderr, /The default branch of a project cannot be deleted\./);
    assert.deepEqual(starts, []);
  });

  test('a protected tag is made by whom it allows, and moves and goes for nobody', async () => {
    await database.transaction(async (tx) => {
      const rule = { kind: 'tag', name: 'v*', allowForcePush: false } as const;
      await insertRefAccess(tx, await insertProtectedRef(tx, project.id, rule, NOW), 'create', 40);
    });
    const refused = await client.run('push', as('developer'), 'main:refs/tags/v1');
    assert.match(refused.stderr, /not allowed to create this tag as it is protected/);
    await client.ok('push', '-q', as('maintainer'), 'main:refs/tags/v1');
    await client.commit({ 'b.txt': 'b' });
    const moved = await client.run('push', '-f', as('maintainer'), 'main:refs/tags/v1');
    assert.match(moved.stderr, /Protected tags cannot be updated\./);
    const deleted = await client.run('push', as('maintainer'), ':refs/tags/v1');
    assert.match(deleted.stderr, /Protected tags cannot be deleted\./);
    await client.ok('push', '-q', as('developer'), 'main:refs/tags/other');
  });
});

describe('a push to a project that is not there', () => {
  test("makes a private one in the user's own namespace", async () => {
    const sha = await client.commit({ 'a.txt': 'a' });
    const path = `stranger/new${count}`;
    assert.equal((await infoRefs('git-receive-pack', basic('x', secretOf('stranger')), path)).status, 200);
    assert.equal((await findProject(database.read, path)).kind, 'missing');
    await client.ok('push', '-q', as('stranger', path), 'main');
    const found = await findProject(database.read, path);
    assert.ok(found.kind === 'found');
    assert.equal(found.project.visibility, 'private');
    assert.equal(await resolve(repositories, found.project.id, 'main'), sha);
    assert.equal(starts[0]?.project.id, found.project.id);
  });

  test('takes the first pushed branch as its default one, and protects it', async () => {
    await client.commit({ 'a.txt': 'a' });
    const path = `stranger/trunk${count}`;
    await client.ok('push', '-q', as('stranger', path), 'main:trunk', 'main:refs/tags/v1');
    const found = await findProject(database.read, path);
    assert.ok(found.kind === 'found');
    assert.equal(found.project.defaultBranch, 'trunk');
    assert.equal(await headBranch(repositories, found.project.id), 'trunk');
    const deleted = await client.run('push', as('stranger', path), ':trunk');
    assert.match(deleted.stderr, /default branch/);
  });

  const refused: [string, string, number][] = [
    ["in another user's namespace", 'owner/none', 404],
    ['in a namespace that is not there', 'nobody/none', 404],
    ['without a namespace', 'none', 404],
    ['with a path no project may have', 'stranger/-x', 403],
    ['with a reserved path', 'stranger/blob', 403],
    ['with a path that ends in .git', 'stranger/a.git.git', 403],
  ];
  for (const [where, path, status] of refused) {
    test(`is refused ${where}`, async () => {
      const authorization = basic('x', secretOf('stranger'));
      assert.equal((await infoRefs('git-receive-pack', authorization, `${path}.git`)).status, status);
      await client.commit({ 'a.txt': 'a' });
      assert.notEqual((await client.run('push', as('stranger', path), 'main')).code, 0);
      assert.equal((await findProject(database.read, path)).kind, 'missing');
    });
  }

  test('is refused to whom shows no credentials, and to a fetch', async () => {
    assert.equal((await infoRefs('git-receive-pack', undefined, 'stranger/none.git')).status, 401);
    const fetch = await infoRefs('git-upload-pack', basic('x', secretOf('stranger')), 'stranger/none.git');
    assert.equal(fetch.status, 404);
  });
});

test('more than four branches at once get no pipelines, and the user is told', async () => {
  await client.commit({ 'a.txt': 'a' });
  const branches = [1, 2, 3, 4, 5].map((index) => `main:b${index}`);
  const { stderr } = await client.run('push', as('maintainer'), ...branches, 'main:refs/tags/v1');
  assert.match(stderr, /remote: No pipelines: more than 4 branches were pushed at once\./);
  assert.deepEqual(
    starts.map(({ event }) => event.ref),
    ['refs/tags/v1'],
  );
});

test('a request with a bad body or encoding is refused and changes nothing', async () => {
  const path = `/${project.fullPath}.git/git-receive-pack`;
  const headers = { authorization: basic('x', secretOf('maintainer')) };
  assert.equal((await api.send({ method: 'POST', path, headers, body: 'zzzz' })).status, 400);
  const encoded = { ...headers, 'content-encoding': 'br' };
  assert.equal((await api.send({ method: 'POST', path, headers: encoded, body: '0000' })).status, 415);
  assert.deepEqual(readdirSync(join(repositories.path(project.id), 'refs', 'heads')), []);
  const probe = await api.send({ method: 'POST', path, headers, body: '0000' });
  assert.equal(probe.status, 200);
  assert.equal(probe.text, '');
});

describe('Basic credentials', () => {
  const cases: [string | undefined, ReturnType<typeof basicOf>][] = [
    [undefined, 'none'],
    ['', 'none'],
    ['Basic', 'malformed'],
    ['Basic !!!', 'malformed'],
    [`Basic ${Buffer.from('nocolon').toString('base64')}`, 'malformed'],
    [basic('a', 'b:c'), { username: 'a', password: 'b:c' }],
    [basic('', 'b'), { username: '', password: 'b' }],
    [basic('ä', 'ö').replace('Basic', 'basic'), { username: 'ä', password: 'ö' }],
  ];
  for (const [header, expected] of cases) {
    test(String(header), () => assert.deepEqual(basicOf(header), expected));
  }
});
