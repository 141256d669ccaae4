import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { forEachEngine } from '../../../test/databases.ts';
import { PipelineWorld } from '../../../test/pipeline-world.ts';
import { until } from '../../../test/until.ts';
import type { Database } from '../../db/database.ts';
import { Notifications } from '../../db/notify.ts';
import type { Reading } from '../../db/transaction.ts';
import { noteStatusEvent, placeOfTime, statusEventsSince } from '../../pipeline/status-events.ts';
import { EventStreams } from './event-streams.ts';

/** The same database, with its reads counted. */
function counted(db: Database): { db: Database; count: () => number } {
  let count = 0;
  const read: Reading = {
    ...db.read,
    get sql() {
      count++;
      return db.read.sql;
    },
    rows: (text, parameters) => {
      count++;
      return db.read.rows(text, parameters);
    },
  };
  return { db: { ...db, read }, count: () => count };
}

forEachEngine('event streams', (open, engine) => {
  let world: PipelineWorld;
  before(async () => {
    world = await PipelineWorld.open(await open());
  });
  after(() => world.close());

  const reader = (ip = '127.0.0.1') => ({
    caller: { kind: 'anonymous' } as const,
    projectId: null,
    ip,
    resumeAt: null,
  });
  const fail = (error: unknown) => assert.fail(String(error));
  const change = (pipelineId: number, now = Date.now()) =>
    world.db.transaction((tx) =>
      noteStatusEvent(tx, { projectId: world.project.id, pipelineId, status: 'running', jobs: [] }, now),
    );

  it('find a change whose notification was lost', async () => {
    await world.changeProject({ visibility: 'public' });
    const deaf = { ...world.db, notifications: new Notifications() };
    const streams = new EventStreams(deaf, fail, { gatherMs: 10, pollMs: 50 });
    const body = await streams.open(reader(), Date.now());
    let text = '';
    body!.on('data', (chunk) => {
      text += String(chunk);
    });
    await change(71);
    await until('the change', async () => text.includes('"pipeline_id":71') || undefined);
    streams.close();
  });

  it('cost no read for each reader while nothing happens, and few for all of them when something does', async () => {
    const { db, count } = counted(world.db);
    const streams = new EventStreams(db, fail, { gatherMs: 10, pollMs: 200 });
    const texts: string[] = [];
    for (let index = 0; index < 300; index++) {
      const body = await streams.open(reader(`10.0.0.${index}`), Date.now());
      texts.push('');
      body!.on('data', (chunk) => {
        texts[index] += String(chunk);
      });
    }
    const readsIn = async (ms: number) => {
      const before = count();
      await new Promise((resolve) => setTimeout(resolve, ms));
      return count() - before;
    };
    await until('all to have joined', async () => ((await readsIn(400)) <= 4 ? true : undefined));
    const idle = await readsIn(1000);
    assert.ok(idle > 0 && idle <= 8, `${idle} reads in a second`);
    const before = count();
    await change(72);
    await until(
      'all to be told',
      async () => texts.every((text) => text.includes('"pipeline_id":72')) || undefined,
    );
    assert.ok(count() - before < 20, `${count() - before} reads to tell 300 readers`);
    assert.equal(streams.size, 300);
    streams.close();
    await until('all to be gone', async () => streams.size === 0 || undefined);
    const closed = count();
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(count(), closed);
  });

  it('tell of a pipeline that changes much at once how it stands in the end', async () => {
    const streams = new EventStreams(world.db, fail, { gatherMs: 100, pollMs: 5000 });
    const body = await streams.open(reader(), Date.now());
    let text = '';
    body!.on('data', (chunk) => {
      text += String(chunk);
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (let turn = 0; turn < 50; turn++) await change(73);
    await until('the change', async () => text.includes('"pipeline_id":73') || undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const told = text.split('"pipeline_id":73').length - 1;
    assert.ok(told >= 1 && told < 20, `told ${told} times`);
    streams.close();
  });

  it('drop a reader who takes nothing', async () => {
    const streams = new EventStreams(world.db, fail, { gatherMs: 1, pollMs: 5000 });
    const body = await streams.open(reader(), Date.now());
    let gone = false;
    body!.once('close', () => {
      gone = true;
    });
    await until('the reader to be dropped', async () => {
      await world.db.transaction(async (tx) => {
        for (let pipelineId = 100; pipelineId < 1100; pipelineId++) {
          await noteStatusEvent(
            tx,
            { projectId: world.project.id, pipelineId, status: 'running', jobs: [] },
            Date.now(),
          );
        }
      });
      return gone || undefined;
    });
    assert.equal(streams.size, 0);
    streams.close();
  });

  if (engine === 'postgres') {
    it('keep the order of transactions: what is behind an open one waits for it', async () => {
      const from = await placeOfTime(world.db.read, Date.now() + 1000);
      const release = Promise.withResolvers<void>();
      const began = Promise.withResolvers<void>();
      const slow = world.db.transaction(async (tx) => {
        await noteStatusEvent(tx, { projectId: 1, pipelineId: 1, status: 'running', jobs: [] }, 1);
        began.resolve();
        await release.promise;
        await noteStatusEvent(tx, { projectId: 1, pipelineId: 3, status: 'running', jobs: [] }, 1);
      });
      await began.promise;
      await change(2);
      const behind = await statusEventsSince(world.db.read, from, 10);
      assert.deepEqual([behind.events.length, behind.more], [0, true]);
      release.resolve();
      await slow;
      // Transactions of other databases of the cluster count as open, too, for as long as they are.
      const all = await until('all to be settled', async () => {
        const read = await statusEventsSince(world.db.read, from, 10);
        return read.more ? undefined : read;
      });
      assert.deepEqual(
        all.events.map(({ pipelineId }) => pipelineId),
        [1, 2, 3],
      );
      assert.deepEqual((await statusEventsSince(world.db.read, all.place, 10)).events, []);
    });
  }
});
