import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { forEachEngine } from '../../../test/databases.ts';
import { RunnerWorld } from '../../../test/runner-world.ts';
import { callApi } from '../../../test/start-server.ts';

const CONFIG = `
stages: [one, two]
first: {stage: one, script: echo}
second: {stage: one, script: echo, tags: [docker]}
third: {stage: one, script: echo, tags: [docker]}
later: {stage: two, script: echo}
needy: {stage: two, script: echo, needs: [second]}
by hand: {stage: one, script: echo, when: manual, allow_failure: true}
must: {stage: one, script: echo, when: manual, allow_failure: false}
in an hour: {stage: one, script: echo, when: delayed, start_in: 1 hour, allow_failure: true}
alone: {stage: one, script: echo, resource_group: printer}
alone too: {stage: one, script: echo, resource_group: printer}
`;

interface Waiting {
  status: string;
  waits_for: unknown;
  queued_at: string | null;
  position: number | null;
  runners: { id: number; status: string; obstacles: unknown[]; ahead: number | null }[];
}

forEachEngine('why a job waits', (open) => {
  let world: RunnerWorld;
  let token: string;
  before(async () => {
    world = await RunnerWorld.open(await open());
    token = await world.token();
    await world.pipeline(CONFIG);
  });
  after(() => world.close());

  const idOf = async (name: string) => {
    const jobs = await world.world.db.read.sql.selectFrom('jobs').select(['id', 'name']).execute();
    return jobs.find((job) => job.name === name)!.id;
  };
  const waiting = async (name: string, as = token) => {
    const path = `/projects/${world.world.project.id}/jobs/${await idOf(name)}/waiting`;
    return callApi<Waiting>(world.api.url, 'GET', path, { token: as });
  };

  it('tells what it waits for: a runner, jobs, a user, a time, a resource', async () => {
    const kinds: Record<string, unknown> = {};
    for (const name of ['first', 'later', 'needy', 'by hand', 'in an hour', 'alone', 'alone too']) {
      kinds[name] = (await waiting(name)).body.waits_for;
    }
    const second = await idOf('second');
    const later = kinds.later as { kind: string; jobs: { name: string }[] };
    assert.deepEqual(kinds.first, { kind: 'runner' });
    assert.equal(later.kind, 'jobs');
    assert.deepEqual(
      later.jobs.map(({ name }) => name),
      ['first', 'second', 'third', 'must', 'in an hour', 'alone', 'alone too'],
    );
    assert.deepEqual(kinds.needy, {
      kind: 'jobs',
      jobs: [{ id: second, name: 'second', status: 'pending' }],
    });
    assert.deepEqual(kinds['by hand'], { kind: 'user' });
    assert.match(JSON.stringify(kinds['in an hour']), /"kind":"time","at":"\d{4}-/);
    assert.deepEqual(kinds.alone, { kind: 'runner' });
    assert.deepEqual(kinds['alone too'], {
      kind: 'resource_group',
      key: 'printer',
      job_id: await idOf('alone'),
    });
  });

  it('tells of each runner what keeps it, and how many jobs come before', async () => {
    assert.deepEqual((await waiting('third')).body.runners, []);
    const tagged = await world.runner({ tags: ['docker'], runUntagged: false });
    const plain = await world.runner();
    const others = await world.world.addProject('others');
    await world.runner({ place: { type: 'project_type', projectId: others.id } });
    const { body } = await waiting('third');
    const never = { rule: 'not_online', status: 'never_contacted' };
    const brief = body.runners.map(({ id, obstacles, ahead }) => ({ id, obstacles, ahead }));
    assert.deepEqual(brief, [
      { id: plain.id, obstacles: [{ rule: 'tags_missing', tags: ['docker'] }, never], ahead: null },
      { id: tagged.id, obstacles: [never], ahead: 1 },
    ]);
    assert.equal(body.position, 2);
    const first = (await waiting('first')).body;
    assert.deepEqual([first.position, first.status], [1, 'pending']);
    const { job } = await tagged.request();
    assert.equal(job?.payload.job_info.name, 'second');
    const after = (await waiting('third')).body;
    assert.deepEqual(after.runners.at(-1)?.obstacles, []);
    assert.equal(after.position, 1);
    assert.deepEqual((await waiting('second')).body.waits_for, null);
  });

  it('is not told to strangers', async () => {
    const stranger = await world.token((await world.world.addUser('stranger')).id);
    assert.equal((await waiting('first', stranger)).status, 404);
  });
});
