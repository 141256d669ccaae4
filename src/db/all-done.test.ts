import assert from 'node:assert/strict';
import { it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { allDone } from './all-done.ts';
import type { Tx } from './transaction.ts';

forEachEngine('work that a transaction does side by side', (open) => {
  const write = (tx: Tx, scope: string) =>
    tx.sql.insertInto('queue_versions').values({ scope, version: '1' }).execute();

  it('gives all results', async () => {
    const db = await open();
    const results = await db.transaction((tx) => allDone([write(tx, 'a').then(() => 1), write(tx, 'b')]));
    assert.equal(results[0], 1);
    const rows = await db.read.sql.selectFrom('queue_versions').select('scope').orderBy('scope').execute();
    assert.deepEqual(
      rows.map(({ scope }) => scope),
      ['a', 'b'],
    );
  });

  it('leaves nothing when a part fails, of parts that go on later neither', async () => {
    const db = await open();
    const slow = async (tx: Tx) => {
      for (let n = 0; n < 20; n++) await write(tx, `slow ${n}`);
    };
    const failing = async () => {
      throw new Error('stale');
    };
    await assert.rejects(
      db.transaction((tx) => allDone([slow(tx), failing()])),
      /stale/,
    );
    await db.transaction(async (tx) => void (await write(tx, 'next')));
    const rows = await db.read.sql.selectFrom('queue_versions').select('scope').execute();
    assert.deepEqual(
      rows.map(({ scope }) => scope),
      ['next'],
    );
  });
});
