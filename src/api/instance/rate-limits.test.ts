import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { makePerson, makeProject } from '../../../test/people.ts';
import { onOneServer, type TestServer } from '../../../test/start-server.ts';
import { until } from '../../../test/until.ts';

onOneServer('rate limits that the instance sets', (start) => {
  let server: TestServer;
  let project: number;
  before(async () => {
    server = await start();
    project = (await makeProject(server, 'app')).id;
  });
  const set = (body: Record<string, unknown>) => server.api('PUT', '/application/settings', { body });

  it('lists of jobs, by user', async () => {
    assert.equal((await set({ project_jobs_api_rate_limit: 2 })).status, 200);
    const list = () => server.api('GET', `/projects/${project}/jobs`);
    assert.deepEqual([(await list()).status, (await list()).status], [200, 200]);
    const refused = await list();
    assert.equal(refused.status, 429);
    assert.deepEqual(refused.body, {
      message: { error: 'This endpoint has been requested too many times. Try again later.' },
    });
    const wait = Number(refused.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 60, String(wait));
    assert.equal(refused.headers.get('ratelimit-limit'), '2');
    assert.equal((await server.api('GET', `/projects/${project}/pipelines`)).status, 200);
    assert.equal(
      (await server.api('GET', `/projects/${project}/jobs`, { token: null })).status,
      401,
      'credentials come first',
    );
    assert.equal((await server.api('GET', `/projects/${project}/jobs?scope=x`)).status, 400);
    await set({ project_jobs_api_rate_limit: 0 });
    assert.equal((await list()).status, 200);
  });

  it('all calls of one user, while others go on', async () => {
    const person = await makePerson(server, 'busy');
    const other = await makePerson(server, 'other');
    await set({
      throttle_authenticated_api_enabled: true,
      throttle_authenticated_api_requests_per_period: 3,
      throttle_authenticated_api_period_in_seconds: 600,
    });
    const ask = () => server.api<string>('GET', '/user', { token: person.token });
    const refused = await until('a refusal', async () => {
      const answer = await ask();
      return answer.status === 429 ? answer : undefined;
    });
    assert.equal(refused.body, 'Retry later\n');
    assert.equal(refused.headers.get('ratelimit-name'), 'throttle_authenticated_api');
    assert.ok(Number(refused.headers.get('retry-after')) > 60);
    assert.equal((await server.api('GET', '/user', { token: other.token })).status, 200);
  });

  it('all calls of one address without a user', async () => {
    await set({
      throttle_authenticated_api_enabled: false,
      throttle_unauthenticated_api_enabled: true,
      throttle_unauthenticated_api_requests_per_period: 1,
    });
    const ask = () => server.api<string>('GET', '/projects', { token: null });
    const refused = await until('a refusal', async () => {
      const answer = await ask();
      return answer.status === 429 ? answer : undefined;
    });
    assert.equal(refused.headers.get('ratelimit-name'), 'throttle_unauthenticated_api');
    assert.equal((await server.api('GET', '/user')).status, 200);
  });
});
