import type { Kysely } from 'kysely';
import type { Capabilities } from './dialect/capabilities.ts';
import type { Tables } from './tables.ts';

/** A place to read from: a reader handle, or the transaction one is in. Only `queries.ts` files touch `sql`. */
export interface Reading {
  readonly sql: Kysely<Tables>;
  /** Runs a text with its parameters, past Kysely; `statement.ts` calls it. */
  rows(text: string, parameters: readonly unknown[]): Promise<unknown[]>;
  readonly capabilities: Capabilities;
  /** The database it belongs to: a key for what this process remembers about it. */
  readonly database: object;
}

/** One transaction. Other rooms pass it along without looking inside. No I/O but the database's happens within. */
export interface Tx extends Reading {
  /** Tells whoever waits on `topic`, in this and other processes, once the commit is durable. A hint, never the truth. */
  notify(topic: string): void;
  /** Runs in this process after the commit, never after a rollback. Must not throw. */
  afterCommit(work: () => void): void;
  /**
   * For what a process keeps in memory of the rows it wrote: `keep` runs when the transaction's work is done and later
   * transactions see its rows, which may be before the commit; `forget` runs when that commit then fails. Neither throws.
   */
  remember(keep: () => void, forget: () => void): void;
}
