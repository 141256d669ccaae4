import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { build } from '../../src/pipeline/create/build.ts';
import { workflowRules, yaml } from '../../src/pipeline/create/configuration.ts';
import { configContent } from '../../src/pipeline/create/content.ts';
import { prepareContent } from '../../src/pipeline/create/content-rows.ts';
import { draftLarge } from '../../src/pipeline/create/draft.ts';
import { newPipeline } from '../../src/pipeline/create/save.ts';
import { seed } from '../../src/pipeline/create/seed.ts';
import { removeDrafts } from '../../src/pipeline/draft.ts';
import { projectById } from '../../src/project/project.ts';
import { userByUsername } from '../../src/project/user.ts';
import { makeProject } from '../people.ts';
import { ScriptedRunner } from '../scripted-runner.ts';
import { forEachServer, type TestServer } from '../start-server.ts';
import { until } from '../until.ts';

const JOBS = 1200;

/** A job that all others need, or follow by their stage, or none of both. */
const config = (rest: string) =>
  ['first: {stage: build, script: [make]}']
    .concat(Array.from({ length: JOBS - 1 }, (_, i) => `job ${i}: {script: [make ${i}]${rest}}`))
    .join('\n');

forEachServer('a pipeline of many jobs', (start) => {
  let server: TestServer;
  before(async () => {
    server = await start();
  });

  async function project(name: string, content: string): Promise<number> {
    const { id } = await makeProject(server, name);
    const actions = [{ action: 'create', file_path: '.gitlab-ci.yml', content }];
    const body = { branch: 'main', commit_message: '[skip ci]', actions };
    assert.equal((await server.api('POST', `/projects/${id}/repository/commits`, { body })).status, 201);
    return id;
  }
  async function pipeline(id: number): Promise<number> {
    const made = await server.api<{ id: number }>('POST', `/projects/${id}/pipeline`, {
      body: { ref: 'main' },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.id;
  }
  /** How many jobs there are of each status, by the totals of the lists. */
  async function counts(path: string): Promise<Record<string, number>> {
    const statuses = ['created', 'pending', 'running', 'success', 'failed', 'skipped', 'canceled'];
    const totals = await Promise.all(
      statuses.map(async (status) => {
        const { headers } = await server.api('GET', `${path}/jobs?per_page=1&scope[]=${status}`);
        return [status, Number(headers.get('x-total'))] as const;
      }),
    );
    return Object.fromEntries(totals.filter(([, total]) => total > 0));
  }
  const reaches = (path: string, expected: Record<string, number>) =>
    until(JSON.stringify(expected), async () => {
      const found = await counts(path);
      return JSON.stringify(found) === JSON.stringify(expected) || undefined;
    });

  for (const [name, rest] of [
    ['stages', ''],
    ['needs', ', needs: [first]'],
  ] as const) {
    it(`is processed some jobs at a time and comes to the same end: ${name}`, async () => {
      const id = await project(name, config(rest));
      const path = `/projects/${id}/pipelines/${await pipeline(id)}`;
      await reaches(path, { created: JOBS - 1, pending: 1 });
      const body = { runner_type: 'project_type', project_id: id, run_untagged: true };
      const { body: made } = await server.api<{ token: string }>('POST', '/user/runners', { body });
      const runner = new ScriptedRunner(server.url, made.token);
      await runner.succeed(await runner.take());
      await reaches(path, { pending: JOBS - 1, success: 1 });
      await runner.fail(await runner.take());
      assert.equal((await server.api<{ status: string }>('GET', path)).body.status, 'running');
      await server.api('POST', `${path}/cancel`);
      await reaches(path, { success: 1, failed: 1, canceled: JOBS - 2 });
      await server.api('POST', `${path}/retry`);
      await reaches(path, { pending: JOBS - 1, success: 1 });
    });
  }

  it('skips what follows a failure, all of it', async () => {
    const id = await project('fails', config(''));
    const path = `/projects/${id}/pipelines/${await pipeline(id)}`;
    const body = { runner_type: 'project_type', project_id: id, run_untagged: true };
    const { body: made } = await server.api<{ token: string }>('POST', '/user/runners', { body });
    const runner = new ScriptedRunner(server.url, made.token);
    await runner.fail(await runner.take());
    await reaches(path, { failed: 1, skipped: JOBS - 1 });
    assert.equal((await server.api<{ status: string }>('GET', path)).body.status, 'failed');
  });

  it('does not exist for anybody while its jobs are being stored, and leaves nothing when that was given up', async () => {
    const id = await project('draft', config(''));
    const { rooms } = server;
    const request = {
      project: (await projectById(rooms.db.read, id))!,
      user: (await userByUsername(rooms.db.read, 'root'))!,
      source: 'api',
      ref: 'main',
      serverUrl: server.url,
      saveOnErrors: false,
    } as const;
    const creation = await build(rooms, request, Date.now());
    for (const step of [configContent, yaml, workflowRules, seed]) assert.equal(await step(creation), null);
    const row = newPipeline(creation, { status: 'created', failureReason: null, yamlErrors: null });
    const draft = await draftLarge(creation, row, await prepareContent(creation.jobs));
    assert.equal(draft?.jobIds.size, JOBS);
    const one = [...draft.jobIds.values()][0];

    for (const list of [
      'jobs',
      'pipelines?source=api',
      'jobs?scope[]=created&scope[]=pending',
      'jobs?pagination=keyset',
    ]) {
      assert.deepEqual((await server.api('GET', `/projects/${id}/${list}`)).body, [], list);
    }
    for (const [method, path] of [
      ['GET', `jobs/${one}`],
      ['GET', `jobs/${one}/trace`],
      ['POST', `jobs/${one}/cancel`],
      ['POST', `jobs/${one}/retry`],
      ['POST', `jobs/${one}/play`],
      ['POST', `jobs/${one}/erase`],
      ['GET', `pipelines/${draft.pipelineId}`],
      ['POST', `pipelines/${draft.pipelineId}/cancel`],
    ] as const) {
      assert.equal((await server.api(method, `/projects/${id}/${path}`)).status, 404, path);
    }
    const other = await pipeline(id);
    assert.ok(other > draft.pipelineId, 'its number is taken');

    await removeDrafts(rooms.db, Date.now()); // not yet: who stores it may be alive
    const left = async () => {
      const jobs = rooms.db.read.sql.selectFrom('jobs').where('pipeline_id', '=', draft.pipelineId);
      return (await jobs.select('id').execute()).length;
    };
    assert.equal(await left(), JOBS);
    await removeDrafts(rooms.db, Date.now(), 0);
    assert.equal(await left(), 0);
    assert.equal((await server.api('GET', `/projects/${id}/jobs?per_page=1`)).status, 200);
  });
});
