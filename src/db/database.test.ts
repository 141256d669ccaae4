import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { forEachEngine, openTestDatabase } from '../../test/databases.ts';
import type { Tx } from './transaction.ts';

forEachEngine('a transaction', (open) => {
  it('keeps what it wrote and tells waiters only after the commit', async () => {
    const db = await open();
    const seen: string[] = [];
    db.notifications.subscribe('pipeline:1', () => void seen.push('notified'));
    await db.transaction(async (tx) => {
      await tx.sql.insertInto('instance_settings').values({ name: 'a', value: '1' }).execute();
      tx.notify('pipeline:1');
      tx.notify('pipeline:1');
      assert.deepEqual(seen, []);
    });
    assert.deepEqual(seen, ['notified']);
    const row = await db.read.sql.selectFrom('instance_settings').selectAll().executeTakeFirstOrThrow();
    assert.deepEqual({ ...row }, { name: 'a', value: '1' });
  });

  it('leaves nothing behind when its work throws, and throws the same', async () => {
    const db = await open();
    const seen: string[] = [];
    db.notifications.subscribe('pipeline:1', () => void seen.push('notified'));
    const failure = new Error('no');
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.sql.insertInto('instance_settings').values({ name: 'a', value: '1' }).execute();
        tx.notify('pipeline:1');
        throw failure;
      }),
      failure,
    );
    assert.deepEqual(seen, []);
    assert.deepEqual(await db.read.sql.selectFrom('instance_settings').selectAll().execute(), []);
  });

  it('gives ids as numbers that are never used again', async () => {
    const db = await open();
    const insert = () =>
      db.transaction((tx) =>
        tx.sql
          .insertInto('job_definitions')
          .values({ digest: String(Math.random()), content: '{}' })
          .returning('id')
          .executeTakeFirstOrThrow(),
      );
    const first = await insert();
    const second = await insert();
    await db.transaction((tx) => tx.sql.deleteFrom('job_definitions').where('id', '=', second.id).execute());
    const third = await insert();
    assert.deepEqual([first.id, second.id, third.id], [1, 2, 3]);
  });

  it('names a violated uniqueness the same on every engine', async () => {
    const db = await open();
    const insert = () =>
      db.transaction((tx) =>
        tx.sql.insertInto('instance_settings').values({ name: 'a', value: '1' }).execute(),
      );
    await insert();
    await assert.rejects(insert(), (error) => db.capabilities.classify(error) === 'unique');
  });

  it('serialises or retries writers that read what they change', async () => {
    const db = await open();
    await db.transaction((tx) =>
      tx.sql.insertInto('pipeline_counters').values({ project_id: 1, last_iid: 0 }).execute(),
    );
    await Promise.all(
      Array.from({ length: 20 }, () =>
        db.transaction(async (tx) => {
          await tx.sql
            .updateTable('pipeline_counters')
            .set({ last_iid: sql`last_iid + 1` })
            .where('project_id', '=', 1)
            .execute();
        }),
      ),
    );
    const row = await db.read.sql
      .selectFrom('pipeline_counters')
      .select('last_iid')
      .executeTakeFirstOrThrow();
    assert.equal(row.last_iid, 20);
  });
});

describe('transactions that wait together (sqlite)', () => {
  it('are committed together, and one that fails takes none of its neighbours with it', async () => {
    const { database: db, drop } = await openTestDatabase('sqlite');
    const insert = (name: string) => (tx: Tx) =>
      tx.sql.insertInto('instance_settings').values({ name, value: '1' }).execute();
    const seen: string[] = [];
    const results = await Promise.allSettled([
      db.transaction(async (tx) => {
        tx.remember(
          () => seen.push('kept'),
          () => seen.push('forgotten'),
        );
        tx.afterCommit(() => seen.push('committed'));
        await insert('a')(tx);
      }),
      db.transaction(async (tx) => {
        await insert('b')(tx);
        throw new Error('no');
      }),
      db.transaction(async (tx) => {
        seen.push('next');
        await insert('c')(tx);
      }),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(seen, ['kept', 'next', 'committed']);
    const rows = await db.read.sql.selectFrom('instance_settings').select('name').orderBy('name').execute();
    assert.deepEqual(
      rows.map((row) => row.name),
      ['a', 'c'],
    );
    await drop();
  });

  it('are all refused, and nothing is kept of them, when their commit fails', async () => {
    const { database: db, drop } = await openTestDatabase('sqlite');
    const seen: string[] = [];
    const results = await Promise.allSettled([
      db.transaction(async (tx) => {
        tx.remember(
          () => seen.push('kept'),
          () => seen.push('forgotten'),
        );
        await tx.sql.insertInto('instance_settings').values({ name: 'a', value: '1' }).execute();
      }),
      // What a full disk does: the engine ends the whole transaction.
      db.transaction((tx) => sql`rollback`.execute(tx.sql).then(() => Promise.reject(new Error('full')))),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.deepEqual(seen, ['kept', 'forgotten']);
    assert.deepEqual(await db.read.sql.selectFrom('instance_settings').selectAll().execute(), []);
    await db.transaction((tx) =>
      tx.sql.insertInto('instance_settings').values({ name: 'b', value: '1' }).execute(),
    );
    await drop();
  });
});
