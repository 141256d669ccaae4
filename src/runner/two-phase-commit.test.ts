import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { RunnerWorld } from '../../test/runner-world.ts';
import { RUNNER_INFO, type ScriptedRunner } from '../../test/scripted-runner.ts';
import { ACCEPT_WITHIN_MS, takeBackUnaccepted } from '../pipeline/hand-out.ts';

/** A request takes real time beside the test's clock. */
const SPREAD = 10_000;
const CONFIG = 'only: {script: echo}\n';

forEachEngine('a job that its runner has yet to accept', (open) => {
  let world: RunnerWorld;
  before(async () => {
    world = await RunnerWorld.open(await open());
  });
  after(() => world.close());

  const accepting = async (): Promise<ScriptedRunner & { id: number }> => {
    const runner = await world.runner();
    runner.info = { ...RUNNER_INFO, features: { ...RUNNER_INFO.features, two_phase_job_commit: true } };
    return runner;
  };
  const takeBack = () => takeBackUnaccepted(world.world.db, world.world.now);
  const job = () =>
    world.world.db.read.sql.selectFrom('jobs').selectAll().orderBy('id', 'desc').executeTakeFirstOrThrow();

  it('goes to another runner when the first one stays silent, and the first one is told', async () => {
    await world.pipeline(CONFIG);
    const [silent, other] = [await accepting(), await accepting()];
    const lost = await silent.take();
    const { queued_at } = await job();
    world.world.now += ACCEPT_WITHIN_MS - SPREAD;
    assert.equal((await takeBack()).done, 0);
    assert.equal((await other.request()).status, 204);
    world.world.now += 2 * SPREAD;
    assert.deepEqual(await takeBack(), { done: 1, broken: [] });
    const waiting = await job();
    assert.deepEqual(
      [waiting.status, waiting.runner_id, waiting.runner_manager_id, waiting.token_digest, waiting.queued_at],
      ['pending', null, null, null, queued_at],
    );
    const late = await silent.update(lost, { state: 'running' });
    assert.deepEqual([late.status, late.jobStatus], [403, 'pending']);
    const held = await other.take();
    assert.equal(held.id, lost.id);
    assert.equal((await silent.update(lost, { state: 'running' })).status, 403);
    assert.equal((await other.update(held, { state: 'running' })).status, 200);
    assert.equal((await takeBack()).done, 0);
    assert.equal((await other.succeed(held)).status, 200);
    assert.equal((await job()).runner_id, other.id);
  });

  it('is left to a runner that says again and again that it gets ready', async () => {
    await world.pipeline(CONFIG);
    const runner = await accepting();
    const held = await runner.take();
    for (let sign = 0; sign < 3; sign++) {
      world.world.now += ACCEPT_WITHIN_MS - SPREAD;
      assert.equal((await runner.update(held, { state: 'pending' })).status, 200);
      assert.equal((await takeBack()).done, 0);
    }
    assert.equal((await runner.update(held, { state: 'running' })).jobStatus, 'running');
    const { started_at, deadline_at, timeout_seconds } = await job();
    assert.equal(started_at, world.world.now);
    assert.ok(deadline_at! > started_at! + timeout_seconds! * 1000);
    assert.equal((await runner.succeed(held)).status, 200);
  });

  it('is accepted once, however often that is said at the same moment', async () => {
    await world.pipeline(CONFIG);
    const runner = await accepting();
    const held = await runner.take();
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => runner.update(held, { state: 'running' })),
    );
    const said = replies.map(({ status, jobStatus }) => [status, jobStatus]);
    assert.deepEqual(said, Array(8).fill([200, 'running']));
    assert.equal((await world.world.db.read.sql.selectFrom('running_jobs').selectAll().execute()).length, 1);
    await runner.succeed(held);
  });

  it('is either taken back or accepted, never both', async () => {
    for (let round = 0; round < 10; round++) {
      await world.pipeline(CONFIG);
      const [runner, next] = [await accepting(), await accepting()];
      const held = await runner.take();
      world.world.now += ACCEPT_WITHIN_MS + SPREAD;
      const [reply] = await Promise.all([runner.update(held, { state: 'running' }), takeBack()]);
      const again = await next.request();
      assert.equal(again.job === null, reply.status === 200, `${reply.status} and ${again.status}`);
      const holder = again.job === null ? runner : next;
      await holder.update(again.job ?? held, { state: 'running' });
      assert.equal((await holder.succeed(again.job ?? held)).status, 200);
    }
  });

  it('goes with its runner: a removed one accepts nothing, and the job waits again', async () => {
    await world.pipeline(CONFIG);
    const runner = await accepting();
    const held = await runner.take();
    await world.world.db.transaction((tx) =>
      tx.sql.deleteFrom('runners').where('id', '=', runner.id).execute(),
    );
    assert.equal((await runner.update(held, { state: 'running' })).status, 403);
    world.world.now += ACCEPT_WITHIN_MS + SPREAD;
    assert.equal((await takeBack()).done, 1);
    const other = await accepting();
    assert.equal((await other.take()).id, held.id);
  });
});
