import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Capabilities } from './dialect/capabilities.ts';
import { onSqlite, openLog, openSqlite, sqliteCapabilities } from './dialect/sqlite.ts';
import { Notifications } from './notify.ts';
import { openTx } from './open-tx.ts';
import { SqliteWriter } from './sqlite-writer.ts';
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

/** Opens (and creates) the SQLite file at `path`. */
export function openSqliteDatabase(path: string): Database {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const writer = openSqlite(path, { readOnly: false });
  const reader = openSqlite(path, { readOnly: true });
  const writing = onSqlite(writer);
  const notifications = new Notifications();
  const log = openLog(path, writer);
  const newTx = () =>
    openTx(writing, sqliteCapabilities, notifications, (topics) => notifications.publish(topics));
  const transactions = new SqliteWriter(writer, newTx, log.sync);
  return {
    capabilities: sqliteCapabilities,
    read: { ...onSqlite(reader), capabilities: sqliteCapabilities, database: notifications },
    notifications,
    transaction: (work) => transactions.run(work),
    close: async () => {
      await transactions.idle();
      log.close();
      reader.close();
      writer.close();
    },
  };
}

/**
 * Connects to PostgreSQL at `url` with up to `poolSize` connections, a quarter of them for reads. Throws when it cannot be
 * reached.
 */
export async function openPostgresDatabase(url: string, poolSize = 16): Promise<Database> {
  // A server on SQLite does without the driver.
  const { connectPostgres } = await import('./postgres-database.ts');
  return connectPostgres(url, poolSize);
}
