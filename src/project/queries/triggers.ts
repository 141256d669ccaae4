import type { Selectable } from 'kysely';
import { statement } from '../../db/statement.ts';
import type { TriggersTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type TriggerRow = Selectable<TriggersTable>;

const byDigest = statement<TriggerRow>('select * from triggers where digest = ?');
const ofProject = statement<TriggerRow>('select * from triggers where project_id = ? and id = ?');
const page = statement<TriggerRow>(
  'select * from triggers where project_id = ? order by id limit ? offset ?',
);
const count = statement<{ count: number }>('select count(*) as count from triggers where project_id = ?');

export async function triggerRowByDigest(reading: Reading, digest: string): Promise<TriggerRow | undefined> {
  return (await byDigest(reading, digest))[0];
}

export async function triggerRow(
  reading: Reading,
  projectId: number,
  id: number,
): Promise<TriggerRow | undefined> {
  return (await ofProject(reading, projectId, id))[0];
}

export async function triggerRows(
  reading: Reading,
  projectId: number,
  slice: { limit: number; offset: number },
): Promise<{ rows: TriggerRow[]; total: number }> {
  const rows = await page(reading, projectId, slice.limit, slice.offset);
  return { rows, total: Number((await count(reading, projectId))[0]!.count) };
}

export async function insertTrigger(tx: Tx, row: Omit<TriggerRow, 'id'>): Promise<TriggerRow> {
  return await tx.sql.insertInto('triggers').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function updateTriggerRow(
  tx: Tx,
  id: number,
  changes: Partial<Omit<TriggerRow, 'id'>>,
): Promise<void> {
  await tx.sql.updateTable('triggers').set(changes).where('id', '=', id).execute();
}

export async function deleteTriggerRow(tx: Tx, id: number): Promise<void> {
  await tx.sql.deleteFrom('triggers').where('id', '=', id).execute();
}
