import type { Selectable } from 'kysely';
import { statement } from '../../db/statement.ts';
import type { SessionsTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type SessionRow = Selectable<SessionsTable>;

const byDigest = statement<SessionRow>('select * from sessions where digest = ?');

export async function sessionRowByDigest(reading: Reading, digest: string): Promise<SessionRow | undefined> {
  return (await byDigest(reading, digest))[0];
}

/** The newest use first. */
export async function sessionRowsOfUser(reading: Reading, userId: number): Promise<SessionRow[]> {
  return await reading.sql
    .selectFrom('sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('last_used_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

export async function insertSession(tx: Tx, row: Omit<SessionRow, 'id'>): Promise<SessionRow> {
  return await tx.sql.insertInto('sessions').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function touchSession(tx: Tx, id: number, now: number): Promise<void> {
  await tx.sql.updateTable('sessions').set({ last_used_at: now }).where('id', '=', id).execute();
}

export async function deleteSession(tx: Tx, id: number, userId: number): Promise<boolean> {
  const { numDeletedRows } = await tx.sql
    .deleteFrom('sessions')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0n;
}

export async function deleteSessionsOfUser(tx: Tx, userId: number): Promise<void> {
  await tx.sql.deleteFrom('sessions').where('user_id', '=', userId).execute();
}

/** Those last used, or begun, at these times in milliseconds or before. */
export async function deleteSessionsBefore(
  tx: Tx,
  { lastUsed, created }: { lastUsed: number; created: number },
): Promise<void> {
  await tx.sql
    .deleteFrom('sessions')
    .where((eb) => eb.or([eb('last_used_at', '<=', lastUsed), eb('created_at', '<=', created)]))
    .execute();
}

/** Those of the sessions that were last used, and begun, since these times in milliseconds. */
export async function livingSessionIds(
  reading: Reading,
  ids: readonly number[],
  since: { lastUsed: number; created: number },
): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await reading.sql
    .selectFrom('sessions')
    .select('id')
    .where('id', 'in', ids)
    .where('last_used_at', '>', since.lastUsed)
    .where('created_at', '>', since.created)
    .execute();
  return new Set(rows.map(({ id }) => id));
}
