import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { addTo, makePerson, makeProject, type Person } from '../../test/people.ts';
import { forEachServer, type TestServer } from '../../test/start-server.ts';
import { pipelineSchedules } from './pipeline-schedules.ts';

interface ScheduleAnswer {
  id: number;
  next_run_at: string;
  active: boolean;
}
interface PipelineAnswer {
  id: number;
  source: string;
  status: string;
  ref: string;
}

const HOUR = 3600_000;
const PLAIN = 'a: {script: [x]}';
const CONFIG = `
workflow: {name: "$CI_PIPELINE_SCHEDULE_DESCRIPTION of $A"}
variables: {A: yaml}
scheduled: {script: [x], rules: [{if: '$CI_PIPELINE_SOURCE == "schedule" && $A == "schedule"'}]}
pushed: {script: [x], rules: [{if: '$CI_PIPELINE_SOURCE == "push"'}]}
`;

forEachServer('pipeline schedules', (start) => {
  let server: TestServer;
  let project: number;
  let names = 0;
  before(async () => {
    server = await start();
  });

  const deps = () => ({ ...server.rooms, serverUrl: server.url });
  const newProject = async (config = CONFIG) => {
    project = (await makeProject(server, `app-${++names}`)).id;
    const made = await server.api('POST', `/projects/${project}/repository/files/.gitlab-ci.yml`, {
      body: { branch: 'main', content: config, commit_message: 'A change' },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
  };
  /** An hourly schedule, of root unless a token says otherwise. */
  const schedule = async (token?: string, body: Record<string, unknown> = {}) => {
    const made = await server.api<ScheduleAnswer>('POST', `/projects/${project}/pipeline_schedules`, {
      body: { description: 'Hourly', ref: 'main', cron: '0 * * * *', ...body },
      ...(token === undefined ? {} : { token }),
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return { ...made.body, due: Date.parse(made.body.next_run_at) };
  };
  const show = async (id: number) =>
    (await server.api<ScheduleAnswer>('GET', `/projects/${project}/pipeline_schedules/${id}`)).body;
  const pipelinesOf = async (id: number) =>
    (await server.api<PipelineAnswer[]>('GET', `/projects/${project}/pipeline_schedules/${id}/pipelines`))
      .body;
  const member = async (level: number): Promise<Person> => {
    const person = await makePerson(server, `person-${++names}`);
    await addTo(server, project, person, level);
    return person;
  };

  it('run when they are due, once, and what was missed is made up for once', async () => {
    await newProject(PLAIN);
    const { id, due } = await schedule();
    await pipelineSchedules(deps(), due - 1);
    assert.deepEqual(await pipelinesOf(id), []);
    await pipelineSchedules(deps(), due);
    await pipelineSchedules(deps(), due + 1);
    assert.equal((await pipelinesOf(id)).length, 1);
    assert.equal(Date.parse((await show(id)).next_run_at), due + HOUR);
    await pipelineSchedules(deps(), due + 5 * HOUR + 1);
    assert.equal((await pipelinesOf(id)).length, 2);
    assert.equal(Date.parse((await show(id)).next_run_at), due + 6 * HOUR);
  });

  it('run once however many processes find them due', async () => {
    await newProject(PLAIN);
    const { id, due } = await schedule();
    await Promise.all([1, 2, 3, 4].map(() => pipelineSchedules(deps(), due)));
    assert.equal((await pipelinesOf(id)).length, 1);
    const all = await server.api<PipelineAnswer[]>('GET', `/projects/${project}/pipelines?source=schedule`);
    assert.equal(all.body.length, 1);
  });

  it('give their pipelines their description, and variables above all others', async () => {
    await newProject();
    const { id, due } = await schedule();
    await server.api('POST', `/projects/${project}/variables`, { body: { key: 'A', value: 'project' } });
    const added = await server.api('POST', `/projects/${project}/pipeline_schedules/${id}/variables`, {
      body: { key: 'A', value: 'schedule' },
    });
    assert.equal(added.status, 201);
    await pipelineSchedules(deps(), due);
    const [made] = await pipelinesOf(id);
    assert.deepEqual([made?.source, made?.ref], ['schedule', 'main']);
    const path = `/projects/${project}/pipelines/${made?.id}`;
    const pipeline = await server.api<{ name: string }>('GET', path);
    assert.equal(pipeline.body.name, 'Hourly of schedule');
    const jobs = await server.api<{ name: string }[]>('GET', `${path}/jobs`);
    assert.deepEqual(
      jobs.body.map(({ name }) => name),
      ['scheduled'],
    );
  });

  it('do not run while they are inactive', async () => {
    await newProject();
    const { id, due } = await schedule(undefined, { active: false });
    await pipelineSchedules(deps(), due);
    assert.deepEqual(await pipelinesOf(id), []);
  });

  it('are switched off when their owner has lost access', async () => {
    await newProject();
    const person = await member(40);
    const { id, due } = await schedule(person.token);
    await server.api('PUT', `/projects/${project}/members/${person.id}`, { body: { access_level: 20 } });
    await pipelineSchedules(deps(), due);
    assert.deepEqual(await pipelinesOf(id), []);
    assert.equal((await show(id)).active, false);
  });

  it('are switched off when their owner is blocked', async () => {
    await newProject();
    const person = await member(40);
    const { id, due } = await schedule(person.token);
    await server.api('POST', `/users/${person.id}/block`);
    await pipelineSchedules(deps(), due);
    assert.deepEqual(await pipelinesOf(id), []);
    assert.equal((await show(id)).active, false);
  });

  it('do not run on a ref that their owner may no longer push to', async () => {
    await newProject();
    await server.api('DELETE', `/projects/${project}/protected_branches/main`);
    const person = await member(30);
    const { id, due } = await schedule(person.token);
    const body = { name: 'main', push_access_level: 40, merge_access_level: 40 };
    await server.api('POST', `/projects/${project}/protected_branches`, { body });
    await pipelineSchedules(deps(), due);
    assert.deepEqual(await pipelinesOf(id), []);
    assert.equal(Date.parse((await show(id)).next_run_at), due + HOUR);
  });

  it('wait for a ref that is gone', async () => {
    await newProject();
    const { id, due } = await schedule(undefined, { ref: 'gone' });
    await pipelineSchedules(deps(), due);
    const after = await show(id);
    assert.deepEqual([after.active, Date.parse(after.next_run_at)], [true, due + HOUR]);
  });

  it('keep a pipeline that cannot be made as a failed one', async () => {
    await newProject('a: {script: 5, unknown: x}');
    const { id, due } = await schedule();
    await pipelineSchedules(deps(), due);
    assert.deepEqual(
      (await pipelinesOf(id)).map(({ status }) => status),
      ['failed'],
    );
    assert.equal(Date.parse((await show(id)).next_run_at), due + HOUR);
  });

  it('sleep in an archived project', async () => {
    await newProject();
    const { id, due } = await schedule();
    await server.api('POST', `/projects/${project}/archive`);
    await pipelineSchedules(deps(), due);
    await server.api('POST', `/projects/${project}/unarchive`);
    assert.equal((await show(id)).active, true);
    assert.deepEqual(await pipelinesOf(id), []);
  });
});
