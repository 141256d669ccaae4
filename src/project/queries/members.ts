import type { Selectable } from 'kysely';
import { statement } from '../../db/statement.ts';
import type { MembersTable } from '../../db/tables/project.ts';
import type { Reading } from '../../db/transaction.ts';

export type MemberRow = Selectable<MembersTable>;

/** A namespace and everything above it, as `up`. */
const UP = `with recursive up (id, parent_id, owner_id) as (
  select id, parent_id, owner_id from namespaces where id = ?
  union all select n.id, n.parent_id, n.owner_id from namespaces n join up on n.id = up.parent_id)`;

const levelsOf = statement<{ level: number }>(
  `${UP} select 50 as level from up where owner_id = ?
   union all select access_level from members
     where source_type = 'project' and source_id = ? and user_id = ? and (expires_at is null or expires_at > ?)
   union all select access_level from members
     where source_type = 'group' and source_id in (select id from up) and user_id = ? and (expires_at is null or expires_at > ?)`,
);

/** Highest level of a user on a project: own, inherited, or as owner of the namespace; 0 without any. */
export async function accessLevelOf(
  reading: Reading,
  userId: number,
  projectId: number,
  namespaceId: number,
  now: number,
): Promise<number> {
  const today = new Date(now).toISOString().slice(0, 10);
  const rows = await levelsOf(reading, namespaceId, userId, projectId, userId, today, userId, today);
  return rows.reduce((highest, row) => Math.max(highest, Number(row.level)), 0);
}
