import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { PipelineWorld } from '../../test/pipeline-world.ts';
import { createDeployment, isOutdated, lastDeployment, listDeployments } from './deployment.ts';
import { environmentByName, giveUp } from './environment.ts';
import { applyEvent, type JobEvent } from './job.ts';
import { type JobRow, jobById, latestJobs } from './job-lookup.ts';
import { deletePipelineRows } from './queries/delete.ts';
import { retryJob } from './retry.ts';
import { stopEnvironment, sweepEnvironments } from './stop-environment.ts';

const DAY_MS = 86_400_000;
const CONFIG = `
deploy: {script: [x], environment: {name: review/$CI_COMMIT_REF_SLUG, on_stop: stop, auto_stop_in: 1 day}}
stop: {script: [x], when: manual, environment: {name: review/$CI_COMMIT_REF_SLUG, action: stop}}
`;

forEachEngine('environments', (open) => {
  let world: PipelineWorld;
  before(async () => {
    world = await PipelineWorld.open(await open());
  });
  after(() => world.close());

  const pipeline = async (ref: string, yaml = CONFIG): Promise<Record<string, JobRow>> => {
    await world.push({ '.gitlab-ci.yml': yaml, nonce: `${Math.random()}` }, { ref: `refs/heads/${ref}` });
    const made = await world.create({ ref: `refs/heads/${ref}` });
    assert.equal(made.kind, 'created', JSON.stringify(made));
    return Object.fromEntries((await world.jobs(made)).map((job) => [job.name, job]));
  };
  const move = async (job: JobRow, event: JobEvent) => {
    const result = await world.db.transaction((tx) => applyEvent(tx, job.id, event, world.now));
    assert.equal(result.ok, true);
  };
  const succeed = (job: JobRow) => move(job, { type: 'success' });
  const environment = async (name: string) =>
    (await environmentByName(world.db.read, world.project.id, name))!;
  const status = async (job: JobRow) => (await jobById(world.db.read, job.id))!.status;
  const sweep = () => sweepEnvironments(world, world.now);

  it('stop by themselves when their time has passed, by their stop job, once', async () => {
    const { deploy, stop } = await pipeline('timed');
    await succeed(deploy!);
    const deployedAt = world.now;
    assert.equal((await environment('review/timed')).autoStopAt, deployedAt + DAY_MS);
    world.now = deployedAt + DAY_MS - 1;
    await sweep();
    assert.equal(await status(stop!), 'manual');
    world.now = deployedAt + DAY_MS;
    assert.deepEqual((await sweep()).broken, []);
    assert.equal((await environment('review/timed')).state, 'stopping');
    assert.equal(await status(stop!), 'pending');
    assert.equal((await sweep()).done, 0);
    await succeed(stop!);
    const { state, autoStopAt } = await environment('review/timed');
    assert.deepEqual([state, autoStopAt], ['stopped', null]);
    assert.equal((await sweep()).done, 0);
  });

  it('a new deployment counts the time anew', async () => {
    const { deploy } = await pipeline('again');
    await succeed(deploy!);
    const first = (await environment('review/again')).autoStopAt!;
    world.now += DAY_MS / 2;
    const retried = await world.db.transaction((tx) =>
      retryJob(tx, world.encryption, deploy!.id, { userId: world.user.id }, world.now),
    );
    assert.ok(retried.ok);
    await succeed(retried.job);
    assert.equal((await environment('review/again')).autoStopAt, first + DAY_MS / 2);
  });

  it('stop at once where the stop job is gone or is not one that waits for a user', async () => {
    const automatic = CONFIG.replace('when: manual', 'stage: deploy').replaceAll('review/', 'auto/');
    const { deploy } = await pipeline('none', automatic);
    await succeed(deploy!);
    const found = await environment('auto/none');
    await world.db.transaction((tx) =>
      stopEnvironment(tx, world.encryption, found, { userId: world.user.id }, world.now),
    );
    assert.equal((await environment('auto/none')).state, 'stopped');
  });

  it('stays stopping when the stop job fails, until it is forced', async () => {
    const { deploy, stop } = await pipeline('stuck');
    await succeed(deploy!);
    const found = await environment('review/stuck');
    const ask = (force: boolean) =>
      world.db.transaction(async (tx) => {
        const now = (await environmentByName(tx, world.project.id, found.name))!;
        await stopEnvironment(tx, world.encryption, now, { userId: world.user.id, force }, world.now);
      });
    await ask(false);
    await move(stop!, { type: 'drop', reason: 'script_failure' });
    await ask(false);
    assert.equal((await environment('review/stuck')).state, 'stopping');
    await ask(true);
    assert.equal((await environment('review/stuck')).state, 'stopped');
  });

  it('two requests to stop play the job once', async () => {
    const { deploy, stop } = await pipeline('twice');
    await succeed(deploy!);
    const found = await environment('review/twice');
    const ask = () =>
      world.db.transaction((tx) =>
        stopEnvironment(tx, world.encryption, found, { userId: world.user.id }, world.now),
      );
    await Promise.all([ask(), ask()]);
    assert.equal(await status(stop!), 'pending');
    const attempts = await latestJobs(world.db.read, stop!.pipelineId);
    assert.deepEqual(
      attempts.map(({ name, id }) => [name, id]),
      [
        ['deploy', deploy!.id],
        ['stop', stop!.id],
      ],
    );
    assert.equal((await environment('review/twice')).state, 'stopping');
  });

  it('given up, they go when their time has come, with their deployments', async () => {
    const { deploy } = await pipeline('gone');
    await succeed(deploy!);
    const found = await environment('review/gone');
    await world.db.transaction((tx) => giveUp(tx, [found], world.now + 5));
    await sweep();
    assert.notEqual(await environmentByName(world.db.read, world.project.id, 'review/gone'), null);
    world.now += 5;
    await sweep();
    assert.equal(await environmentByName(world.db.read, world.project.id, 'review/gone'), null);
    assert.equal(await lastDeployment(world.db.read, found.id), null);
  });

  it('pipelines that name an environment together make it once', async () => {
    const yaml = 'a: {script: [x], environment: shared}\nb: {script: [x], environment: shared}';
    await world.push({ '.gitlab-ci.yml': yaml }, { ref: 'refs/heads/shared' });
    const made = await Promise.all([1, 2, 3].map(() => world.create({ ref: 'refs/heads/shared' })));
    assert.deepEqual(
      made.map(({ kind }) => kind),
      ['created', 'created', 'created'],
    );
    const { deployments, total } = await listDeployments(
      world.db.read,
      world.project.id,
      { environment: 'shared' },
      { by: 'iid', direction: 'asc' },
      { limit: 10, offset: 0 },
    );
    assert.equal(total, 6);
    assert.equal(new Set(deployments.map(({ environmentId }) => environmentId)).size, 1);
    const iids = deployments.map(({ iid }) => iid);
    assert.deepEqual(
      iids,
      iids.map((_, index) => iids[0]! + index),
    );
  });

  it('what is outdated depends on the last successful deployment, its commit and the project', async () => {
    const { a } = await pipeline('outdated', 'a: {script: [x], environment: line}');
    const outdated = (job: JobRow, prevented = true, rollbackAllowed = true) =>
      isOutdated(world.db.read, job, { prevented, rollbackAllowed });
    const [own] = (
      await listDeployments(
        world.db.read,
        world.project.id,
        { environment: 'line' },
        { by: 'id', direction: 'asc' },
        { limit: 1, offset: 0 },
      )
    ).deployments;
    const tell = (sha: string, status: 'success' | 'failed') =>
      world.db.transaction((tx) =>
        createDeployment(
          tx,
          world.project.id,
          { environment: 'line', ref: 'main', tag: false, sha, status, userId: null },
          world.now,
        ),
      );
    assert.equal(await outdated(a!), false);
    await tell('f'.repeat(40), 'failed');
    assert.equal(await outdated(a!), false);
    await tell(own!.sha, 'success');
    assert.equal(await outdated(a!), false);
    await tell('f'.repeat(40), 'success');
    assert.equal(await outdated(a!), true);
    assert.equal(await outdated(a!, false), false);
    assert.equal(await outdated({ ...a!, status: 'success' }), false);
    assert.equal(await outdated({ ...a!, status: 'success' }, true, false), true);
  });

  it('a deleted pipeline leaves its environment and takes its deployments', async () => {
    const { deploy } = await pipeline('deleted');
    await succeed(deploy!);
    const found = await environment('review/deleted');
    await world.db.transaction((tx) => deletePipelineRows(tx, deploy!.pipelineId));
    assert.equal((await environment('review/deleted')).state, 'available');
    assert.equal(await lastDeployment(world.db.read, found.id), null);
  });
});
