import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { OpenTx } from './open-tx.ts';
import { SqliteWriter } from './sqlite-writer.ts';
import type { Tx } from './transaction.ts';

/* What a commit waits for; what a transaction is, `database.test.ts` shows on a real disk. */
describe('a write on SQLite', () => {
  let handle: DatabaseSync;
  let writer: SqliteWriter;
  let told: string[];
  let syncs: PromiseWithResolvers<void>[];

  beforeEach(() => {
    handle = new DatabaseSync(':memory:');
    handle.exec('create table rows (name text)');
    told = [];
    syncs = [];
    const open = (): OpenTx => ({
      tx: {} as Tx,
      released: () => told.push('released'),
      committed: () => told.push('committed'),
      lost: () => told.push('lost'),
    });
    writer = new SqliteWriter(handle, open, () => {
      const sync = Promise.withResolvers<void>();
      syncs.push(sync);
      return sync.promise;
    });
  });

  /** Its answer is told when it is given. */
  const write = (name: string) => {
    const written = writer.run(async () => {
      handle.prepare('insert into rows values (?)').run(name);
    });
    written.then(
      () => told.push(`answered ${name}`),
      (error: Error) => told.push(`refused ${name}: ${error.message}`),
    );
    return turns();
  };
  const turns = async () => {
    for (let n = 0; n < 5; n++) await setImmediate();
  };
  const rows = () =>
    handle
      .prepare('select name from rows')
      .all()
      .map(({ name }) => name);

  it('is answered when it is synced, not before', async () => {
    await write('a');
    assert.deepEqual([rows(), told, syncs.length], [['a'], ['released'], 1]);
    syncs[0]!.resolve();
    await turns();
    assert.deepEqual(told, ['released', 'committed', 'answered a']);
  });

  it('does not wait to be written for the sync of another, and is not answered by it', async () => {
    await write('a');
    await write('b');
    await write('c');
    assert.deepEqual([rows(), syncs.length], [['a', 'b', 'c'], 1]);
    syncs[0]!.resolve();
    await turns();
    assert.deepEqual(told.slice(-2), ['committed', 'answered a']);
    assert.equal(syncs.length, 2, 'one sync for both');
    syncs[1]!.resolve();
    await turns();
    assert.deepEqual(told.slice(-4), ['committed', 'committed', 'answered b', 'answered c']);
    await writer.idle();
  });

  it('is refused when its sync fails, and so is every later one: nobody knows what the disk holds', async () => {
    await write('a');
    await write('b');
    syncs[0]!.reject(new Error('no disk'));
    await turns();
    await write('c');
    assert.deepEqual(
      told.filter((word) => word !== 'released'),
      ['lost', 'refused a: no disk', 'lost', 'refused b: no disk', 'refused c: no disk'],
    );
    assert.deepEqual(rows(), ['a', 'b']);
    await writer.idle();
  });
});
