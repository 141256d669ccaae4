import assert from 'node:assert/strict';
import { it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { put, RUNNER, take } from '../../test/queue-world.ts';
import type { Database } from '../db/database.ts';
import { type Claim, claim, settleClaims } from './claim.ts';
import { dequeue, enqueue, type QueueEntry, rescope } from './enqueue.ts';
import type { RunnerFacts } from './match.ts';
import { ended, started } from './running.ts';

const INSTANCE: RunnerFacts = { ...RUNNER, tags: ['docker', 'linux'] };
const OF_PROJECT_7: RunnerFacts = { ...INSTANCE, id: 2, type: 'project_type', projectIds: [7] };
const OF_GROUP_3: RunnerFacts = { ...INSTANCE, id: 3, type: 'group_type', groupId: 3 };

function entry(jobId: number, more: Partial<QueueEntry> = {}): QueueEntry {
  return {
    jobId,
    projectId: 7,
    groupIds: [3],
    instanceRunners: true,
    groupRunners: true,
    protected: false,
    tags: [],
    queuedAt: 1000 + jobId,
    ...more,
  };
}

/** Claims until nothing is left; instance runners start what they claim, as a real request does. */
async function takeAll(db: Database, runner: RunnerFacts, projectOf: (jobId: number) => number = () => 7) {
  const taken: number[] = [];
  for (;;) {
    const result = await db.transaction(async (tx) => {
      const claimed = (await claim(tx, [runner]))[0]!;
      if (claimed.kind === 'claimed') {
        const { jobId } = claimed;
        await started(tx, [
          {
            jobId,
            projectId: projectOf(jobId),
            runnerId: runner.id,
            runnerType: runner.type,
          },
        ]);
      }
      await settleClaims(tx);
      return claimed;
    });
    if (result.kind !== 'claimed') return taken;
    taken.push(result.jobId);
  }
}

const rows = async (db: Database) =>
  Promise.all(
    (['queue_lanes', 'queue_offers', 'queue_entries'] as const).map(
      async (table) => (await db.read.sql.selectFrom(table).selectAll().execute()).length,
    ),
  );

forEachEngine('claim', (open) => {
  it('gives jobs first in, first out to a project runner', async () => {
    const db = await open();
    await put(db, entry(5), entry(3, { tags: ['linux'] }), entry(4, { protected: true }));
    assert.deepEqual(await takeAll(db, OF_PROJECT_7), [3, 4, 5]);
  });

  it('leaves nothing behind when the last job is gone', async () => {
    const db = await open();
    await put(db, entry(1), entry(2, { tags: ['linux'] }));
    await takeAll(db, OF_PROJECT_7);
    assert.deepEqual(await rows(db), [0, 0, 0]);
  });

  it('shares instance runners between projects by what they run, then by job id', async () => {
    const db = await open();
    const projectOf = (jobId: number) => (jobId < 10 ? 1 : jobId < 20 ? 2 : 3);
    for (const jobId of [1, 2, 3, 11, 12, 21]) await put(db, entry(jobId, { projectId: projectOf(jobId) }));
    assert.deepEqual(await takeAll(db, INSTANCE, projectOf), [1, 11, 21, 2, 12, 3]);
  });

  it('gives runners that come together what they would get one after the other', async () => {
    const db = await open();
    const projectOf = (jobId: number) => (jobId < 10 ? 1 : jobId < 20 ? 2 : 7);
    const jobs = [1, 2, 3, 11, 12, 21].map((id) => entry(id, { projectId: projectOf(id) }));
    await put(db, ...jobs, entry(13, { projectId: 2, tags: ['gpu'] }));
    const runners = [INSTANCE, INSTANCE, OF_PROJECT_7, INSTANCE, OF_PROJECT_7, INSTANCE, INSTANCE, INSTANCE];
    const claims = await db.transaction(async (tx) => {
      const all = await claim(tx, runners);
      await settleClaims(tx);
      return all;
    });
    const taken = claims.map((one) => (one.kind === 'claimed' ? one.jobId : one.kind));
    assert.deepEqual(taken, [1, 11, 21, 2, 'nothing', 12, 3, 'nothing']);
    assert.deepEqual(await takeAll(db, { ...INSTANCE, tags: ['gpu'] }, projectOf), [13]);
    assert.deepEqual(await rows(db), [0, 0, 0]);
  });

  it('counts a project as idle again when its jobs ended', async () => {
    const db = await open();
    await put(db, entry(1, { projectId: 1 }), entry(2, { projectId: 1 }), entry(3, { projectId: 2 }));
    const projectOf = (jobId: number) => (jobId === 3 ? 2 : 1);
    await db.transaction(async (tx) => {
      await claim(tx, [INSTANCE]);
      await started(tx, [{ jobId: 1, projectId: 1, runnerId: 1, runnerType: 'instance_type' }]);
      await ended(tx, 1);
    });
    assert.deepEqual(await takeAll(db, INSTANCE, projectOf), [2, 3]);
  });

  it('counts what the same transaction has given away already', async () => {
    const db = await open();
    const projectOf = (jobId: number) => (jobId < 10 ? 1 : 2);
    for (const jobId of [1, 2, 3, 11]) await put(db, entry(jobId, { projectId: projectOf(jobId) }));
    await db.transaction(async (tx) => {
      const taken: number[] = [];
      for (let n = 0; n < 3; n++) {
        const claimed = (await claim(tx, [INSTANCE]))[0]!;
        if (claimed.kind !== 'claimed') throw new Error(claimed.kind);
        const { jobId } = claimed;
        taken.push(jobId);
        await started(tx, [{ jobId, projectId: projectOf(jobId), runnerId: 1, runnerType: 'instance_type' }]);
      }
      assert.deepEqual(taken, [1, 11, 2]);
      await settleClaims(tx);
    });
    await put(db, entry(12, { projectId: 2 }), entry(21, { projectId: 3 }));
    const projects = new Map([
      [3, 1],
      [12, 2],
      [21, 3],
    ]);
    assert.deepEqual(await takeAll(db, INSTANCE, (id) => projects.get(id)!), [21, 12, 3]);
  });

  it('reads as far as it must where one lane has a job for each of many runners', async () => {
    const db = await open();
    const jobs = Array.from({ length: 100 }, (_, n) => n + 1);
    await put(db, ...jobs.map((id) => entry(id)));
    const claims = await db.transaction(async (tx) => {
      const all = await claim(
        tx,
        jobs.map(() => INSTANCE),
      );
      await settleClaims(tx);
      return all;
    });
    assert.deepEqual(
      claims.map((one) => (one.kind === 'claimed' ? one.jobId : one.kind)),
      jobs,
    );
    assert.deepEqual(await rows(db), [0, 0, 0]);
  });

  it('does not count jobs on project runners for the fair share', async () => {
    const db = await open();
    await put(db, entry(1), entry(2), entry(3, { projectId: 8 }));
    await db.transaction(async (tx) => {
      await claim(tx, [OF_PROJECT_7]);
      await started(tx, [{ jobId: 1, projectId: 7, runnerId: 2, runnerType: 'project_type' }]);
    });
    assert.deepEqual(await takeAll(db, INSTANCE, (id) => (id === 3 ? 8 : 7)), [2, 3]);
  });

  it('keeps runners to the jobs of their scope', async () => {
    const db = await open();
    await put(
      db,
      entry(1, { projectId: 8, groupIds: [], instanceRunners: false }),
      entry(2, { projectId: 9, groupIds: [2, 3], groupRunners: false }),
      entry(3, { projectId: 10, groupIds: [2, 3], instanceRunners: false }),
    );
    assert.deepEqual(await takeAll(db, OF_PROJECT_7), []);
    assert.deepEqual(await takeAll(db, INSTANCE), [2]);
    assert.deepEqual(await takeAll(db, OF_GROUP_3), [3]);
    assert.deepEqual(await takeAll(db, { ...OF_PROJECT_7, projectIds: [4, 5, 8] }), [1]);
  });

  it('passes over kinds that do not fit, however early they wait', async () => {
    const db = await open();
    await put(db, entry(1, { tags: ['windows'] }), entry(2, { tags: ['docker', 'windows'] }), entry(3));
    assert.deepEqual(await takeAll(db, INSTANCE), [3]);
  });

  it('gives a job that came back with a low id first', async () => {
    const db = await open();
    await put(db, entry(10), entry(11));
    await put(db, entry(2));
    assert.deepEqual(await takeAll(db, OF_PROJECT_7), [2, 10, 11]);
  });

  it('never gives a job that was taken out of the queue', async () => {
    const db = await open();
    await put(db, entry(1), entry(2), entry(3));
    await db.transaction((tx) => dequeue(tx, [1, 3, 99]));
    assert.deepEqual(await takeAll(db, OF_PROJECT_7), [2]);
    assert.deepEqual(await rows(db), [0, 0, 0]);
  });

  it('takes back a claim that was rolled back', async () => {
    const db = await open();
    await put(db, entry(1));
    const refused = db.transaction(async (tx) => {
      await claim(tx, [OF_PROJECT_7]);
      throw new Error('no');
    });
    await assert.rejects(refused, /no/);
    assert.deepEqual(await takeAll(db, OF_PROJECT_7), [1]);
  });

  it('follows a project that moved to another group or closed itself to instance runners', async () => {
    const db = await open();
    await put(db, entry(1), entry(2));
    await db.transaction((tx) =>
      rescope(tx, { projectId: 7, groupIds: [4], instanceRunners: false, groupRunners: true }),
    );
    assert.deepEqual(await takeAll(db, INSTANCE), []);
    assert.deepEqual(await takeAll(db, OF_GROUP_3), []);
    assert.deepEqual(await takeAll(db, { ...OF_GROUP_3, groupId: 4 }), [1, 2]);
  });

  it('hands each of 2,000 jobs to exactly one of 64 racing requests', async () => {
    const db = await open();
    const jobs = Array.from({ length: 2000 }, (_, i) => i + 1);
    await db.transaction(async (tx) => {
      for (const id of jobs)
        await enqueue(tx, [entry(id, { projectId: id % 7, tags: id % 3 === 0 ? ['linux'] : [] })]);
    });
    const taken: number[] = [];
    const racer = async () => {
      for (;;) {
        const result: Claim = await db.transaction(async (tx) => {
          const claimed = (await claim(tx, [INSTANCE]))[0]!;
          if (claimed.kind === 'claimed') {
            const { jobId } = claimed;
            await started(tx, [{ jobId, projectId: jobId % 7, runnerId: 1, runnerType: 'instance_type' }]);
          }
          await settleClaims(tx);
          return claimed;
        });
        if (result.kind === 'claimed') taken.push(result.jobId);
        if (result.kind === 'nothing') return;
      }
    };
    await Promise.all(Array.from({ length: 64 }, racer));
    assert.deepEqual(
      taken.sort((a, b) => a - b),
      jobs,
    );
  });

  it('loses no job that is enqueued while its lane empties', async () => {
    const db = await open();
    const taken: number[] = [];
    let coming = true;
    const producer = async (from: number) => {
      for (let id = from; id < from + 100; id++) await put(db, entry(id));
    };
    const consumer = async () => {
      for (;;) {
        const last = !coming;
        const result = await db.transaction((tx) => take(tx, OF_PROJECT_7));
        if (result.kind === 'claimed') taken.push(result.jobId);
        else if (last && result.kind === 'nothing') return;
        else await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const consumers = Array.from({ length: 4 }, consumer);
    await Promise.all([1, 101, 201, 301].map(producer));
    coming = false;
    await Promise.all(consumers);
    assert.deepEqual(
      taken.sort((a, b) => a - b),
      Array.from({ length: 400 }, (_, i) => i + 1),
    );
  });
});
