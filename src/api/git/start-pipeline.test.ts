import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { openTestDatabase } from '../../../test/databases.ts';
import { GitClient } from '../../../test/git-client.ts';
import { startApi, type TestApi } from '../../../test/start-api.ts';
import type { Database } from '../../db/database.ts';
import { recoverPushes } from '../../git/push.ts';
import { insertPush } from '../../git/queries.ts';
import { resolve } from '../../git/refs.ts';
import { Repositories } from '../../git/repository.ts';
import { firstStart } from '../../project/first-start.ts';
import { findProject } from '../../project/project.ts';
import { SignInFailures } from '../../project/sign-in.ts';
import { pushDeps } from './push-deps.ts';
import { gitRoutes } from './routes.ts';
import { pipelineStarter } from './start-pipeline.ts';

const NOW = 1_700_000_000_000;
const root = mkdtempSync(join(tmpdir(), 'teaspoon-git-api-'));
const repositories = new Repositories(join(root, 'repositories'));
const TOKEN = 'glpat-root-token-of-the-test';
let database: Database;
let drop: () => Promise<void>;
let api: TestApi;
let client: GitClient;
let count = 0;

before(async () => {
  ({ database, drop } = await openTestDatabase('sqlite'));
  const extra = { repositories, signInFailures: new SignInFailures() };
  api = await startApi(database, gitRoutes, { clock: () => NOW, extra });
  const { db, encryption, logger } = api.rooms;
  api.rooms.startPipeline = pipelineStarter({ db, encryption, repositories, logger });
  await firstStart(database, { rootToken: TOKEN, rootPassword: 'correct horse' }, NOW);
});

after(async () => {
  await api.close();
  repositories.close();
  await drop();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(async () => {
  count++;
  client = new GitClient(join(root, `work-${count}`));
  await client.ok('init', '-q');
});

const url = () => `${api.url.replace('://', `://root:${TOKEN}@`)}/root/app${count}.git`;

/** What the user of a push reads, without git's own lines. */
async function push(...args: string[]): Promise<string[]> {
  const { code, stderr } = await client.run('push', ...args);
  assert.equal(code, 0, stderr);
  const said = stderr.split('\n').flatMap((line) => /^remote: ?(.*?)\s*$/.exec(line)?.[1] ?? []);
  return said.filter((line) => line !== '');
}

const pipelines = async () => {
  const found = await findProject(database.read, `root/app${count}`);
  assert.ok(found.kind === 'found');
  const rows = await database.read.sql
    .selectFrom('pipelines')
    .select(['id', 'status', 'sha', 'ref', 'tag', 'before_sha', 'source', 'yaml_errors'])
    .where('project_id', '=', found.project.id)
    .orderBy('id')
    .execute();
  return { projectId: found.project.id, rows };
};

test('a push with a configuration starts a pipeline, says where, and keeps its commit', async () => {
  const sha = await client.commit({ '.gitlab-ci.yml': 'a:\n  script: echo\n' });
  const said = await push(url(), 'main');
  const { projectId, rows } = await pipelines();
  assert.equal(rows.length, 1);
  const { id, ...row } = rows[0]!;
  assert.deepEqual(said, ['Pipeline for main:', `  ${api.url}/root/app${count}/-/pipelines/${id}`]);
  assert.deepEqual(row, {
    status: 'pending',
    sha,
    ref: 'main',
    tag: 0,
    before_sha: '0'.repeat(40),
    source: 'push',
    yaml_errors: null,
  });
  assert.equal(await resolve(repositories, projectId, `refs/pipelines/${id}`), sha);
});

test('a branch and a tag in one push have a pipeline each; a deletion has none', async () => {
  await client.commit({ '.gitlab-ci.yml': 'a:\n  script: echo\n' });
  await push(url(), 'main', 'main:x', 'main:refs/tags/v1');
  assert.deepEqual(
    (await pipelines()).rows.map(({ ref, tag }) => [ref, tag]),
    [
      ['main', 0],
      ['x', 0],
      ['v1', 1],
    ],
  );
  assert.deepEqual(await push(url(), ':x'), []);
  assert.equal((await pipelines()).rows.length, 3);
});

test('a broken configuration fails the pipeline, and the push shows the place', async () => {
  await client.commit({ '.gitlab-ci.yml': 'a:\n  script: echo\n  stage: nowhere\n' });
  const said = await push(url(), 'main');
  const { rows } = await pipelines();
  assert.equal(rows[0]?.status, 'failed');
  assert.equal(said[0], 'The pipeline for main failed before it began:');
  assert.match(said[1] ?? '', /^ {2}\.gitlab-ci\.yml:\d+:\d+: .*stage/);
  assert.match(said[2] ?? '', /\/-\/pipelines\/\d+$/);
});

test('a text that is no YAML fails the pipeline too', async () => {
  await client.commit({ '.gitlab-ci.yml': 'a: [\n' });
  const said = await push(url(), 'main');
  assert.equal((await pipelines()).rows[0]?.status, 'failed');
  assert.match(said[1] ?? '', /^ {2}\.gitlab-ci\.yml:\d+:\d+: /);
});

test('a push without a configuration says so and makes no pipeline', async () => {
  await client.commit({ 'a.txt': 'a' });
  assert.deepEqual(await push(url(), 'main'), ['No pipeline for main: there is no .gitlab-ci.yml.']);
  assert.deepEqual((await pipelines()).rows, []);
});

test('a push may ask for a skipped pipeline, or for none', async () => {
  await client.commit({ '.gitlab-ci.yml': 'a:\n  script: echo\n' }, 'Change [skip ci]');
  assert.match((await push(url(), 'main'))[0] ?? '', /^Pipeline for main skipped/);
  assert.deepEqual(
    (await pipelines()).rows.map(({ status }) => status),
    ['skipped'],
  );
  await client.commit({ 'b.txt': 'b' });
  await push('-o', 'ci.skip', url(), 'main');
  await client.commit({ 'c.txt': 'c' });
  assert.match((await push('-o', 'ci.no_pipeline', url(), 'main'))[0] ?? '', /^No pipeline for main/);
  assert.deepEqual(
    (await pipelines()).rows.map(({ status }) => status),
    ['skipped', 'skipped'],
  );
});

test('a push cut short between its refs and its pipeline has one after the restart, and only one', async () => {
  const sha = await client.commit({ '.gitlab-ci.yml': 'a:\n  script: echo\n' });
  await push('-o', 'ci.no_pipeline', url(), 'main');
  const { projectId } = await pipelines();
  const update = { ref: 'refs/heads/main', oldSha: '0'.repeat(40), newSha: sha };
  const note = { projectId, userId: 1, options: [], updates: [update] };
  await database.transaction((tx) => insertPush(tx, note, NOW));
  const deps = pushDeps(api.rooms, 'http://ci.example', () => NOW + 1000);
  await Promise.all([recoverPushes(deps, NOW + 1000, 0), recoverPushes(deps, NOW + 1000, 0)]);
  await recoverPushes(deps, NOW + 1000, 0);
  assert.deepEqual(
    (await pipelines()).rows.map((row) => row.sha),
    [sha],
  );
});
