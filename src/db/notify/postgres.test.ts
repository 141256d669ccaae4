import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { ENGINES } from '../../../test/databases.ts';
import { createPostgresDatabase } from '../../../test/postgres.ts';
import { type Database, openPostgresDatabase } from '../database.ts';

const skip = !ENGINES.includes('postgres') && 'PostgreSQL was not chosen by DB=';

describe('a notification between processes that share a PostgreSQL', { skip }, () => {
  let url: string;
  let drop: () => Promise<void>;
  let one: Database;
  let other: Database;
  before(async () => {
    ({ url, drop } = await createPostgresDatabase());
    [one, other] = await Promise.all([openPostgresDatabase(url, 2), openPostgresDatabase(url, 2)]);
  });
  after(async () => {
    await Promise.all([one.close(), other.close()]);
    await drop();
  });

  /** Resolves at the next publication of `topic` in `database`. */
  const heard = (database: Database, topic: string) =>
    new Promise<void>((resolve) => {
      const unsubscribe = database.notifications.subscribe(topic, () => {
        unsubscribe();
        resolve();
      });
    });

  it('reaches who waits in this process and in the others, once', async () => {
    let times = 0;
    const unsubscribe = one.notifications.subscribe('queue:instance', () => void times++);
    const arrived = heard(other, 'queue:instance');
    await one.transaction(async (tx) => tx.notify('queue:instance'));
    await arrived;
    // What is sent after it has gone round too, so nothing of the first is still under way.
    const back = heard(one, 'pipeline:1');
    await other.transaction(async (tx) => tx.notify('pipeline:1'));
    await back;
    unsubscribe();
    assert.equal(times, 1);
  });

  it('holds many topics in few messages and loses none', async () => {
    const topics = Array.from({ length: 2000 }, (_, n) => `pipeline:${n}`);
    const arrived = Promise.all(topics.map((topic) => heard(other, topic)));
    await one.transaction(async (tx) => {
      for (const topic of topics) tx.notify(topic);
    });
    await arrived;
    assert.equal(other.notifications.size, 0);
  });

  it('may be lost with its connection: then everybody looks again, and the next one arrives', async () => {
    const told = heard(other, 'trace:7');
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    await admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await admin.end();
    await told;
    const arrived = heard(other, 'trace:8');
    const resend = setInterval(() => void one.transaction(async (tx) => tx.notify('trace:8')), 50);
    await arrived;
    clearInterval(resend);
  });
});
