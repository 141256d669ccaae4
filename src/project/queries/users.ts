import type { Selectable } from 'kysely';
import { gathered } from '../../db/gathered.ts';
import { listStatement } from '../../db/list-statement.ts';
import type { UsersTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type UserRow = Selectable<UsersTable>;

/** Accounts that were removed are found by nobody; their rows stay because the past names them. */
const byIds = listStatement<UserRow>("select * from users where id in (list) and state <> 'removed'");
const byId = gathered(async (reading, ids: readonly number[]) => {
  const rows = await byIds(reading, [], ids);
  return new Map(rows.map((row) => [row.id, row]));
});

export async function userRow(reading: Reading, id: number): Promise<UserRow | undefined> {
  return await byId(reading, id);
}

export async function userRows(reading: Reading, ids: readonly number[]): Promise<UserRow[]> {
  if (ids.length === 0) return [];
  return await reading.sql
    .selectFrom('users')
    .selectAll()
    .where('id', 'in', ids)
    .where('state', '<>', 'removed')
    .execute();
}

/** Name or e-mail address, whatever its case. */
export async function userRowByLogin(reading: Reading, login: string): Promise<UserRow | undefined> {
  const key = login.toLowerCase();
  return await reading.sql
    .selectFrom('users')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb(eb.fn<string>('lower', ['username']), '=', key),
        eb(eb.fn<string>('lower', ['email']), '=', key),
      ]),
    )
    .executeTakeFirst();
}

export async function userRowByEmail(reading: Reading, email: string): Promise<UserRow | undefined> {
  return await reading.sql
    .selectFrom('users')
    .selectAll()
    .where((eb) => eb(eb.fn<string>('lower', ['email']), '=', email.toLowerCase()))
    .executeTakeFirst();
}

export async function countUsers(reading: Reading): Promise<number> {
  const { count } = await reading.sql
    .selectFrom('users')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function insertUser(tx: Tx, row: Omit<UserRow, 'id'>): Promise<UserRow> {
  return await tx.sql.insertInto('users').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function updateUser(tx: Tx, id: number, changes: Partial<Omit<UserRow, 'id'>>): Promise<void> {
  await tx.sql.updateTable('users').set(changes).where('id', '=', id).execute();
}
