import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { route } from '../../src/api/route.ts';
import { routes } from '../../src/api/routes.ts';
import { type Database, openSqliteDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { Repositories } from '../../src/git/repository.ts';
import { firstStart } from '../../src/project/first-start.ts';
import { startApi, type TestApi } from '../start-api.ts';

/** Fails with everything that it was sent in the text of its exception. */
const crash = route({
  method: 'POST',
  path: '/api/v4/crash',
  access: { by: 'user' },
  input: {},
  handle: async ({ received, request }) => {
    throw new Error(`could not store ${JSON.stringify(received)} of ${JSON.stringify(request.headers)}`);
  },
});

let directory: string;
let db: Database;
let repositories: Repositories;
let api: TestApi;
/** Every secret that was made or sent, by what it is. */
const secrets = new Map<string, string>();

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'teaspoon-secrets-'));
  db = openSqliteDatabase(join(directory, 'db', 'teaspoon.sqlite'));
  await migrate(db);
  repositories = new Repositories(join(directory, 'repositories'));
  api = await startApi(db, [...routes, crash], { extra: { repositories } });
});

after(async () => {
  await api.close();
  repositories.close();
  await db.close();
  rmSync(directory, { recursive: true });
});

it('no secret that was ever made or sent is in the database’s files, the log or a failure’s answer', async () => {
  const first = await firstStart(db, { rootToken: null, rootPassword: null }, Date.now());
  secrets.set('first token', first!.token).set('first password', first!.password);
  const token = first!.token;
  const post = async (path: string, body: object) => {
    const answer = await api.send({ method: 'POST', path: `/api/v4${path}`, token, body });
    assert.equal(answer.status, 201, `${path}: ${answer.text}`);
    return answer.json as { id: number; token?: string };
  };
  const user = { username: 'ann', name: 'Ann', email: 'ann@example.com', password: 'the password of ann' };
  secrets.set('password', user.password);
  const { id } = await post('/users', user);
  const scopes = ['api'];
  for (const kind of ['personal_access_tokens', 'impersonation_tokens']) {
    secrets.set(kind, (await post(`/users/${id}/${kind}`, { name: 'x', scopes })).token!);
  }
  const project = (await post('/projects', { name: 'app' })).id;
  secrets.set(
    'project token',
    (await post(`/projects/${project}/access_tokens`, { name: 'x', scopes })).token!,
  );
  const group = (await post('/groups', { name: 'Team', path: 'team' })).id;
  for (const path of [
    `/projects/${project}/variables`,
    `/groups/${group}/variables`,
    '/admin/ci/variables',
  ]) {
    const value = `value-of-${path.replaceAll('/', '-')}`;
    secrets.set(path, value);
    await post(path, { key: 'A', value, masked: true });
  }
  const runner = await post('/user/runners', { runner_type: 'project_type', project_id: project });
  secrets.set('runner token', runner.token!);

  const query = `private_token=${secrets.get('personal_access_tokens')}&password=in-the-query-1`;
  secrets.set('password in the query', 'in-the-query-1');
  const failed = await api.send({ method: 'POST', path: `/api/v4/crash?${query}`, body: { token } });
  assert.deepEqual([failed.status, failed.json], [500, { message: '500 Internal Server Error' }]);
  await api.send({ path: `/api/v4/projects/${project}/variables?${query}&page=x` });
  await api.send({ path: `/${token}/unknown` });

  const files = readdirSync(join(directory, 'db'));
  assert.ok(files.length > 0);
  const stored = files.map((file) => readFileSync(join(directory, 'db', file), 'latin1')).join('\n');
  const log = api.log.join('\n');
  assert.match(stored, /ann@example\.com/);
  assert.match(log, /request failed/);
  assert.ok(secrets.size >= 11);
  for (const [name, secret] of secrets) {
    assert.ok(!stored.includes(secret), `${name} is in the database`);
    assert.ok(!log.includes(secret), `${name} is in the log`);
  }
});
