import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { afterEach, it } from 'node:test';
import { forEachEngine } from '../databases.ts';
import { RunnerWorld } from '../runner-world.ts';
import type { ScriptedRunner } from '../scripted-runner.ts';

/** So many independent jobs. */
const jobs = (count: number) =>
  Array.from({ length: count }, (_, i) => `job ${i}: {script: [echo ${i}]}`).join('\n');

async function held(world: RunnerWorld, count: number): Promise<void> {
  while (world.waiting.asleep < count) await new Promise((resolve) => setImmediate(resolve));
}

/** A runner that knows the current version, so that its next request is held. */
async function idle(world: RunnerWorld, options = {}): Promise<ScriptedRunner> {
  const runner = await world.runner(options);
  const { status } = await runner.request();
  assert.equal(status, 204);
  return runner;
}

forEachEngine('over HTTP', (open) => {
  let worlds: RunnerWorld[] = [];
  const opened = async () => {
    const world = await RunnerWorld.open(await open());
    worlds.push(world);
    return world;
  };
  afterEach(async () => {
    await Promise.all(worlds.map((world) => world.close()));
    worlds = [];
  });

  it('racing runners get each job exactly once, tokens and all', async () => {
    const world = await opened();
    await world.pipeline(jobs(120));
    const runners = await Promise.all(Array.from({ length: 12 }, () => world.runner()));
    const taken: { id: number; token: string }[] = [];
    const race = async (runner: ScriptedRunner) => {
      for (;;) {
        runner.lastUpdate = null;
        const { status, job } = await runner.request();
        if (job !== null) taken.push(job);
        else if (status === 204) return;
        else assert.equal(status, 409);
      }
    };
    await Promise.all(runners.map(race));
    assert.equal(taken.length, 120);
    assert.equal(new Set(taken.map(({ id }) => id)).size, 120);
    assert.equal(new Set(taken.map(({ token }) => token)).size, 120);
  });

  it('a held request gets a job that a push makes, at once', async () => {
    const world = await opened();
    const runner = await idle(world);
    const request = runner.request();
    await held(world, 1);
    await world.pipeline(jobs(1));
    const { job } = await request;
    assert.equal(job?.payload.job_info.name, 'job 0');
  });

  it('a held request gets the next job when the one before it succeeds', async () => {
    const world = await opened();
    await world.pipeline('a: {stage: build, script: [x]}\nb: {stage: test, script: [x]}');
    const first = await world.runner();
    const a = await first.take();
    const second = await idle(world);
    const request = second.request();
    await held(world, 1);
    await first.succeed(a);
    assert.equal((await request).job?.payload.job_info.name, 'b');
  });

  it('a held request whose token was taken away meanwhile gets no job', async () => {
    const world = await opened();
    const runner = await idle(world);
    const request = runner.request();
    await held(world, 1);
    const headers = { 'RUNNER-TOKEN': runner.token };
    const path = '/api/v4/runners/reset_authentication_token';
    assert.equal((await fetch(world.api.url + path, { method: 'POST', headers })).status, 201);
    await world.pipeline(jobs(1));
    assert.equal((await request).status, 204);
    assert.equal((await runner.request()).status, 403);
    assert.equal((await world.job('job 0')).status, 'pending');
  });

  it('a client that leaves while it is held takes no job with it', async () => {
    const world = await opened();
    const runner = await idle(world);
    const client = new AbortController();
    const request = runner.request(client.signal);
    await held(world, 1);
    client.abort();
    await assert.rejects(request);
    while (world.waiting.size > 0) await new Promise((resolve) => setImmediate(resolve));
    const id = await world.pipeline(jobs(1));
    const { job } = await (await world.runner()).request();
    assert.equal(job?.payload.job_info.pipeline_id, id);
  });

  it('held requests are let go with 204 and a version when the server stops', async () => {
    const world = await opened();
    const runner = await idle(world);
    const before = runner.lastUpdate;
    const request = runner.request();
    await held(world, 1);
    world.waiting.close();
    const { status, lastUpdate } = await request;
    assert.deepEqual([status, lastUpdate], [204, before]);
  });

  it('a runner that is no longer paused gets its job', async () => {
    const world = await opened();
    const runner = await world.runner({ paused: true });
    await world.pipeline(jobs(1));
    assert.equal((await runner.request()).status, 204);
    await world.change(runner.id, { paused: false });
    assert.equal((await runner.request()).status, 201);
  });

  it('a job whose user was blocked fails instead of running', async () => {
    const world = await opened();
    await world.pipeline(jobs(1));
    const runner = await world.runner();
    await world.world.db.transaction((tx) =>
      tx.sql
        .updateTable('users')
        .set({ state: 'blocked' })
        .execute()
        .then(() => {}),
    );
    assert.equal((await runner.request()).status, 204);
    assert.deepEqual(await world.job('job 0'), { status: 'failed', failure_reason: 'user_blocked' });
  });

  it('a job whose dependency lost its artifacts fails instead of running', async () => {
    const world = await opened();
    await world.pipeline(
      'a: {stage: build, script: [x], artifacts: {paths: [x], expire_in: 1 hour}}\nb: {stage: test, script: [x]}',
    );
    const runner = await world.runner();
    const a = await runner.take();
    const zip = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
    assert.equal((await runner.upload(a, { bytes: zip, expireIn: '1 hour' })).status, 201);
    await runner.succeed(a);
    world.world.now += 2 * 3_600_000;
    assert.equal((await runner.request()).status, 204);
    assert.deepEqual(await world.job('b'), {
      status: 'failed',
      failure_reason: 'missing_dependency_failure',
    });
  });

  it('a job whose payload can not be made fails, and is tried again twice', async () => {
    const world = await opened();
    // Its key asks the repository, which is gone.
    await world.pipeline('a: {script: [x], cache: {key: {files_commits: [x]}, paths: [y]}}');
    rmSync(world.world.repositories.path(world.world.project.id), { recursive: true });
    const runner = await world.runner();
    for (let attempt = 1; attempt <= 3; attempt++) {
      runner.lastUpdate = null;
      assert.equal((await runner.request()).status, 204);
    }
    const rows = await world.world.db.read.sql
      .selectFrom('jobs')
      .select(['status', 'failure_reason'])
      .execute();
    const failed = { status: 'failed', failure_reason: 'scheduler_failure' };
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [failed, failed, failed],
    );
  });

  it('the coverage that a job printed is kept', async () => {
    const world = await opened();
    await world.pipeline("a: {script: [x], coverage: '/Coverage: (\\d+\\.\\d+)%/'}");
    const runner = await world.runner();
    const a = await runner.take();
    await runner.append(a, 'Coverage: 10.5%\nCoverage: 97.25% of lines\nbye\n');
    await runner.succeed(a);
    const row = await world.world.db.read.sql
      .selectFrom('jobs')
      .select('coverage')
      .where('id', '=', a.id)
      .executeTakeFirstOrThrow();
    assert.equal(row.coverage, 97.25);
  });
});
