import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { casePipeline } from '../../test/conformance/pipeline-processing/cases.ts';
import { StoredPipeline } from '../../test/conformance/pipeline-processing/stored-pipeline.ts';
import { forEachEngine } from '../../test/databases.ts';
import type { Database } from '../db/database.ts';
import { noteSignOfLife } from './job.ts';
import { TIMEOUT_GRACE_MS } from './start-jobs.ts';
import {
  dropSilentJobs,
  dropStuckJobs,
  dropTimedOutJobs,
  pendingVerdict,
  scheduledVerdict,
  startDueJobs,
  TIME_LIMITS,
} from './timeouts.ts';

const HOUR = 3600_000;

describe('decisions about waiting', () => {
  const pending: [hours: number, matched: boolean, verdict: string][] = [
    [0.9, false, 'wait'],
    [1, false, 'drop'],
    [1, true, 'wait'],
    [23.9, true, 'wait'],
    [24, true, 'drop'],
  ];
  for (const [hours, matched, verdict] of pending) {
    it(`pending for ${hours} h ${matched ? 'with' : 'without'} a runner that could: ${verdict}`, () => {
      assert.equal(pendingVerdict(hours * HOUR, matched, TIME_LIMITS), verdict);
    });
  }

  it('a delayed job starts late, but not more than an hour late', () => {
    assert.deepEqual(scheduledVerdict(HOUR, TIME_LIMITS), { type: 'enqueue' });
    assert.deepEqual(scheduledVerdict(HOUR + 1, TIME_LIMITS), { type: 'drop', reason: 'stale_schedule' });
  });
});

forEachEngine('jobs and time', (open) => {
  let db: Database;
  before(async () => {
    db = await open();
  });
  const start = (config: Record<string, unknown>) => StoredPipeline.create(db, casePipeline(config));
  const outcome = async (pipeline: StoredPipeline, name = 'job') => {
    const { status, failureReason } = await pipeline.job(name);
    return [status, failureReason];
  };

  it('a job past its timeout and grace fails as of its timeout, and its pipeline goes on', async () => {
    const pipeline = await start({
      job: { script: 'x' },
      after: { stage: '.post', script: 'x', when: 'always' },
    });
    await pipeline.event('run', 'job');
    const { startedAt } = await pipeline.job('job');
    const due = startedAt! + HOUR + TIMEOUT_GRACE_MS;
    await dropTimedOutJobs(db, due - 1);
    assert.deepEqual(await outcome(pipeline), ['running', null]);
    assert.deepEqual(await dropTimedOutJobs(db, due), { done: 1, broken: [] });
    assert.deepEqual(await outcome(pipeline), ['failed', 'job_execution_server_timeout']);
    assert.equal((await pipeline.job('job')).finishedAt, startedAt! + HOUR);
    assert.equal((await pipeline.job('after')).status, 'pending');
    assert.deepEqual(await dropTimedOutJobs(db, due), { done: 0, broken: [] });
    await pipeline.pipelineEvent('cancel');
  });

  it('a job whose runner fell silent is stuck; a sign of life counts', async () => {
    const pipeline = await start({ job: { script: 'x' } });
    await pipeline.event('run', 'job');
    const { id, startedAt } = await pipeline.job('job');
    const heard = startedAt! + 10 * 60_000;
    await db.transaction((tx) => noteSignOfLife(tx, id, heard));
    await dropSilentJobs(db, startedAt! + HOUR);
    assert.deepEqual(await outcome(pipeline), ['running', null]);
    await dropSilentJobs(db, heard + HOUR);
    assert.deepEqual(await outcome(pipeline), ['failed', 'stuck_or_timeout_failure']);
  });

  it('a delayed job is left alone before its time, starts at it, and is stale an hour after', async () => {
    const config = { job: { script: 'x', when: 'delayed', start_in: '30 minutes' } };
    const pipeline = await start(config);
    const scheduledAt = pipeline.now + 30 * 60_000;
    assert.equal((await pipeline.job('job')).scheduledAt, scheduledAt);
    await startDueJobs(db, scheduledAt - 1);
    assert.deepEqual(await outcome(pipeline), ['scheduled', null]);
    await startDueJobs(db, scheduledAt);
    const { status, queuedAt, scheduledAt: left } = await pipeline.job('job');
    assert.deepEqual([status, queuedAt, left], ['pending', scheduledAt, null]);
    const late = await start(config);
    await startDueJobs(db, scheduledAt + HOUR + 1);
    assert.deepEqual(await outcome(late), ['failed', 'stale_schedule']);
    await pipeline.pipelineEvent('cancel');
  });

  it('waiting jobs are stuck by what runners match, asked once for those alike, however many pages they fill', async () => {
    const names = Array.from({ length: 130 }, (_, index) => `job ${index}`);
    const pipeline = await start(Object.fromEntries(names.map((name) => [name, { script: 'x' }])));
    const other = await start({ job: { script: 'x' } });
    const projectId = (await other.job('job')).projectId;
    const asked: number[] = [];
    const isMatched = async (job: { projectId: number }) => {
      asked.push(job.projectId);
      return job.projectId === projectId;
    };
    const { done, broken } = await dropStuckJobs(db, isMatched, pipeline.now + HOUR);
    assert.deepEqual([done, broken], [131, []]);
    assert.equal(asked.length, 2);
    assert.deepEqual(new Set(Object.values((await pipeline.read()).jobs)), new Set(['failed']));
    assert.deepEqual(await outcome(pipeline, 'job 0'), ['failed', 'stuck_or_timeout_failure']);
    assert.deepEqual(await outcome(other), ['pending', null]);
    await dropStuckJobs(db, isMatched, pipeline.now + 24 * HOUR);
    assert.deepEqual(await outcome(other), ['failed', 'stuck_or_timeout_failure']);
  });

  it('a broken job stops no other', async () => {
    const [broken, whole] = [await start({ job: { script: 'x' } }), await start({ job: { script: 'x' } })];
    for (const pipeline of [broken, whole]) await pipeline.event('run', 'job');
    const { id } = await broken.job('job');
    await db.transaction((tx) =>
      tx.sql.updateTable('jobs').set({ definition_id: 999_999 }).where('id', '=', id).execute(),
    );
    const sweep = await dropSilentJobs(db, whole.now + HOUR);
    assert.deepEqual(
      sweep.broken.map((one) => one.id),
      [id],
    );
    assert.deepEqual(await outcome(whole), ['failed', 'stuck_or_timeout_failure']);
  });
});
