import type { Selectable } from 'kysely';
import type { SharesTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type ShareRow = Selectable<SharesTable>;

export async function insertShare(tx: Tx, row: Omit<ShareRow, 'id'>): Promise<ShareRow> {
  return await tx.sql.insertInto('shares').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function deleteShare(tx: Tx, id: number): Promise<void> {
  await tx.sql.deleteFrom('shares').where('id', '=', id).execute();
}

/** Shares of these projects or groups, oldest first. */
export async function shareRows(
  reading: Reading,
  sourceType: 'project' | 'group',
  sourceIds: readonly number[],
): Promise<ShareRow[]> {
  if (sourceIds.length === 0) return [];
  return await reading.sql
    .selectFrom('shares')
    .selectAll()
    .where('source_type', '=', sourceType)
    .where('source_id', 'in', sourceIds)
    .orderBy('id')
    .execute();
}
