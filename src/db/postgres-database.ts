import type pg from 'pg';
import type { Database } from './database.ts';
import { gatherMessages, onPostgres, openPostgres, postgresCapabilities } from './dialect/postgres.ts';
import { PostgresReader } from './dialect/postgres-reader.ts';
import { PostgresNotifications } from './notify/postgres.ts';
import { Notifications } from './notify.ts';
import { openTx } from './open-tx.ts';
import type { Tx } from './transaction.ts';

/** How often a transaction is run that the database asks to run again. */
const MAX_ATTEMPTS = 5;

/** Connects to PostgreSQL at `url` with up to `poolSize` connections, a quarter of them for reads. Throws when it cannot be reached. */
export async function connectPostgres(url: string, poolSize = 16): Promise<Database> {
  const readers = Math.max(1, Math.floor(poolSize / 4));
  const pool = openPostgres(url, Math.max(1, poolSize - readers));
  const reader = new PostgresReader(url, readers);
  pool.on('error', () => {}); // an idle connection that broke is replaced by the pool
  const notifications: Notifications = new Notifications((topics) => remote.send(topics));
  const remote = new PostgresNotifications(url, notifications);
  await remote.start().catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const publish = (topics: Set<string>) => {
    notifications.publish(topics);
    notifications.send(topics);
  };
  return {
    capabilities: postgresCapabilities,
    read: { ...onPostgres(reader), capabilities: postgresCapabilities, database: notifications },
    notifications,
    transaction: (work) => inPostgres(pool, notifications, publish, work),
    close: async () => {
      await remote.close();
      await reader.end();
      await pool.end();
    },
  };
}

async function inPostgres<T>(
  pool: pg.Pool,
  notifications: Notifications,
  publish: (topics: Set<string>) => void,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await pool.connect();
    let broken = false;
    try {
      const { tx, released, committed } = openTx(
        onPostgres(client),
        postgresCapabilities,
        notifications,
        publish,
      );
      gatherMessages(client);
      const begun = client.query('begin');
      begun.catch(() => {}); // then what follows fails as well
      const result = await work(tx);
      await begun;
      await client.query('commit');
      released();
      committed();
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => {
        broken = true;
      });
      if (postgresCapabilities.classify(error) !== 'retry' || attempt === MAX_ATTEMPTS) throw error;
    } finally {
      client.release(broken);
    }
  }
}
