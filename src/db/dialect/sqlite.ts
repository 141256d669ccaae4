import { closeSync, fdatasync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { promisify } from 'node:util';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Tables } from '../tables.ts';
import type { Reading } from '../transaction.ts';
import type { Capabilities, DatabaseErrorKind } from './capabilities.ts';

const ERROR_KINDS: Record<number, DatabaseErrorKind> = {
  5: 'retry', // SQLITE_BUSY
  13: 'full', // SQLITE_FULL
  787: 'foreign_key',
  1555: 'unique', // primary key
  2067: 'unique',
};

export const sqliteCapabilities: Capabilities = {
  engine: 'sqlite',
  rowLocks: false,
  lateral: false,
  sharedByProcesses: false,
  types: {
    id: 'integer primary key autoincrement',
    integer: 'integer',
    real: 'real',
    bytes: 'blob',
    transactionId: '0',
  },
  settled: () => 'true',
  classify: (error) => {
    const code = (error as { errcode?: unknown } | null)?.errcode;
    return typeof code === 'number' ? (ERROR_KINDS[code] ?? null) : null;
  },
};

/** Opens a handle; the caller says whether it may write. Pragmas in the order in which they matter. */
export function openSqlite(path: string, options: { readOnly: boolean }): DatabaseSync {
  const handle = new DatabaseSync(path, { readOnly: options.readOnly, timeout: 5000 });
  if (!options.readOnly) {
    handle.exec('pragma journal_mode = wal'); // readers never wait for the writer
    handle.exec('pragma synchronous = normal'); // the log is synced by whoever commits, without standing still for it
    handle.exec('pragma wal_autocheckpoint = 4000'); // pages; a checkpoint costs two syncs, so not too often
  }
  handle.exec('pragma foreign_keys = on');
  handle.exec('pragma cache_size = -32000'); // KiB
  handle.exec('pragma temp_store = memory');
  return handle;
}

/**
 * Opens the write-ahead log of `writer`'s database at `path`; `sync` makes durable what it holds. The file stays the same while
 * a handle is open, and the order of its frames keeps a later commit from outliving an earlier one.
 */
export function openLog(
  path: string,
  writer: DatabaseSync,
): { sync: () => Promise<void>; close: () => void } {
  writer.exec('begin immediate; commit'); // the first transaction makes the file
  const file = openSync(`${path}-wal`, 'r+');
  return { sync: () => fdatasyncOf(file), close: () => closeSync(file) };
}

const fdatasyncOf = promisify(fdatasync);

/** What reads and writes on one synchronous handle. Statements are prepared once per SQL text. */
export function onSqlite(handle: DatabaseSync): Pick<Reading, 'sql' | 'rows'> {
  const connection = new SqliteConnection(handle);
  const sql = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new SingleConnectionDriver(connection),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  return { sql, rows: (text, parameters) => connection.rows(text, parameters) };
}

class SqliteConnection implements DatabaseConnection {
  readonly #handle: DatabaseSync;
  readonly #statements = new Map<string, { statement: StatementSync; returnsRows: boolean }>();

  constructor(handle: DatabaseSync) {
    this.#handle = handle;
  }

  async rows(text: string, parameters: readonly unknown[]): Promise<unknown[]> {
    return this.#prepare(text).statement.all(...(parameters as SQLInputValue[]));
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { statement, returnsRows } = this.#prepare(query.sql);
    const parameters = query.parameters as SQLInputValue[];
    if (returnsRows) return { rows: statement.all(...parameters) as R[] };
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  // biome-ignore lint/correctness/useYield: part of Kysely's interface; results here are never larger than a page
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('streaming a query is not supported on SQLite');
  }

  #prepare(sql: string): { statement: StatementSync; returnsRows: boolean } {
    let entry = this.#statements.get(sql);
    if (entry === undefined) {
      const statement = this.#handle.prepare(sql);
      entry = { statement, returnsRows: statement.columns().length > 0 };
      // Queries with lists of varying length make new texts; the oldest goes when there are many.
      if (this.#statements.size >= 1000) this.#statements.delete(this.#statements.keys().next().value!);
      this.#statements.set(sql, entry);
    }
    return entry;
  }
}

/** Hands out the one connection without a lock: SQLite's calls are synchronous and our transactions serialise writers. */
class SingleConnectionDriver implements Driver {
  readonly #connection: DatabaseConnection;
  constructor(connection: DatabaseConnection) {
    this.#connection = connection;
  }
  async init(): Promise<void> {}
  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }
  async releaseConnection(): Promise<void> {}
  async destroy(): Promise<void> {}
  async beginTransaction(): Promise<void> {
    throw new Error('begin transactions with Database.transaction');
  }
  async commitTransaction(): Promise<void> {}
  async rollbackTransaction(): Promise<void> {}
}
