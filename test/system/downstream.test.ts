import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { addTo, makePerson, makeProject, type Person } from '../people.ts';
import { type Held, ScriptedRunner } from '../scripted-runner.ts';
import { forEachServer, type TestServer } from '../start-server.ts';
import { until } from '../until.ts';

interface Seen {
  id: number;
  name: string;
  status: string;
  failure_reason?: string;
}
interface Bridge extends Seen {
  downstream_pipeline: { id: number; project_id: number; status: string } | null;
}

/** Access levels (rest-resources 3.2). */
const REPORTER = 20;
const MAINTAINER = 40;

forEachServer('downstream pipelines, over HTTP', (start) => {
  let server: TestServer;
  let runner: ScriptedRunner;
  before(async () => {
    server = await start();
    const body = { runner_type: 'instance_type' };
    const { body: made } = await server.api<{ token: string }>('POST', '/user/runners', { body });
    runner = new ScriptedRunner(server.url, made.token);
  });

  async function get<T>(path: string, token?: string): Promise<T> {
    const answer = await server.api<T>('GET', path, token === undefined ? {} : { token });
    assert.equal(answer.status, 200, `${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
  async function post(path: string, token?: string): Promise<void> {
    const answer = await server.api('POST', path, token === undefined ? {} : { token });
    assert.ok(answer.status < 300, `${path}: ${JSON.stringify(answer.body)}`);
  }

  /** A project with files on `main`, committed by root without a pipeline, unless `token` says who commits them. */
  async function project(name: string, files: Record<string, string>, token?: string): Promise<number> {
    const { id } = await makeProject(server, name);
    await commit(id, files, 'Files [skip ci]', token);
    return id;
  }
  async function commit(id: number, files: Record<string, string>, message: string, token?: string) {
    const actions = Object.entries(files).map(([file_path, content]) => ({
      action: 'create',
      file_path,
      content,
    }));
    const made = await server.api('POST', `/projects/${id}/repository/commits`, {
      body: { branch: 'main', commit_message: message, actions },
      ...(token === undefined ? {} : { token }),
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
  }
  /** Starts a pipeline on main. */
  async function run(id: number, token?: string): Promise<string> {
    const made = await server.api<{ id: number }>('POST', `/projects/${id}/pipeline`, {
      body: { ref: 'main' },
      ...(token === undefined ? {} : { token }),
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return `/projects/${id}/pipelines/${made.body.id}`;
  }

  /** The bridge with this name once it is in this status. */
  function bridge(pipeline: string, name: string, status: string, token?: string): Promise<Bridge> {
    return until(`bridge ${name} to be ${status}`, async () => {
      const all = await get<Bridge[]>(`${pipeline}/bridges`, token);
      return all.find((one) => one.name === name && one.status === status);
    });
  }
  /** The pipeline that a bridge started, as a path. */
  async function below(pipeline: string, name: string, status = 'running'): Promise<string> {
    const { downstream_pipeline: started } = await bridge(pipeline, name, status);
    assert.ok(started !== null);
    return `/projects/${started.project_id}/pipelines/${started.id}`;
  }
  const statusOf = async (pipeline: string) => (await get<Seen>(pipeline)).status;
  async function take(name: string): Promise<Held> {
    const job = await until(`job ${name}`, async () => {
      runner.lastUpdate = null;
      return (await runner.request()).job ?? undefined;
    });
    assert.equal(job.payload.job_info.name, name);
    return job;
  }
  const succeed = async (name: string) => {
    assert.equal((await runner.succeed(await take(name))).status, 200);
  };
  const fail = async (name: string) => {
    assert.equal((await runner.fail(await take(name))).status, 200);
  };

  it('three projects in a row depend on each other, and a retry at the bottom comes up to the top', async () => {
    const c = await project('c', { '.gitlab-ci.yml': 'compile: {script: [make]}\n' });
    const b = await project('b', {
      '.gitlab-ci.yml': [
        'go: {stage: build, trigger: {project: root/c, strategy: depend}}',
        'afterwards: {stage: test, script: [make]}',
      ].join('\n'),
    });
    const a = await project('a', {
      '.gitlab-ci.yml': [
        'go: {stage: build, trigger: {project: root/b, strategy: depend}}',
        'last: {stage: deploy, script: [make]}',
      ].join('\n'),
    });
    const top = await run(a);
    const middle = await below(top, 'go');
    const bottom = await below(middle, 'go');
    assert.deepEqual(
      [middle, bottom].map((path) => Number(path.split('/')[2])),
      [b, c],
    );

    await fail('compile');
    await bridge(middle, 'go', 'failed');
    const failed = await bridge(top, 'go', 'failed');
    assert.equal(failed.downstream_pipeline?.status, 'failed');
    assert.deepEqual(await Promise.all([top, middle, bottom].map(statusOf)), ['failed', 'failed', 'failed']);
    assert.deepEqual(await jobsOf(top), { last: 'skipped' });
    assert.deepEqual(await jobsOf(middle), { afterwards: 'skipped' });

    await post(`${bottom}/retry`);
    const again = await bridge(top, 'go', 'running');
    assert.equal(again.id, failed.id, 'the same bridge follows');
    assert.equal(again.downstream_pipeline?.status, 'running');
    assert.deepEqual(await Promise.all([top, middle].map(statusOf)), ['running', 'running']);
    assert.deepEqual(await jobsOf(top), { last: 'created' });

    await fail('compile');
    await bridge(top, 'go', 'failed');
    await post(`${middle}/retry`);
    const anew = await below(middle, 'go');
    assert.notEqual(anew, bottom, 'a retry in the middle starts another pipeline below');
    await bridge(top, 'go', 'running');

    await succeed('compile');
    assert.deepEqual(await Promise.all([bottom, anew].map(statusOf)), ['failed', 'success']);
    await bridge(middle, 'go', 'success');
    await bridge(top, 'go', 'running');
    await succeed('afterwards');
    await bridge(top, 'go', 'success');
    await succeed('last');
    assert.deepEqual(await Promise.all([top, middle, anew].map(statusOf)), ['success', 'success', 'success']);
  });

  it('a retried bridge starts another pipeline, and follows that one alone', async () => {
    const target = await project('target', { '.gitlab-ci.yml': 'compile: {script: [make]}\n' });
    const source = await project('source', {
      '.gitlab-ci.yml': 'go: {trigger: {project: root/target, strategy: depend}}\n',
    });
    const top = await run(source);
    const first = await below(top, 'go');
    await fail('compile');
    const { id } = await bridge(top, 'go', 'failed');
    await post(`/projects/${source}/jobs/${id}/retry`);
    const second = await below(top, 'go');
    assert.notEqual(second, first);
    assert.equal(second.split('/')[2], String(target));
    await succeed('compile');
    await bridge(top, 'go', 'success');
    assert.deepEqual(await Promise.all([first, second, top].map(statusOf)), ['failed', 'success', 'success']);
    await post(`${first}/retry`);
    await succeed('compile');
    assert.equal(await statusOf(first), 'success');
    const bridges = await get<Bridge[]>(`${top}/bridges`);
    assert.deepEqual(
      bridges.map((one) => [one.name, one.status, one.downstream_pipeline?.id]),
      [['go', 'success', Number(second.split('/')[4])]],
    );
  });

  it('a child pipeline shares its parent’s commit, and cancelling the parent cancels it', async () => {
    const parent = await project('parent', {
      '.gitlab-ci.yml': 'go: {trigger: {include: child.yml, strategy: depend}}\n',
      'child.yml': 'compile: {script: [make]}\ntest: {stage: deploy, script: [make]}\n',
    });
    const top = await run(parent);
    const child = await below(top, 'go');
    const [upper, lower] = await Promise.all(
      [top, child].map((path) => get<{ sha: string; source: string }>(path)),
    );
    assert.deepEqual([lower?.sha, lower?.source], [upper?.sha, 'parent_pipeline']);
    await succeed('compile');
    await post(`${top}/cancel`);
    await bridge(top, 'go', 'canceled');
    assert.deepEqual(await Promise.all([top, child].map(statusOf)), ['canceled', 'canceled']);
    await post(`${child}/retry`);
    await bridge(top, 'go', 'running');
    await succeed('test');
    await bridge(top, 'go', 'success');
    assert.deepEqual(await Promise.all([top, child].map(statusOf)), ['success', 'success']);
  });

  it('a project that the user may not see does not exist for their bridge', async () => {
    const dora: Person = await makePerson(server, 'dora');
    await project('hidden', { '.gitlab-ci.yml': 'compile: {script: [make]}\n' });
    const open = await project('seen', {
      '.gitlab-ci.yml':
        'go: {trigger: {project: root/hidden, strategy: depend}}\nnone: {trigger: root/nowhere}\n',
    });
    await addTo(server, open, dora, MAINTAINER);
    const pipeline = await run(open, dora.token);
    for (const name of ['go', 'none']) {
      const refused = await bridge(pipeline, name, 'failed', dora.token);
      assert.equal(refused.failure_reason, 'downstream_bridge_project_not_found');
      assert.equal(refused.downstream_pipeline, null);
    }
    assert.equal(await statusOf(pipeline), 'failed');
  });

  it('a reporter of the target may not start its pipelines', async () => {
    const rita: Person = await makePerson(server, 'rita');
    const target = await project('readable', { '.gitlab-ci.yml': 'compile: {script: [make]}\n' });
    await addTo(server, target, rita, REPORTER);
    const own = await project('own', { '.gitlab-ci.yml': 'go: {trigger: root/readable}\n' });
    await addTo(server, own, rita, MAINTAINER);
    const pipeline = await run(own, rita.token);
    const refused = await bridge(pipeline, 'go', 'failed', rita.token);
    assert.equal(refused.failure_reason, 'insufficient_bridge_permissions');
  });

  async function jobsOf(pipeline: string): Promise<Record<string, string>> {
    const jobs = await get<Seen[]>(`${pipeline}/jobs`);
    return Object.fromEntries(jobs.map(({ name, status }) => [name, status]));
  }
});
