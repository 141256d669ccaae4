import type { Selectable } from 'kysely';
import { insertRows } from '../../db/insert-rows.ts';
import { statement } from '../../db/statement.ts';
import type { FreezePeriodsTable } from '../../db/tables/schedule.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type FreezePeriodRow = Selectable<FreezePeriodsTable>;

const ofProject = statement<FreezePeriodRow>('select * from freeze_periods where project_id = ? order by id');
const insert = insertRows<FreezePeriodRow>(
  'freeze_periods',
  ['project_id', 'freeze_start', 'freeze_end', 'cron_timezone', 'created_at', 'updated_at'],
  'returning *',
);
const update = statement<FreezePeriodRow>(
  'update freeze_periods set freeze_start = ?, freeze_end = ?, cron_timezone = ?, updated_at = ? where id = ? returning *',
);
const remove = statement('delete from freeze_periods where id = ?');

/** Freeze periods of a project, oldest first. */
export function freezePeriodRows(reading: Reading, projectId: number): Promise<FreezePeriodRow[]> {
  return ofProject(reading, projectId);
}

export async function insertFreezePeriod(tx: Tx, row: Omit<FreezePeriodRow, 'id'>): Promise<FreezePeriodRow> {
  const { project_id, freeze_start, freeze_end, cron_timezone, created_at, updated_at } = row;
  const [added] = await insert(tx, [
    [project_id, freeze_start, freeze_end, cron_timezone, created_at, updated_at],
  ]);
  return added!;
}

export async function updateFreezePeriod(tx: Tx, row: FreezePeriodRow): Promise<FreezePeriodRow | null> {
  const { freeze_start, freeze_end, cron_timezone, updated_at, id } = row;
  return (await update(tx, freeze_start, freeze_end, cron_timezone, updated_at, id))[0] ?? null;
}

export async function deleteFreezePeriod(tx: Tx, id: number): Promise<void> {
  await remove(tx, id);
}
