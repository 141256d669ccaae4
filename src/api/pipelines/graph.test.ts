import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { addTo, makePerson, type Person } from '../../../test/people.ts';
import type { ScriptedRunner } from '../../../test/scripted-runner.ts';
import { forEachServer, type TestServer } from '../../../test/start-server.ts';
import { until } from '../../../test/until.ts';
import { makeRunner, Repository, run } from '../../../test/web/seed.ts';
import type { graphJob } from '../entities/pipeline-graph.ts';

const CONFIG = `
stages: [build, test, deploy]
build: {stage: build, script: make, parallel: 2}
lint: {stage: test, script: make, needs: [], allow_failure: true}
unit: {stage: test, script: make, needs: [build], environment: test}
child: {stage: deploy, trigger: {include: child.yml}}
deploy: {stage: deploy, script: make, when: manual, manual_confirmation: Really?}
`;

interface Graph {
  pipeline: { id: number; status: string; detailed_status: { group: string } };
  commit: { title: string };
  upstream: { id: number; project_path: string } | null;
  stages: { name: string; status: string }[];
  jobs: ReturnType<typeof graphJob>[];
  abilities: string[];
}

forEachServer('a pipeline as pages draw it', (start) => {
  let server: TestServer;
  let runner: ScriptedRunner;
  let app: Repository;
  let id: number;
  const people: Record<string, Person> = {};

  before(async () => {
    server = await start();
    runner = await makeRunner(server);
    app = await Repository.make(server, 'app');
    const files = { '.gitlab-ci.yml': CONFIG, 'child.yml': 'inner: {script: make}' };
    id = (await app.push(files, { message: 'Draw me' }))!;
    for (const [name, level] of Object.entries({ guest: 10, reporter: 20, developer: 30, maintainer: 40 })) {
      people[name] = await makePerson(server, name);
      await addTo(server, app.id, people[name], level);
    }
    await run(runner, ({ payload }) => (payload.job_info.name === 'lint' ? 'failed' : 'success'));
  });
  after(() => app.close());

  const graphOf = (pipeline: number, token?: string) =>
    server.api<Graph>(
      'GET',
      `/projects/${app.id}/pipelines/${pipeline}/graph`,
      token === undefined ? {} : { token },
    );

  it('has its stages, jobs with what they need, and the pipelines that they started', async () => {
    const child = await until('the child pipeline', async () => {
      const { body } = await graphOf(id);
      return body.jobs.find((job) => job.name === 'child')?.downstream ?? undefined;
    });
    const { body } = await graphOf(id);
    assert.equal(body.commit.title, 'Draw me');
    assert.deepEqual(
      body.stages.map((stage) => stage.name),
      ['build', 'test', 'deploy'],
    );
    assert.deepEqual(
      body.jobs.map(({ name, type, stage, status, needs }) => ({ name, type, stage, status, needs })),
      [
        { name: 'build 1/2', type: 'build', stage: 'build', status: 'success', needs: null },
        { name: 'build 2/2', type: 'build', stage: 'build', status: 'success', needs: null },
        { name: 'lint', type: 'build', stage: 'test', status: 'failed', needs: [] },
        { name: 'unit', type: 'build', stage: 'test', status: 'success', needs: ['build 1/2', 'build 2/2'] },
        { name: 'child', type: 'bridge', stage: 'deploy', status: 'success', needs: null },
        { name: 'deploy', type: 'build', stage: 'deploy', status: 'manual', needs: null },
      ],
    );
    const [lint, unit, deploy] = ['lint', 'unit', 'deploy'].map(
      (name) => body.jobs.find((job) => job.name === name)!,
    );
    assert.deepEqual([lint!.failure_reason, lint!.allow_failure], ['script_failure', true]);
    assert.deepEqual([unit!.environment, unit!.failure_reason, unit!.downstream], ['test', null, null]);
    assert.equal(deploy!.manual_confirmation, 'Really?');
    assert.deepEqual([child.project_path, child.project_id], ['root/app', app.id]);
    const inner = await graphOf(child.id);
    assert.deepEqual(inner.body.upstream, { id, project_path: 'root/app' });
    await run(runner);
  });

  it('counts earlier attempts and shows the latest', async () => {
    const before = (await graphOf(id)).body.jobs.find((job) => job.name === 'lint')!;
    assert.equal(before.retries, 0);
    await server.api('POST', `/projects/${app.id}/jobs/${before.id}/retry`);
    await run(runner);
    const after = (await graphOf(id)).body.jobs.find((job) => job.name === 'lint')!;
    assert.deepEqual([after.retries, after.status, after.id > before.id], [1, 'success', true]);
  });

  it('says what the caller may do, and hides jobs where builds are for members', async () => {
    const can = async (name: string) => (await graphOf(id, people[name]!.token)).body.abilities;
    const develops = ['update_pipeline', 'cancel_pipeline', 'play_job', 'retry_job', 'cancel_build'];
    assert.deepEqual(await can('reporter'), []);
    // The default branch is protected for developers to push to, so its jobs are theirs.
    assert.deepEqual((await can('maintainer')).toSorted(), develops.toSorted());
    const root = (await graphOf(id)).body.abilities;
    assert.ok(root.includes('destroy_pipeline'));
    await server.api('PUT', `/projects/${app.id}`, { body: { public_jobs: false } });
    const guest = await graphOf(id, people.guest!.token);
    assert.equal(guest.status, 403);
    await server.api('PUT', `/projects/${app.id}`, { body: { public_jobs: true } });
  });

  it('is one of a list with its commit, user and stages, when they are asked for', async () => {
    const plain = await server.api<Record<string, unknown>[]>('GET', `/projects/${app.id}/pipelines`);
    const whole = await server.api<Record<string, unknown>[]>(
      'GET',
      `/projects/${app.id}/pipelines?with_details=true`,
    );
    const [item] = whole.body;
    assert.deepEqual(
      Object.fromEntries(Object.keys(plain.body[0]!).map((key) => [key, item![key]])),
      plain.body[0],
    );
    assert.ok(!('commit' in plain.body[0]!));
    assert.deepEqual(item!.commit, { title: 'Draw me', author_name: 'Ada' });
    assert.equal((item!.user as { username: string }).username, 'root');
    assert.deepEqual(
      (item!.stages as { name: string }[]).map(({ name }) => name),
      ['build', 'test', 'deploy'],
    );
  });

  it('is the last of its project, for those who may see it', async () => {
    const last = async (token?: string) => {
      const { body } = await server.api<{ id: number; last_pipeline?: { id: number } | null }[]>(
        'GET',
        '/projects?with_last_pipeline=true',
        token === undefined ? {} : { token },
      );
      return body.find((project) => project.id === app.id)?.last_pipeline;
    };
    assert.equal((await last())?.id, id);
    assert.equal((await last(people.reporter!.token))?.id, id);
    await server.api('PUT', `/projects/${app.id}`, { body: { public_jobs: false } });
    assert.equal(await last(people.guest!.token), null);
    await server.api('PUT', `/projects/${app.id}`, { body: { public_jobs: true } });
    const { body } = await server.api<object[]>('GET', '/projects');
    assert.ok(!('last_pipeline' in body[0]!));
  });

  it('tells what may be given to the next one on a ref', async () => {
    const config = `
spec:
  inputs:
    region: {options: [fra, ams], default: fra, description: Where to}
    count: {type: number}
---
variables:
  LEVEL: {value: info, options: [info, debug], description: How loud}
  HIDDEN: {value: "1"}
show: {script: "echo $[[ inputs.count ]]"}
`;
    await app.push({ '.gitlab-ci.yml': config }, { branch: 'inputs' });
    const ask = (ref: string, token?: string) =>
      server.api<{ errors: string[] }>(
        'GET',
        `/projects/${app.id}/pipeline/parameters?ref=${ref}`,
        token === undefined ? {} : { token },
      );
    assert.deepEqual((await ask('inputs')).body, {
      may_set_variables: true,
      variables: [{ key: 'LEVEL', value: 'info', description: 'How loud', options: ['info', 'debug'] }],
      inputs: [
        {
          name: 'region',
          type: 'string',
          description: 'Where to',
          required: false,
          default: 'fra',
          options: ['fra', 'ams'],
          regex: null,
        },
        {
          name: 'count',
          type: 'number',
          description: null,
          required: true,
          default: null,
          options: null,
          regex: null,
        },
      ],
      errors: [],
    });
    assert.equal((await ask('absent')).status, 400);
    assert.equal((await ask('inputs', people.reporter!.token)).status, 403);
    await app.push({ '.gitlab-ci.yml': 'a: {stage: nowhere, script: x}' }, { branch: 'broken' });
    const { errors } = (await ask('broken')).body;
    assert.match(errors.join(), /chosen stage nowhere does not exist/);
  });

  it('has jobs that are found by a part of their name, page by page', async () => {
    const found = async (query: string) => {
      const answer = await server.api<{ name: string }[]>(
        'GET',
        `/projects/${app.id}/jobs?pagination=keyset&${query}`,
      );
      return {
        names: answer.body.map(({ name }) => name),
        next: /<([^>]+)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1],
      };
    };
    assert.deepEqual((await found('name=BUILD')).names, ['build 2/2', 'build 1/2']);
    assert.deepEqual((await found('name=lint&scope[]=failed')).names, ['lint']);
    assert.deepEqual((await found('name=%25')).names, []);
    const first = await found('name=build&per_page=1');
    assert.deepEqual(first.names, ['build 2/2']);
    const second = await found(new URL(first.next!).searchParams.toString());
    assert.deepEqual(second.names, ['build 1/2']);
  });
});
