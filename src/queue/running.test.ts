import assert from 'node:assert/strict';
import { it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import type { Database } from '../db/database.ts';
import type { RunnerType } from './match.ts';
import { ended, runningOnInstanceRunners, started } from './running.ts';

forEachEngine('jobs that run on instance runners', (open) => {
  const start = (db: Database, ...jobs: [jobId: number, projectId: number, type?: RunnerType][]) =>
    db.transaction((tx) =>
      started(
        tx,
        jobs.map(([jobId, projectId, runnerType = 'instance_type']) => ({
          jobId,
          projectId,
          runnerId: 1,
          runnerType,
        })),
      ),
    );
  const end = (db: Database, jobId: number) => db.transaction((tx) => ended(tx, jobId));

  it('are counted by project from their start to their end', async () => {
    const db = await open();
    await start(db, [1, 7], [2, 7], [3, 8], [4, 7, 'group_type']);
    assert.equal(await runningOnInstanceRunners(db.read, 7), 2);
    assert.equal(await runningOnInstanceRunners(db.read, 8), 1);
    assert.equal(await runningOnInstanceRunners(db.read, 9), 0);
    await end(db, 1);
    await end(db, 4);
    assert.equal(await runningOnInstanceRunners(db.read, 7), 1);
  });

  it('are counted once, however often they start or end', async () => {
    const db = await open();
    await start(db, [1, 7]);
    await start(db, [1, 7], [2, 7]);
    assert.equal(await runningOnInstanceRunners(db.read, 7), 2);
    await end(db, 1);
    await end(db, 1);
    assert.equal(await runningOnInstanceRunners(db.read, 7), 1);
  });

  it('are counted exactly while many start and end at the same moment, of which none waits for another', async () => {
    const db = await open();
    const ids = Array.from({ length: 60 }, (_, n) => n + 1);
    await Promise.all(ids.map((id) => start(db, [id, 7], [1000 + id, 8])));
    const open60 = await runningOnInstanceRunners(db.read, 7);
    await Promise.all(ids.flatMap((id) => (id % 3 === 0 ? [] : [end(db, id), end(db, 1000 + id)])));
    assert.deepEqual(
      [open60, await runningOnInstanceRunners(db.read, 7), await runningOnInstanceRunners(db.read, 8)],
      [60, 20, 20],
    );
  });

  it('are counted by two transactions that are open at once', async (t) => {
    const db = await open();
    if (!db.capabilities.rowLocks) return t.skip('transactions come one after the other');
    await start(db, [1, 7]);
    const gate = Promise.withResolvers<void>();
    const first = db.transaction(async (tx) => {
      await started(tx, [{ jobId: 2, projectId: 7, runnerId: 1, runnerType: 'instance_type' }]);
      await gate.promise;
    });
    await start(db, [3, 7]);
    assert.equal(await runningOnInstanceRunners(db.read, 7), 2);
    gate.resolve();
    await first;
    assert.equal(await runningOnInstanceRunners(db.read, 7), 3);
  });
});
