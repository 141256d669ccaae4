import { sql } from 'kysely';
import type { Database } from './database.ts';
import type { Capabilities } from './dialect/capabilities.ts';
import { initial } from './migrations/0001-initial.ts';
import { triggersAndAllowlists } from './migrations/0002-triggers-and-allowlists.ts';
import { schedulesAndHooks } from './migrations/0003-schedules-and-hooks.ts';
import { environments } from './migrations/0004-environments.ts';
import { runnerRegistration } from './migrations/0005-runner-registration.ts';
import { markedForDeletion } from './migrations/0006-marked-for-deletion.ts';
import { sessions } from './migrations/0007-sessions.ts';
import { unacceptedJobs } from './migrations/0008-unaccepted-jobs.ts';
import { chunkArrivals } from './migrations/0009-chunk-arrivals.ts';
import { forksSharesAndStars } from './migrations/0010-forks-shares-and-stars.ts';
import { statusEvents } from './migrations/0011-status-events.ts';
import { pipelineDrafts } from './migrations/0012-pipeline-drafts.ts';
import { commitStatuses } from './migrations/0013-commit-statuses.ts';
import { audit } from './migrations/0014-audit.ts';
import { freezePeriods } from './migrations/0015-freeze-periods.ts';
import { updatedAt } from './migrations/0016-updated-at.ts';
import { expiredPasswords } from './migrations/0017-expired-passwords.ts';
import { runnerAssignments } from './migrations/0018-runner-assignments.ts';
import { jobTokenIndex } from './migrations/0019-job-token-index.ts';
import { runningCounts } from './migrations/0020-running-counts.ts';
import { listIndexes } from './migrations/0021-list-indexes.ts';

/** One step of the schema, forward only. Once released it never changes. */
export interface Migration {
  /** `NNNN-what`; also its order. */
  name: string;
  statements: (types: Capabilities['types']) => string[];
}

/** All migrations in order; the schema of this version is what they make. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  triggersAndAllowlists,
  schedulesAndHooks,
  environments,
  runnerRegistration,
  markedForDeletion,
  sessions,
  unacceptedJobs,
  chunkArrivals,
  forksSharesAndStars,
  statusEvents,
  pipelineDrafts,
  commitStatuses,
  audit,
  freezePeriods,
  updatedAt,
  expiredPasswords,
  runnerAssignments,
  jobTokenIndex,
  runningCounts,
  listIndexes,
];

/** The database was written by a newer version: this one must not touch it. */
export class NewerDatabaseError extends Error {
  constructor(name: string) {
    super(
      `The database was upgraded by a newer version of Teaspoon (it has the migration ${name}). Start that version, or restore a backup made by this one.`,
    );
  }
}

/**
 * Brings the database to the newest schema, each migration in one transaction, so that a killed process leaves a whole
 * older schema. Throws NewerDatabaseError before anything is changed.
 */
export async function migrate(db: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  const done = await appliedMigrations(db);
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = done.find((name) => !known.has(name));
  if (unknown !== undefined) throw new NewerDatabaseError(unknown);
  for (const migration of migrations) {
    if (!done.includes(migration.name)) await apply(db, migration);
  }
}

/** Names of the migrations that `migrate` would run. Throws NewerDatabaseError for a database of a newer version. */
export async function pendingMigrations(db: Database): Promise<string[]> {
  const done = await appliedMigrations(db);
  const unknown = done.find((name) => !MIGRATIONS.some((known) => known.name === name));
  if (unknown !== undefined) throw new NewerDatabaseError(unknown);
  return MIGRATIONS.map(({ name }) => name).filter((name) => !done.includes(name));
}

async function appliedMigrations(db: Database): Promise<string[]> {
  await db.transaction(async (tx) => {
    await sql`create table if not exists migrations (name text primary key)`.execute(tx.sql);
  });
  const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(
    db.read.sql,
  );
  return rows.map((row) => row.name);
}

async function apply(db: Database, migration: Migration): Promise<void> {
  await db.transaction(async (tx) => {
    if (tx.capabilities.rowLocks) {
      await sql`lock table migrations in exclusive mode`.execute(tx.sql);
      const { rows } = await sql`select 1 from migrations where name = ${migration.name}`.execute(tx.sql);
      if (rows.length > 0) return; // another process was faster
    }
    for (const statement of migration.statements(db.capabilities.types)) {
      await sql.raw(statement).execute(tx.sql);
    }
    await sql`insert into migrations (name) values (${migration.name})`.execute(tx.sql);
  });
}
