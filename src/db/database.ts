import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Kysely } from 'kysely';
import type pg from 'pg';
import type { Capabilities } from './dialect/capabilities.ts';
import { kyselyOnPostgres, openPostgres, postgresCapabilities } from './dialect/postgres.ts';
import { kyselyOnSqlite, openSqlite, sqliteCapabilities } from './dialect/sqlite.ts';
import { PostgresNotifications } from './notify/postgres.ts';
import { Notifications } from './notify.ts';
import { type OpenTx, SqliteWriter } from './sqlite-writer.ts';
import type { Tables } from './tables.ts';
import type { Reading, Tx } from './transaction.ts';

/** The database of a server: a reader handle, serialised or pooled writers, and wakeups after commit. */
export interface Database {
  readonly capabilities: Capabilities;
  /** For reads outside a transaction. */
  readonly read: Reading;
  readonly notifications: Notifications;
  /**
   * Runs `work` in one transaction and commits, durably, before it returns. Rolls back when `work` throws, and throws
   * the same. May run `work` again when the engine asks for it, so `work` changes nothing but the database.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const MAX_ATTEMPTS = 5;

/** Opens (and creates) the SQLite file at `path`. */
export function openSqliteDatabase(path: string): Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const writer = openSqlite(path, { readOnly: false });
  const reader = openSqlite(path, { readOnly: true });
  const writing = kyselyOnSqlite(writer);
  const notifications = new Notifications();
  const transactions = new SqliteWriter(writer, () =>
    openTx(writing, sqliteCapabilities, notifications, (topics) => notifications.publish(topics)),
  );
  return {
    capabilities: sqliteCapabilities,
    read: { sql: kyselyOnSqlite(reader), capabilities: sqliteCapabilities },
    notifications,
    transaction: (work) => transactions.run(work),
    close: async () => {
      await transactions.idle();
      reader.close();
      writer.close();
    },
  };
}

/** Connects to PostgreSQL at `url` with up to `poolSize` connections. Throws when it cannot be reached. */
export async function openPostgresDatabase(url: string, poolSize = 16): Promise<Database> {
  const pool = openPostgres(url, poolSize);
  pool.on('error', () => {}); // an idle connection that broke is replaced by the pool
  const notifications = new Notifications();
  const remote = new PostgresNotifications(url, notifications);
  await remote.start().catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const publish = (topics: Set<string>) => {
    notifications.publish(topics);
    remote.send(topics);
  };
  return {
    capabilities: postgresCapabilities,
    read: { sql: kyselyOnPostgres(pool), capabilities: postgresCapabilities },
    notifications,
    transaction: (work) => inPostgres(pool, notifications, publish, work),
    close: async () => {
      await remote.close();
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
        kyselyOnPostgres(client),
        postgresCapabilities,
        notifications,
        publish,
      );
      await client.query('begin');
      const result = await work(tx);
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

function openTx(
  sql: Kysely<Tables>,
  capabilities: Capabilities,
  database: object,
  publish: (topics: Set<string>) => void,
): OpenTx {
  const topics = new Set<string>();
  const works: (() => void)[] = [];
  const memories: { keep: () => void; forget: () => void }[] = [];
  const tx: Tx = {
    sql,
    capabilities,
    database,
    notify: (topic) => void topics.add(topic),
    afterCommit: (work) => void works.push(work),
    remember: (keep, forget) => void memories.push({ keep, forget }),
  };
  return {
    tx,
    released: () => {
      for (const { keep } of memories) keep();
    },
    lost: () => {
      for (const { forget } of memories) forget();
    },
    committed: () => {
      for (const work of works) work();
      publish(topics);
    },
  };
}
