import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

const insert = statement<{ project_id: number }>(
  'insert into stars (project_id, user_id, created_at) values (?, ?, ?) on conflict do nothing returning project_id',
);
const remove = statement<{ project_id: number }>(
  'delete from stars where project_id = ? and user_id = ? returning project_id',
);
const count = statement('update projects set star_count = star_count + ? where id = ?');
const countAll = statement(
  'update projects set star_count = star_count - 1 where id in (select project_id from stars where user_id = ?)',
);
const removeAll = statement('delete from stars where user_id = ?');

/** False when the user's star is there already. */
export async function insertStar(tx: Tx, projectId: number, userId: number, now: number): Promise<boolean> {
  if ((await insert(tx, projectId, userId, now)).length === 0) return false;
  await count(tx, 1, projectId);
  return true;
}

/** False when there was none. */
export async function deleteStar(tx: Tx, projectId: number, userId: number): Promise<boolean> {
  if ((await remove(tx, projectId, userId)).length === 0) return false;
  await count(tx, -1, projectId);
  return true;
}

export async function deleteStarsOf(tx: Tx, userId: number): Promise<void> {
  await countAll(tx, userId);
  await removeAll(tx, userId);
}

/** Who gave a star and when, the newest first. */
export async function starRows(
  reading: Reading,
  projectId: number,
): Promise<{ user_id: number; created_at: number }[]> {
  return await reading.sql
    .selectFrom('stars')
    .select(['user_id', 'created_at'])
    .where('project_id', '=', projectId)
    .orderBy('created_at', 'desc')
    .orderBy('user_id', 'desc')
    .execute();
}
