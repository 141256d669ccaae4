import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { casePipeline } from '../../test/conformance/pipeline-processing/cases.ts';
import { StoredPipeline } from '../../test/conformance/pipeline-processing/stored-pipeline.ts';
import { forEachEngine } from '../../test/databases.ts';
import type { Database } from '../db/database.ts';
import { Encryption } from '../project/encryption.ts';
import { cancelJob, cancelPipeline } from './cancel.ts';
import { applyEvent } from './job.ts';
import { jobById } from './job-lookup.ts';
import { storeDotenv, storeManual, variablesOfJobs } from './job-variables.ts';
import { playJob } from './play.ts';
import { retryJob, retryPipeline } from './retry.ts';
import type { Status } from './status.ts';

const encryption = new Encryption([Buffer.alloc(32, 7)]);

forEachEngine('verbs of users', (open) => {
  let db: Database;
  before(async () => {
    db = await open();
  });
  const start = (config: Record<string, unknown>) => StoredPipeline.create(db, casePipeline(config));
  const put = (id: number, status: Status) =>
    db.transaction((tx) => tx.sql.updateTable('jobs').set({ status }).where('id', '=', id).execute());
  /** A job in any status, as if another process had brought it there. */
  const jobIn = async (status: Status, when = 'on_success') => {
    const pipeline = await start({ job: { script: 'x', when } });
    const { id } = await pipeline.job('job');
    await put(id, status);
    await db.transaction((tx) =>
      tx.sql.updateTable('pipelines').set({ lock_version: 1000 }).where('id', '=', pipeline.id).execute(),
    );
    return id;
  };

  const cells: [Status, cancel: Status, force: Status, retry: boolean, play: boolean][] = [
    ['created', 'canceled', 'created', false, false],
    ['waiting_for_resource', 'canceled', 'waiting_for_resource', false, false],
    ['preparing', 'canceled', 'preparing', false, false],
    ['pending', 'canceled', 'pending', false, false],
    ['running', 'canceled', 'running', false, false],
    ['canceling', 'canceling', 'canceled', true, true],
    ['success', 'success', 'success', true, true],
    ['failed', 'failed', 'failed', true, true],
    ['canceled', 'canceled', 'canceled', true, true],
    ['skipped', 'skipped', 'skipped', false, false],
    ['manual', 'canceled', 'manual', false, true],
    ['scheduled', 'canceled', 'scheduled', false, true],
  ];
  for (const [status, canceled, forced, retryable, playable] of cells) {
    it(`a ${status} job: cancel, force cancel, retry, play (jobs-api 7)`, async () => {
      const cancel = async (force: boolean) => {
        const id = await jobIn(status);
        return (await db.transaction((tx) => cancelJob(tx, id, { force }, 5)))?.status;
      };
      assert.deepEqual([await cancel(false), await cancel(true)], [canceled, forced]);
      const retried = await jobIn(status);
      const retry = await db.transaction((tx) => retryJob(tx, encryption, retried, { userId: 1 }, 5));
      assert.equal(retry.ok, retryable);
      const played = await jobIn(status, 'manual');
      const play = await db.transaction((tx) =>
        playJob(tx, encryption, played, { userId: 1, variables: [] }, 5),
      );
      assert.equal(play.ok, playable);
    });
  }

  it('a retried attempt keeps its row, cannot be retried again, and gives its place to the new one', async () => {
    const pipeline = await start({ build: { script: 'x' } });
    const first = await pipeline.job('build');
    await pipeline.event('drop', 'build');
    const result = await db.transaction((tx) =>
      retryJob(tx, encryption, first.id, { userId: 77 }, pipeline.now),
    );
    assert.equal(result.ok, true);
    const second = await pipeline.job('build');
    assert.deepEqual([second.userId, second.status, second.finishedAt], [77, 'pending', null]);
    assert.equal(second.definitionId, first.definitionId);
    const again = await db.transaction((tx) =>
      retryJob(tx, encryption, first.id, { userId: 77 }, pipeline.now),
    );
    assert.deepEqual(again, { ok: false, reason: 'not_retryable' });
  });

  it('a cancelled runner that reports late ends its old attempt and not the new one', async () => {
    const id = await jobIn('canceling');
    const retried = await db.transaction((tx) => retryJob(tx, encryption, id, { userId: 1 }, 5));
    assert.equal(retried.ok, true);
    const late = await db.transaction((tx) => applyEvent(tx, id, { type: 'success' }, 6));
    assert.equal(late.ok, true);
    assert.equal((await jobById(db.read, id))?.status, 'canceled');
    assert.equal((await jobById(db.read, id + 1))?.status, 'pending');
  });

  it('a runner that can is asked to end gently, by a job and by a pipeline', async () => {
    const pipeline = await start({ a: { script: 'x' }, b: { script: 'x' } });
    const { id: manager } = await db.transaction((tx) =>
      tx.sql
        .insertInto('runner_managers')
        .values({
          runner_id: 1,
          system_xid: `s ${pipeline.id}`,
          features: '{"cancel_gracefully":true}',
          created_at: 0,
        })
        .returning('id')
        .executeTakeFirstOrThrow(),
    );
    for (const name of ['a', 'b']) {
      await pipeline.event('run', name);
      const { id } = await pipeline.job(name);
      await db.transaction((tx) =>
        tx.sql.updateTable('jobs').set({ runner_manager_id: manager }).where('id', '=', id).execute(),
      );
    }
    const { id } = await pipeline.job('a');
    const one = await db.transaction((tx) => cancelJob(tx, id, { force: false }, 5));
    assert.deepEqual([one?.status, one?.finishedAt], ['canceling', null]);
    await db.transaction((tx) => cancelPipeline(tx, pipeline.id, {}, 6));
    assert.deepEqual(await pipeline.read(), {
      pipeline: 'canceling',
      stages: { test: 'canceling' },
      jobs: { a: 'canceling', b: 'canceling' },
    });
    await pipeline.event('drop', 'b');
    assert.equal((await pipeline.job('b')).status, 'canceled');
    const forced = await db.transaction((tx) => cancelJob(tx, id, { force: true }, 7));
    assert.equal(forced?.status, 'canceled');
    assert.equal((await pipeline.read()).pipeline, 'canceled');
  });

  it('variables given at play belong to the attempt, go along with a retry, and those of dotenv do not', async () => {
    const pipeline = await start({ job: { script: 'x', when: 'manual' } });
    const { id } = await pipeline.job('job');
    const variables = [{ key: 'TO', value: 'moon $HOME' }];
    await db.transaction((tx) => playJob(tx, encryption, id, { userId: 9, variables }, pipeline.now));
    assert.equal((await pipeline.job('job')).userId, 9);
    await db.transaction((tx) => storeDotenv(tx, encryption, id, [{ key: 'OUT', value: '$x' }]));
    await pipeline.event('success', 'job');
    await pipeline.event('retry', 'job');
    const next = await pipeline.job('job');
    const of = async (source: 'manual' | 'dotenv') =>
      Object.fromEntries(await variablesOfJobs(db.read, encryption, [id, next.id], source));
    const manual = [{ key: 'TO', value: 'moon $HOME', raw: false }];
    assert.deepEqual(await of('manual'), { [id]: manual, [next.id]: manual });
    assert.deepEqual(await of('dotenv'), { [id]: [{ key: 'OUT', value: '$x', raw: false }] });
    await db.transaction((tx) => storeManual(tx, encryption, next.id, [{ key: 'A', value: '' }]));
    assert.deepEqual((await of('manual'))[next.id], [{ key: 'A', value: '', raw: false }]);
    const rows = await db.read.sql.selectFrom('job_variables').select('encrypted_value').execute();
    assert.equal(JSON.stringify(rows).includes('moon'), false);
  });

  it('retrying a pipeline spares jobs that the user may not retry', async () => {
    const pipeline = await start({ a: { script: 'x' }, b: { script: 'x' } });
    await pipeline.event('drop', 'a');
    await pipeline.event('drop', 'b');
    const may = (job: { name: string }) => job.name === 'b';
    await db.transaction((tx) => retryPipeline(tx, pipeline.id, { userId: 3, may }, pipeline.now));
    assert.deepEqual((await pipeline.read()).jobs, { a: 'failed', b: 'pending' });
  });
});
