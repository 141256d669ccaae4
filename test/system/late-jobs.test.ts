import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { startDueJobs } from '../../src/pipeline/timeouts.ts';
import { makeProject } from '../people.ts';
import { ScriptedRunner } from '../scripted-runner.ts';
import { forEachServer, type TestServer } from '../start-server.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FORBIDDEN = { message: '403 Forbidden' };

interface Job {
  id: number;
  name: string;
  status: string;
  archived: boolean;
  failure_reason?: string;
}

forEachServer('jobs that come too late', (start) => {
  let server: TestServer;
  before(async () => {
    server = await start();
  });

  async function project(name: string, files: Record<string, string>): Promise<number> {
    const { id } = await makeProject(server, name);
    await commit(id, files, 'main');
    return id;
  }
  async function commit(id: number, files: Record<string, string>, branch: string): Promise<void> {
    const actions = Object.entries(files).map(([file_path, content]) => ({
      action: branch === 'main' ? 'create' : 'update',
      file_path,
      content,
    }));
    const from = branch === 'main' ? {} : { start_branch: 'main' };
    const body = { branch, ...from, commit_message: '[skip ci]', actions };
    const made = await server.api('POST', `/projects/${id}/repository/commits`, { body });
    assert.equal(made.status, 201, JSON.stringify(made.body));
  }
  async function pipeline(id: number, ref = 'main'): Promise<number> {
    const made = await server.api<{ id: number }>('POST', `/projects/${id}/pipeline`, { body: { ref } });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.id;
  }
  async function jobs(id: number, pipelineId: number): Promise<Record<string, Job>> {
    const { body } = await server.api<Job[]>('GET', `/projects/${id}/pipelines/${pipelineId}/jobs`);
    return Object.fromEntries(body.map((job) => [job.name, job]));
  }
  async function runnerOf(id: number): Promise<ScriptedRunner> {
    const body = { runner_type: 'project_type', project_id: id, run_untagged: true };
    const { body: made } = await server.api<{ token: string }>('POST', '/user/runners', { body });
    return new ScriptedRunner(server.url, made.token);
  }
  const setArchiveAge = (text: string | null) =>
    server.api('PUT', '/application/settings', { body: { archive_builds_in_human_readable: text } });

  it('the archive age is a duration of a day or more, or none', async () => {
    const rows: [text: string, status: number, body: unknown][] = [
      ['soon', 400, { message: { archive_builds_in_human_readable: ['is not a correct duration'] } }],
      ['23 hours', 400, { message: { archive_builds_in_seconds: ['must be at least 1 day'] } }],
    ];
    for (const [text, status, body] of rows) {
      const answer = await setArchiveAge(text);
      assert.deepEqual([answer.status, answer.body], [status, body]);
    }
    const age = (answer: { body: unknown }) =>
      (answer.body as Record<string, unknown>).archive_builds_in_human_readable;
    assert.equal(age(await setArchiveAge('1 year 6 months')), '1 year 6 months');
    assert.equal(age(await setArchiveAge('')), null);
  });

  it('files and runners’ tokens are kept for a time that has an end in the calendar, or for ever', async () => {
    const set = (body: Record<string, unknown>) => server.api('PUT', '/application/settings', { body });
    for (const text of ['soon', '8000 years']) {
      const { status, body } = await set({ default_artifacts_expire_in: text });
      const message = { default_artifacts_expire_in: ['is not a correct duration'] };
      assert.deepEqual([status, body], [400, { message }]);
    }
    for (const text of ['never', '0', '30 days'])
      assert.equal((await set({ default_artifacts_expire_in: text })).status, 200);
    const long = await set({ runner_token_expiration_interval: 2 ** 53 - 1 });
    const error = 'runner_token_expiration_interval does not have a valid value';
    assert.deepEqual([long.status, long.body], [400, { error }]);
  });

  it('jobs of an archived pipeline are neither run nor played nor retried, and may be cancelled and erased', async () => {
    const id = await project('old', {
      '.gitlab-ci.yml': [
        'fails: {script: [x], tags: [one], artifacts: {paths: [a], expire_in: never}}',
        'waits: {script: [x], tags: [two]}',
        'by_hand: {script: [x], when: manual}',
      ].join('\n'),
    });
    const pipelineId = await pipeline(id);
    const body = { runner_type: 'project_type', project_id: id, tag_list: ['one'] };
    const { body: made } = await server.api<{ token: string }>('POST', '/user/runners', { body });
    const one = new ScriptedRunner(server.url, made.token);
    const held = await one.take();
    await one.append(held, 'log');
    await one.fail(held);
    const path = `/projects/${id}`;
    const before = await jobs(id, pipelineId);
    assert.deepEqual(
      Object.values(before).map(({ archived }) => archived),
      [false, false, false],
    );

    const { sql } = server.rooms.db.read;
    await server.rooms.db.transaction((tx) =>
      tx.sql
        .updateTable('pipelines')
        .set({ created_at: Date.now() - 2 * DAY_MS })
        .where('id', '=', pipelineId)
        .execute(),
    );
    assert.equal((await jobs(id, pipelineId)).fails?.archived, false, 'without an age nothing is archived');
    await setArchiveAge('3 days');
    assert.equal((await jobs(id, pipelineId)).fails?.archived, false);
    await setArchiveAge('1 day');
    const old = await jobs(id, pipelineId);
    assert.deepEqual(
      Object.values(old).map(({ archived }) => archived),
      [true, true, true],
    );
    assert.equal((await server.api<Job>('GET', `${path}/jobs/${old.fails!.id}`)).body.archived, true);
    const shown = await server.api<{ archived: boolean }>('GET', `${path}/pipelines/${pipelineId}`);
    assert.equal(shown.body.archived, true);

    for (const [verb, job] of [
      ['retry', old.fails],
      ['play', old.by_hand],
      ['artifacts/keep', old.fails],
    ] as const) {
      const refused = await server.api('POST', `${path}/jobs/${job!.id}/${verb}`);
      assert.deepEqual([refused.status, refused.body], [403, FORBIDDEN], verb);
    }
    assert.equal((await server.api('POST', `${path}/pipelines/${pipelineId}/retry`)).status, 201);
    const count = await sql.selectFrom('jobs').select('id').where('pipeline_id', '=', pipelineId).execute();
    assert.equal(count.length, 3, 'no new attempts');

    const two = await server.api<{ token: string }>('POST', '/user/runners', {
      body: { ...body, tag_list: ['two'] },
    });
    const asked = await new ScriptedRunner(server.url, two.body.token).request();
    assert.equal(asked.job, null);
    const dropped = (await jobs(id, pipelineId)).waits!;
    assert.deepEqual([dropped.status, dropped.failure_reason], ['failed', 'archived_failure']);

    const erased = await server.api('POST', `${path}/jobs/${old.fails!.id}/erase`);
    assert.equal(erased.status, 201, JSON.stringify(erased.body));
    const canceled = await server.api<Job>('POST', `${path}/jobs/${old.by_hand!.id}/cancel`);
    assert.deepEqual([canceled.status, canceled.body.status], [201, 'canceled']);
    await setArchiveAge(null);
    assert.equal((await jobs(id, pipelineId)).fails?.archived, false);
  });

  for (const [how, keys] of [
    ['its time has come', 'when: delayed, start_in: 30 minutes'],
    ['it gets the slot of its group', 'resource_group: site'],
  ] as const) {
    it(`a deployment that was overtaken fails when ${how}`, async () => {
      const id = await project(`overtaken-${keys.length}`, {
        '.gitlab-ci.yml': [
          'holds: {script: [x], resource_group: site}',
          `deploy: {script: [x], environment: production, ${keys}}`,
          'after: {stage: deploy, script: [x]}',
        ].join('\n'),
      });
      const runner = await runnerOf(id);
      const older = await pipeline(id);
      const held = await runner.take();
      assert.equal(held.payload.job_info.name, 'holds');
      await commit(id, { '.gitlab-ci.yml': 'deploy: {script: [y], environment: production}\n' }, 'newer');
      await pipeline(id, 'newer');
      await runner.succeed(await runner.take());
      await runner.succeed(held);
      await startDueJobs(server.rooms.db, Date.now() + HOUR_MS);
      const { deploy, after } = await jobs(id, older);
      assert.deepEqual(
        [deploy?.status, deploy?.failure_reason, after?.status],
        ['failed', 'failed_outdated_deployment_job', 'skipped'],
      );
    });
  }
});
