import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { makePerson, makeProject, type Person } from '../people.ts';
import { forEachServer, type TestServer } from '../start-server.ts';
import { until } from '../until.ts';

/** Jobs that one pipeline may have here. */
const LIMIT = 10_000;

interface Pipeline {
  id: number;
  status: string;
  yaml_errors: string | null;
}

/** What makes no pipeline, or a failed one, and never one that hangs (ci-yaml 12.5, 21; rest-resources 6.3). */
forEachServer('bad input of pipelines', (start) => {
  let server: TestServer;
  let dora: Person;
  let projects = 0;
  before(async () => {
    server = await start();
    dora = await makePerson(server, 'dora');
    await server.api('PUT', '/application/settings', { body: { ci_pipeline_size: LIMIT } });
  });

  /** A project whose first push has this configuration. */
  async function pushed(content: string): Promise<string> {
    const { id } = await makeProject(server, `bad-${projects++}`, { token: dora.token });
    const actions = [{ action: 'create', file_path: '.gitlab-ci.yml', content }];
    const body = { branch: 'main', commit_message: 'a commit', actions };
    const path = `/projects/${id}`;
    const made = await server.api('POST', `${path}/repository/commits`, { token: dora.token, body });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return path;
  }
  async function pipelineOf(path: string, status: string): Promise<Pipeline> {
    const { id } = await until(`a pipeline that is ${status}`, async () => {
      const { body } = await server.api<Pipeline[]>('GET', `${path}/pipelines`);
      return body.find((pipeline) => pipeline.status === status);
    });
    return (await server.api<Pipeline>('GET', `${path}/pipelines/${id}`)).body;
  }

  const rows: { name: string; config: string; error: string; kept: string | null }[] = [
    {
      name: 'a circle of needs',
      config: 'a: {script: [x], needs: [c]}\nb: {script: [x], needs: [a]}\nc: {script: [x], needs: [b]}\n',
      error: 'The pipeline has circular dependencies: topological sort failed: ["a", "c", "b"]',
      kept: 'The pipeline has circular dependencies: topological sort failed: ["a", "c", "b"]',
    },
    {
      name: 'a job that needs itself',
      config: 'a: {script: [x], needs: [a]}\n',
      error: 'The pipeline has circular dependencies: self-dependency: a',
      kept: 'The pipeline has circular dependencies: self-dependency: a',
    },
    {
      name: 'a stage that is missing',
      config: 'a: {stage: nowhere, script: [x]}\n',
      error:
        'a job: chosen stage nowhere does not exist; available stages are .pre, build, test, deploy, .post',
      kept: 'a job: chosen stage nowhere does not exist; available stages are .pre, build, test, deploy, .post',
    },
    {
      name: 'more jobs than a pipeline may have',
      config: Array.from(
        { length: 51 },
        (_, i) => `a${i}: {script: [x], parallel: ${i < 50 ? 200 : 1}}\n`,
      ).join(''),
      error: `The number of jobs has exceeded the limit of ${LIMIT}.`,
      kept: null,
    },
  ];
  for (const { name, config, error, kept } of rows) {
    it(`${name}: a push keeps a failed pipeline without jobs, the API says why`, async () => {
      const path = await pushed(config);
      const failed = await pipelineOf(path, 'failed');
      assert.equal(failed.yaml_errors, kept);
      const jobs = await server.api<unknown[]>('GET', `${path}/pipelines/${failed.id}/jobs`);
      assert.deepEqual(jobs.body, []);
      const answer = await server.api<{ message: { base: string[] } }>('POST', `${path}/pipeline`, {
        token: dora.token,
        body: { ref: 'main' },
      });
      assert.equal(answer.status, 400);
      const [text, ...more] = answer.body.message.base;
      assert.ok(text?.startsWith(error) && more.length === 0, JSON.stringify(answer.body));
      const all = await server.api<Pipeline[]>('GET', `${path}/pipelines`);
      assert.equal(all.body.length, 1, 'nothing is kept of what the API asked for');
    });
  }

  it('a schedule that is never due is refused', async () => {
    const path = await pushed('a: {script: [x]}\n');
    for (const cron of ['0 0 31 2 *', '61 * * * *', 'often', '* * * *']) {
      const body = { description: 'd', ref: 'main', cron };
      const answer = await server.api('POST', `${path}/pipeline_schedules`, { token: dora.token, body });
      const refused = { message: { cron: [' is invalid syntax'] } };
      assert.deepEqual([answer.status, answer.body], [400, refused], cron);
    }
    const { body } = await server.api('GET', `${path}/pipeline_schedules`, { token: dora.token });
    assert.deepEqual(body, []);
  });

  it('a trigger to a project that its user may not see fails, and so does its pipeline', async () => {
    await makeProject(server, 'hidden');
    const path = await pushed(
      'go: {trigger: {project: root/hidden, strategy: depend}}\nlater: {stage: deploy, script: [x]}\n',
    );
    const failed = await pipelineOf(path, 'failed');
    const { body } = await server.api<{ status: string; failure_reason: string }[]>(
      'GET',
      `${path}/pipelines/${failed.id}/bridges`,
    );
    assert.deepEqual(
      body.map(({ status, failure_reason }) => [status, failure_reason]),
      [['failed', 'downstream_bridge_project_not_found']],
    );
    const jobs = await server.api<{ status: string }[]>('GET', `${path}/pipelines/${failed.id}/jobs`);
    assert.deepEqual(
      jobs.body.map(({ status }) => status),
      ['skipped'],
    );
  });
});
