/** What differs between the engines, by name. A branch on the engine anywhere else is a defect. */
export interface Capabilities {
  readonly engine: 'sqlite' | 'postgres';
  /** `for update [skip locked]` exists; on SQLite the one serialised writer makes it needless. */
  readonly rowLocks: boolean;
  /** A subquery in `from` may refer to the tables before it. */
  readonly lateral: boolean;
  /** Other processes may share the database, so live data must not stay in this one's files or memory. */
  readonly sharedByProcesses: boolean;
  /** Column types of a migration. */
  readonly types: {
    /** A primary key that the database numbers and never reuses. */
    readonly id: string;
    readonly integer: string;
    readonly real: string;
    readonly bytes: string;
    /** The number of the transaction that inserts a row, as the default of a column. */
    readonly transactionId: string;
  };
  /** SQL: whether a row of the transaction in this column has no open transaction before it. */
  settled(column: string): string;
  /** Names a driver's error, or null for one that nobody expects. */
  classify(error: unknown): DatabaseErrorKind | null;
}

/** `retry` covers a busy writer, a deadlock and a serialization failure: the same transaction may succeed when run again. */
export type DatabaseErrorKind = 'unique' | 'foreign_key' | 'retry' | 'unreachable' | 'full';
