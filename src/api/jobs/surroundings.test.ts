import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type CaseProject, World } from '../../../test/conformance/jobs-api/world.ts';
import { forEachServer, ROOT_TOKEN, type TestServer } from '../../../test/start-server.ts';
import type { JobSurroundings } from '../entities/related-jobs.ts';

const CONFIG = `
stages: [one, two]
alpha: {stage: one, script: [x]}
beta: {stage: one, script: [x], when: manual, manual_confirmation: Really?, allow_failure: true}
gamma: {stage: one, script: [x]}
needy: {stage: two, script: [x], needs: [alpha, gamma]}
later: {stage: two, script: [x]}
`;

forEachServer('what surrounds a job', (start) => {
  let server: TestServer;
  let world: World;
  let project: CaseProject;
  before(async () => {
    server = await start();
    world = await World.open({ url: server.url, token: ROOT_TOKEN });
    project = await world.addProject({ visibility: 'private' });
    await project.pipeline(CONFIG, 'main');
  });
  after(() => world.close());

  const of = async (name: string, as = 'maintainer') => {
    const path = `/projects/${project.id}/jobs/${project.names[name]}/surroundings`;
    return (await server.api<JobSurroundings>('GET', path, { token: world.tokens.get(as)! })).body;
  };
  const names = (jobs: { name: string }[] | null) => jobs?.map(({ name }) => name) ?? null;

  it('is what it needs, and its neighbours in the stage', async () => {
    const beta = await of('beta');
    assert.deepEqual([beta.previous?.name, beta.next?.name], ['alpha', 'gamma']);
    assert.deepEqual([beta.when, beta.manual_confirmation, beta.needs], ['manual', 'Really?', null]);
    assert.deepEqual([(await of('alpha')).previous, (await of('gamma')).next], [null, null]);
    assert.deepEqual(names((await of('needy')).needs), ['alpha', 'gamma']);
  });

  it('is what the caller may do now', async () => {
    assert.deepEqual((await of('beta')).abilities, [
      'read_trace',
      'play',
      'set_variables',
      'cancel',
      'keep_artifacts',
      'read_waiting',
    ]);
    assert.deepEqual((await of('beta', 'reporter')).abilities, ['read_trace']);
    assert.deepEqual(
      (await of('alpha')).abilities.filter((one) => one === 'play' || one === 'retry'),
      [],
    );
  });

  it('is all attempts at it, the newest first', async () => {
    const job = await project.take('alpha');
    await project.runner.append(job, 'x\n');
    await project.runner.fail(job);
    const failed = await of('alpha');
    assert.deepEqual(failed.abilities.includes('retry') && failed.abilities.includes('erase'), true);
    assert.equal(failed.exit_code, 1);
    const retry = await server.api<{ id: number }>('POST', `/projects/${project.id}/jobs/${job.id}/retry`);
    assert.equal(retry.status, 201);
    const after = await of('alpha');
    assert.deepEqual(
      after.attempts.map(({ id, status }) => [id, status]),
      [
        [retry.body.id, 'pending'],
        [job.id, 'failed'],
      ],
    );
    assert.equal(after.abilities.includes('retry'), false, 'an old attempt is not tried again');
  });
});
