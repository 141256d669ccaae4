import type { Selectable } from 'kysely';
import { gathered } from '../../db/gathered.ts';
import { rowsStatement } from '../../db/list-statement.ts';
import { statement } from '../../db/statement.ts';
import type { VariablesTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type VariableRow = Selectable<VariablesTable>;

const ofOwners = rowsStatement<VariableRow>(
  `select v.* from (rows) o join variables v on v.level = o.column2 and v.owner_id = o.column1 order by v.id`,
  ['bigint', 'text'],
);
const ofOwner = gathered(async (reading, owners: readonly string[]) => {
  const rows = await ofOwners(
    reading,
    [],
    owners.map((owner) => {
      const [level, id] = owner.split(' ');
      return [Number(id), level];
    }),
  );
  const unique = new Map(rows.map((row) => [row.id, row]));
  return Map.groupBy(unique.values(), (row) => `${row.level} ${row.owner_id}`);
});
const count = statement<{ count: number }>(
  'select count(*) as count from variables where level = ? and owner_id = ?',
);

/** Variables of one level and owner, oldest first. */
export async function variableRows(reading: Reading, level: string, ownerId: number): Promise<VariableRow[]> {
  return (await ofOwner(reading, `${level} ${ownerId}`)) ?? [];
}

export async function countVariables(reading: Reading, level: string, ownerId: number): Promise<number> {
  return Number((await count(reading, level, ownerId))[0]?.count ?? 0);
}

export async function insertVariableRow(tx: Tx, row: Omit<VariableRow, 'id'>): Promise<VariableRow> {
  return await tx.sql.insertInto('variables').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function updateVariableRow(
  tx: Tx,
  id: number,
  changes: Partial<Omit<VariableRow, 'id'>>,
): Promise<void> {
  await tx.sql.updateTable('variables').set(changes).where('id', '=', id).execute();
}

export async function deleteVariableRow(tx: Tx, id: number): Promise<void> {
  await tx.sql.deleteFrom('variables').where('id', '=', id).execute();
}
