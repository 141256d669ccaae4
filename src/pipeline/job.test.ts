import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { casePipeline } from '../../test/conformance/pipeline-processing/cases.ts';
import {
  jobStart,
  type StoredOptions,
  StoredPipeline,
} from '../../test/conformance/pipeline-processing/stored-pipeline.ts';
import { forEachEngine } from '../../test/databases.ts';
import type { Database } from '../db/database.ts';
import { isAutoRetried } from './job/auto-retry.ts';
import { nextStatus, type Transition } from './job/transitions.ts';
import { applyEvent, type JobEvent } from './job.ts';
import { jobById } from './job-lookup.ts';
import { startJobs, TIMEOUT_GRACE_MS } from './start-jobs.ts';
import { STATUSES, type Status } from './status.ts';

describe('the state machine of a job (jobs-api 7)', () => {
  const unfinished = 'created waiting_for_resource preparing waiting_for_callback pending running';
  const table: [Transition, string, Status][] = [
    ['assign_resource', 'waiting_for_resource', 'pending'],
    ['run', 'pending', 'running'],
    ['success', unfinished, 'success'],
    ['success', 'canceling', 'canceled'],
    ['drop', `${unfinished} manual scheduled`, 'failed'],
    ['drop', 'canceling', 'canceled'],
    ['cancel', `${unfinished} manual scheduled`, 'canceled'],
    ['cancel_gracefully', 'running', 'canceling'],
    [
      'cancel_gracefully',
      'created waiting_for_resource preparing waiting_for_callback pending manual scheduled',
      'canceled',
    ],
    ['force_cancel', 'canceling', 'canceled'],
    ['play', 'created skipped manual scheduled', 'pending'],
    ['unschedule', 'scheduled', 'manual'],
  ];
  const expected = new Map(
    table.flatMap(([event, from, to]) => from.split(' ').map((status) => [`${event} ${status}`, to])),
  );
  for (const event of new Set(table.map(([name]) => name))) {
    it(`${event} moves what it may and nothing else`, () => {
      for (const from of STATUSES) {
        assert.equal(nextStatus(event, from), expected.get(`${event} ${from}`) ?? null, from);
      }
    });
  }
});

describe('automatic retry (ci-yaml 12.1)', () => {
  const retry = { max: 2, when: ['script_failure'], exitCodes: [137] };
  const table: [string, Parameters<typeof isAutoRetried>, boolean][] = [
    ['a listed reason', [retry, { reason: 'script_failure', exitCode: 1 }, 0], true],
    ['another reason', [retry, { reason: 'runner_system_failure', exitCode: 1 }, 0], false],
    ['a listed exit code for another reason', [retry, { reason: 'unknown_failure', exitCode: 137 }, 1], true],
    ['the last attempt', [retry, { reason: 'script_failure', exitCode: 1 }, 2], false],
    [
      'always',
      [{ max: 1, when: ['always'], exitCodes: [] }, { reason: 'api_failure', exitCode: null }, 0],
      true,
    ],
    [
      'always, but a missing dependency',
      [
        { max: 1, when: ['always'], exitCodes: [] },
        { reason: 'missing_dependency_failure', exitCode: null },
        0,
      ],
      false,
    ],
    ['no retry', [null, { reason: 'script_failure', exitCode: 1 }, 0], false],
    ['no retry, our own scheduling', [null, { reason: 'scheduler_failure', exitCode: null }, 1], true],
    [
      'no retry, our own scheduling, third time',
      [null, { reason: 'scheduler_failure', exitCode: null }, 2],
      false,
    ],
    ['retry: 0', [{ ...retry, max: 0 }, { reason: 'script_failure', exitCode: 1 }, 0], false],
  ];
  for (const [name, args, expected] of table) {
    it(`${name}: ${expected ? 'again' : 'not again'}`, () => assert.equal(isAutoRetried(...args), expected));
  }
});

forEachEngine('events of jobs', (open) => {
  let db: Database;
  before(async () => {
    db = await open();
  });
  const start = (config: Record<string, unknown>, options: StoredOptions = {}) =>
    StoredPipeline.create(db, casePipeline(config), options);
  const apply = (id: number, event: JobEvent, now: number) =>
    db.transaction((tx) => applyEvent(tx, id, event, now));
  const pipelineRow = (id: number) =>
    db.read.sql.selectFrom('pipelines').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

  it('times, token and deadline follow a job through its life', async () => {
    const pipeline = await start({ build: { script: 'x' } });
    const created = await pipeline.job('build');
    assert.equal(created.queuedAt, pipeline.now);
    await pipeline.event('run', 'build');
    const running = await pipeline.job('build');
    assert.equal(running.startedAt, pipeline.now);
    assert.equal(running.deadlineAt, pipeline.now + 3600_000 + TIMEOUT_GRACE_MS);
    assert.equal(running.tokenDigest, `digest of ${running.id}`);
    await pipeline.event('success', 'build');
    const done = await pipeline.job('build');
    assert.equal(done.finishedAt, pipeline.now);
    assert.deepEqual([done.tokenDigest, done.deadlineAt], [null, null]);
    const row = await pipelineRow(pipeline.id);
    assert.deepEqual([row.started_at, row.finished_at, row.duration], [running.startedAt, pipeline.now, 1]);
  });

  it('a job waits in the queue exactly while it is pending, and counts as running while a runner has it', async () => {
    const pipeline = await start({ build: { script: 'x' }, test: { stage: 'deploy', script: 'x' } });
    const places = async () => {
      const ids = [(await pipeline.job('build')).id, (await pipeline.job('test')).id];
      const queued = await db.read.sql
        .selectFrom('queue_entries')
        .select('job_id')
        .where('job_id', 'in', ids)
        .execute();
      const running = await db.read.sql
        .selectFrom('running_jobs')
        .select('job_id')
        .where('job_id', 'in', ids)
        .execute();
      return [queued, running].map((rows) => rows.map(({ job_id }) => ids.indexOf(job_id)));
    };
    assert.deepEqual(await places(), [[0], []]);
    await pipeline.event('run', 'build');
    assert.deepEqual(await places(), [[], [0]]);
    await pipeline.event('success', 'build');
    assert.deepEqual(await places(), [[1], []]);
    await pipeline.event('cancel', 'test');
    assert.deepEqual(await places(), [[], []]);
  });

  it('the first final word wins: a repetition and a contradiction change nothing', async () => {
    const pipeline = await start({ build: { script: 'x' } });
    await pipeline.event('run', 'build');
    const { id } = await pipeline.job('build');
    assert.equal((await apply(id, { type: 'success' }, pipeline.now)).ok, true);
    const before = [await jobById(db.read, id), await pipelineRow(pipeline.id)];
    for (const event of [
      { type: 'success' },
      { type: 'drop', reason: 'script_failure' },
      { type: 'cancel' },
    ] as const) {
      const result = await apply(id, event, pipeline.now + 5000);
      assert.equal(result.ok, false);
      assert.equal(result.reason, 'wrong_status');
    }
    const started = await db.transaction((tx) =>
      startJobs(tx, [jobStart(id, pipeline.id)], pipeline.now + 5000),
    );
    assert.equal(started.size, 0);
    assert.deepEqual([await jobById(db.read, id), await pipelineRow(pipeline.id)], before);
  });

  it('an unknown job is no job', async () => {
    assert.deepEqual(await apply(999_999_999, { type: 'success' }, 1), { ok: false, reason: 'not_found' });
  });

  it('a listed exit code is forgiven at that moment, and the next attempt starts unforgiven', async () => {
    const pipeline = await start(
      { flaky: { script: 'x' }, next: { stage: 'deploy', script: 'x' } },
      { definition: () => ({ allowFailureExitCodes: [42] }) },
    );
    const { id } = await pipeline.job('flaky');
    await apply(id, { type: 'drop', reason: 'script_failure', exitCode: 42 }, pipeline.now);
    const failed = await pipeline.job('flaky');
    assert.deepEqual([failed.status, failed.allowFailure, failed.exitCode], ['failed', true, 42]);
    assert.equal((await pipeline.job('next')).status, 'pending');
    await pipeline.event('retry', 'flaky');
    assert.equal((await pipeline.job('flaky')).allowFailure, false);
  });

  it('a failure that is retried by itself neither ends the pipeline nor what runs beside it', async () => {
    const pipeline = await start(
      {
        workflow: { auto_cancel: { on_job_failure: 'all' } },
        flaky: { script: 'x' },
        beside: { script: 'x' },
        next: { stage: 'deploy', script: 'x' },
      },
      { definition: () => ({ retry: { max: 1, when: ['always'], exitCodes: [] } }) },
    );
    const first = await pipeline.job('flaky');
    await pipeline.event('drop', 'flaky');
    const second = await pipeline.job('flaky');
    assert.notEqual(second.id, first.id);
    assert.deepEqual([second.status, second.userId], ['pending', first.userId]);
    const old = (await jobById(db.read, first.id))!;
    assert.deepEqual([old.retried, old.status, old.failureReason], [true, 'failed', 'script_failure']);
    assert.equal((await pipeline.job('beside')).status, 'pending');
    await pipeline.event('drop', 'flaky');
    assert.deepEqual((await pipeline.read()).jobs, { beside: 'canceled', flaky: 'failed', next: 'canceled' });
    assert.equal((await pipeline.read()).pipeline, 'failed');
  });

  it('coverage of a pipeline is the average of its latest jobs', async () => {
    const pipeline = await start({ a: { script: 'x' }, b: { script: 'x' } });
    await apply((await pipeline.job('a')).id, { type: 'success', coverage: 80 }, pipeline.now);
    await apply((await pipeline.job('b')).id, { type: 'success', coverage: 91 }, pipeline.now);
    assert.equal((await pipelineRow(pipeline.id)).coverage, 85.5);
  });

  it('a rolled back event leaves nothing behind, in memory neither', async () => {
    const pipeline = await start({ build: { script: 'x' }, test: { stage: 'deploy', script: 'x' } });
    const { id } = await pipeline.job('build');
    const failed = db.transaction(async (tx) => {
      await applyEvent(tx, id, { type: 'drop', reason: 'script_failure' }, pipeline.now);
      throw new Error('the disk is full');
    });
    await assert.rejects(failed, /the disk is full/);
    assert.deepEqual((await pipeline.read()).jobs, { build: 'pending', test: 'created' });
    await pipeline.event('success', 'build');
    assert.deepEqual((await pipeline.read()).jobs, { build: 'success', test: 'pending' });
  });

  it('events of one pipeline at the same time all count', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `job ${index}`);
    const pipeline = await start({
      ...Object.fromEntries(names.map((name) => [name, { script: 'x' }])),
      last: { stage: 'deploy', script: 'x' },
    });
    const ids = await Promise.all(names.map(async (name) => (await pipeline.job(name)).id));
    await Promise.all(ids.map((id) => apply(id, { type: 'success' }, pipeline.now)));
    const { jobs, stages } = await pipeline.read();
    assert.equal(jobs.last, 'pending');
    assert.deepEqual(stages, { test: 'success', deploy: 'pending' });
  });
});
