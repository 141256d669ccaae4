import type { Reading, Tx } from '../db/transaction.ts';
import { deleteStar, insertStar, starRows } from './queries/stars.ts';
import { type User, usersByIds } from './user.ts';

/** Gives a project a user's star; false when it has it already (rest-resources 1.1). */
export function star(tx: Tx, projectId: number, userId: number, now: number): Promise<boolean> {
  return insertStar(tx, projectId, userId, now);
}

/** Takes it back; false when there was none. */
export function unstar(tx: Tx, projectId: number, userId: number): Promise<boolean> {
  return deleteStar(tx, projectId, userId);
}

/** Who gave a star and when (milliseconds), the newest first. */
export async function starrersOf(
  reading: Reading,
  projectId: number,
): Promise<{ user: User; since: number }[]> {
  const rows = await starRows(reading, projectId);
  const users = await usersByIds(
    reading,
    rows.map((row) => row.user_id),
  );
  return rows.flatMap((row) => {
    const user = users.get(row.user_id);
    return user === undefined ? [] : [{ user, since: row.created_at }];
  });
}
