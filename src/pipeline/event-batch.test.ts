import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { RunnerWorld } from '../../test/runner-world.ts';
import { applySoon } from './event-batch.ts';
import type { EventResult, JobEvent } from './job.ts';
import { jobById } from './job-lookup.ts';

const CONFIG = `
stages: [one, two]
many: {stage: one, script: [x], parallel: 6}
frail: {stage: one, script: [x], retry: 1}
last: {stage: two, script: [x]}
`;
const SUCCESS = { type: 'success' } as const;

forEachEngine('events of one pipeline that come together', (open) => {
  let world: RunnerWorld;
  before(async () => {
    world = await RunnerWorld.open(await open());
  });
  after(() => world.close());

  /** A pipeline whose first stage runs: its id, and its jobs in the order of the configuration. */
  const running = async () => {
    const pipelineId = await world.pipeline(CONFIG);
    const runner = await world.runner();
    const ids: number[] = [];
    for (let job = 0; job < 7; job++) ids.push((await runner.take()).id);
    return { pipelineId, runner, ids: ids.sort((a, b) => a - b) };
  };
  const soon = (pipelineId: number, id: number, event: JobEvent) =>
    applySoon(world.world.db, { id, pipelineId }, event, world.world.now);
  const said = (result: EventResult) =>
    result.ok ? result.job.status : `${result.reason}: ${'job' in result ? result.job.status : 'none'}`;
  const versionOf = async (id: number) =>
    (
      await world.world.db.read.sql
        .selectFrom('pipelines')
        .select('lock_version')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    ).lock_version;

  it('move each job once, and settle the pipeline once for all', async () => {
    const { pipelineId, runner, ids } = await running();
    const many = ids.slice(0, 6);
    const version = await versionOf(pipelineId);
    const results = await Promise.all([
      ...many.map((id) => soon(pipelineId, id, SUCCESS)),
      soon(pipelineId, ids[6]!, { type: 'drop', reason: 'script_failure', exitCode: 1 }),
      soon(pipelineId, many[0]!, SUCCESS),
      soon(pipelineId, 1_000_000, SUCCESS),
    ]);
    assert.deepEqual(results.map(said), [
      ...many.map(() => 'success'),
      'failed',
      'wrong_status: success',
      'not_found: none',
    ]);
    assert.equal(await versionOf(pipelineId), version + 1);
    const again = await runner.take();
    assert.equal(again.payload.job_info.name, 'frail');
    assert.equal(said(await soon(pipelineId, again.id, SUCCESS)), 'success');
    assert.equal((await runner.take()).payload.job_info.name, 'last');
  });

  it('are not kept from it by one of them that can not be applied', async () => {
    const { pipelineId, ids } = await running();
    const broken = {
      get type(): 'success' {
        throw new Error('broken');
      },
    };
    const results = await Promise.allSettled(
      ids.map((id, index) => soon(pipelineId, id, index === 3 ? broken : SUCCESS)),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ids.map((_, index) => (index === 3 ? 'rejected' : 'fulfilled')),
    );
    const statuses = await Promise.all(
      ids.map(async (id) => (await jobById(world.world.db.read, id))?.status),
    );
    assert.deepEqual(
      statuses,
      ids.map((_, index) => (index === 3 ? 'running' : 'success')),
    );
  });
});
