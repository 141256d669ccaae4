import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { makePerson, makeProject } from '../../../test/people.ts';
import { type ApiAnswer, onOneServer, type TestServer } from '../../../test/start-server.ts';
import { until } from '../../../test/until.ts';
import { DEFAULT_SETTINGS } from '../../project/instance-settings.ts';

onOneServer('rate limits that the instance sets', (start) => {
  let server: TestServer;
  let project: number;
  let hook: number;
  let other: string;
  before(async () => {
    server = await start();
    project = (await makeProject(server, 'app')).id;
    const made = await server.api<{ id: number }>('POST', `/projects/${project}/hooks`, {
      body: { url: 'http://example.com/hook' },
    });
    hook = made.body.id;
    const person = await makePerson(server, 'maintainer');
    other = person.token;
    await server.api('POST', `/projects/${project}/members`, {
      body: { user_id: person.id, access_level: 40 },
    });
  });
  const set = (body: Record<string, unknown>) => server.api('PUT', '/application/settings', { body });

  /** Asks until it is refused: a change of the settings is noticed within a second. */
  const refusalOf = <T>(ask: () => Promise<ApiAnswer<T>>, limit?: string) =>
    until('a refusal', async () => {
      const answer = await ask();
      const isIt = limit === undefined || answer.headers.get('ratelimit-limit') === limit;
      return answer.status === 429 && isIt ? answer : undefined;
    });

  const BUCKETS: [
    setting: string,
    bucket: string,
    ask: (who: 'one' | 'other') => Promise<ApiAnswer>,
    usual: number,
  ][] = [
    [
      'runner_jobs_request_api_limit',
      'runner_jobs_request_api',
      (token) => asRunner('POST', '/jobs/request', { token }),
      403,
    ],
    [
      'runner_jobs_patch_trace_api_limit',
      'runner_jobs_patch_trace_api',
      (token) => asJob('PATCH', '/jobs/1/trace', token),
      403,
    ],
    ['runner_jobs_endpoints_api_limit', 'runner_jobs_api', (token) => asJob('PUT', '/jobs/1', token), 403],
    [
      'runner_jobs_endpoints_api_limit',
      'runner_jobs_api',
      (token) => asJob('POST', '/jobs/1/artifacts', `up ${token}`),
      403,
    ],
    [
      'runner_jobs_endpoints_api_limit',
      'runner_jobs_api',
      (token) => asJob('GET', '/jobs/1/artifacts', `down ${token}`),
      401,
    ],
    [
      'ci_lint_limit_per_user',
      'ci_lint',
      (who) => asUser(who, 'POST', `/projects/${project}/ci/lint`, { content: 'a: {script: [x]}' }),
      200,
    ],
    [
      'web_hook_test_limit',
      'web_hook_test',
      (who) => asUser(who, 'POST', `/projects/root%2Fapp/hooks/${hook}/test/push_events`),
      422,
    ],
    [
      'web_hook_event_resend_limit',
      'web_hook_event_resend',
      (who) => asUser(who, 'POST', `/projects/${project}/hooks/${hook}/events/1/resend`),
      404,
    ],
    [
      'raw_artifact_request_limit',
      'artifact_raw',
      (who) => asUser(who, 'GET', `/projects/${project}/jobs/1/artifacts/a.txt`),
      404,
    ],
    [
      'project_jobs_api_rate_limit',
      'project_jobs',
      (who) => asUser(who, 'GET', `/projects/${project}/jobs`),
      200,
    ],
  ];
  const asRunner = (method: string, path: string, body: unknown) =>
    server.api(method, path, { token: null, body });
  const asJob = (method: string, path: string, token: string) =>
    server.api(method, path, { token: null, headers: { 'JOB-TOKEN': token } });
  const asUser = (who: 'one' | 'other', method: string, path: string, body?: unknown) =>
    server.api(method, path, { ...(who === 'one' ? {} : { token: other }), body });

  for (const [setting, bucket, ask, usual] of BUCKETS) {
    it(`${setting}, ${bucket}: only the caller that calls too often`, async () => {
      await set({ [setting]: 2 });
      const refused = await refusalOf(() => ask('one'), '2');
      assert.deepEqual(refused.body, {
        message: { error: 'This endpoint has been requested too many times. Try again later.' },
      });
      const wait = Number(refused.headers.get('retry-after'));
      assert.ok(wait >= 1 && wait <= 60, String(wait));
      assert.equal(refused.headers.get('ratelimit-name'), bucket);
      assert.deepEqual([(await ask('other')).status, (await ask('other')).status], [usual, usual]);
      await set({ [setting]: 0 });
      await until('no limit', async () => (await ask('one')).status === usual || undefined);
    });
  }

  it('as shipped, runners are not limited, and tests of hooks are', () => {
    assert.deepEqual(
      BUCKETS.map(([setting]) => DEFAULT_SETTINGS[setting as keyof typeof DEFAULT_SETTINGS]),
      [0, 0, 0, 0, 0, 0, 5, 5, 6000, 600],
    );
  });

  it('credentials and parameters come before the limit', async () => {
    await set({ project_jobs_api_rate_limit: 2 });
    await refusalOf(() => server.api('GET', `/projects/${project}/jobs`));
    assert.equal((await server.api('GET', `/projects/${project}/pipelines`)).status, 200);
    assert.equal(
      (await server.api('GET', `/projects/${project}/jobs`, { token: null })).status,
      401,
      'credentials come first',
    );
    assert.equal((await server.api('GET', `/projects/${project}/jobs?scope=x`)).status, 400);
    await set({ project_jobs_api_rate_limit: 0 });
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
    const refused = await refusalOf(ask);
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
    const refused = await refusalOf(ask);
    assert.equal(refused.headers.get('ratelimit-name'), 'throttle_unauthenticated_api');
    assert.equal((await server.api('GET', '/user')).status, 200);
  });
});
