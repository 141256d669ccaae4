import assert from 'node:assert/strict';
import { it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { gathered } from './gathered.ts';
import { sharedReading } from './shared-reading.ts';
import type { Reading } from './transaction.ts';

forEachEngine('reads of one moment', (open) => {
  it('are one query, whoever asks; the next moment asks again', async () => {
    const { read } = await open();
    const asked: number[][] = [];
    const square = gathered(async (_: Reading, keys: readonly number[]) => {
      asked.push([...keys]);
      return new Map(keys.filter((key) => key > 0).map((key) => [key, key * key]));
    });
    const found = await Promise.all([2, 3, 2, -1].map((key) => square(read, key)));
    assert.deepEqual(found, [4, 9, 4, undefined]);
    assert.equal(await square(read, 2), 4);
    assert.deepEqual(asked, [[2, 3, -1], [2]]);
  });

  it('in a transaction see what it wrote', async () => {
    const db = await open();
    const version = gathered(async (reading: Reading, scopes: readonly string[]) => {
      const rows = await reading.sql
        .selectFrom('queue_versions')
        .selectAll()
        .where('scope', 'in', scopes)
        .execute();
      return new Map(rows.map((row) => [row.scope, row.version]));
    });
    await db.transaction(async (tx) => {
      assert.equal(await version(tx, 'a'), undefined);
      await tx.sql.insertInto('queue_versions').values({ scope: 'a', version: '1' }).execute();
      assert.equal(await version(tx, 'a'), '1');
    });
  });

  it('through a shared reading are the rows of the first time', async () => {
    const db = await open();
    const text = "select version from queue_versions where scope = 'a'";
    const shared = sharedReading(db.read);
    assert.deepEqual(await shared.rows(text, []), []);
    await db.transaction((tx) =>
      tx.sql
        .insertInto('queue_versions')
        .values({ scope: 'a', version: '1' })
        .execute()
        .then(() => {}),
    );
    assert.deepEqual(await shared.rows(text, []), []);
    assert.equal((await db.read.rows(text, [])).length, 1);
  });
});
