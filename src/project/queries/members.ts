import type { Selectable } from 'kysely';
import { statement } from '../../db/statement.ts';
import type { MembersTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

import { likeText } from './like.ts';

export type MemberRow = Selectable<MembersTable>;

function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

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
  const today = dayOf(now);
  const rows = await levelsOf(reading, namespaceId, userId, projectId, userId, today, userId, today);
  return rows.reduce((highest, row) => Math.max(highest, Number(row.level)), 0);
}

const groupLevels = statement<{ level: number }>(
  `with recursive up (id, parent_id) as (
     select id, parent_id from namespaces where id = ?
     union all select n.id, n.parent_id from namespaces n join up on n.id = up.parent_id)
   select access_level as level from members
   where source_type = 'group' and source_id in (select id from up) and user_id = ?
     and (expires_at is null or expires_at > ?)`,
);

/** Highest level of a user on a group, own or inherited; 0 without any. */
export async function groupLevel(
  reading: Reading,
  userId: number,
  groupId: number,
  now: number,
): Promise<number> {
  const rows = await groupLevels(reading, groupId, userId, dayOf(now));
  return rows.reduce((highest, row) => Math.max(highest, Number(row.level)), 0);
}

const below = statement<{ one: number }>(
  `select 1 as one from members m join projects p on m.source_type = 'project' and p.id = m.source_id
   where m.user_id = ? and p.path_key like ? escape '\\' and (m.expires_at is null or m.expires_at > ?)
   union all
   select 1 from members m join namespaces n on m.source_type = 'group' and n.id = m.source_id
   where m.user_id = ? and n.path_key like ? escape '\\' and (m.expires_at is null or m.expires_at > ?)
   limit 1`,
);

/** Whether a user is a member of some project or group below a namespace. */
export async function isBelowMember(
  reading: Reading,
  userId: number,
  fullPath: string,
  now: number,
): Promise<boolean> {
  const pattern = `${likeText(fullPath.toLowerCase())}/%`;
  const today = dayOf(now);
  return (await below(reading, userId, pattern, today, userId, pattern, today)).length > 0;
}

export async function insertMember(tx: Tx, row: Omit<MemberRow, 'id'>): Promise<MemberRow> {
  return await tx.sql.insertInto('members').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function updateMember(
  tx: Tx,
  id: number,
  changes: Partial<Omit<MemberRow, 'id'>>,
): Promise<void> {
  await tx.sql.updateTable('members').set(changes).where('id', '=', id).execute();
}

export async function deleteMember(tx: Tx, id: number): Promise<void> {
  await tx.sql.deleteFrom('members').where('id', '=', id).execute();
}

/** Direct members of a project or group. */
export async function memberRows(
  reading: Reading,
  sourceType: 'project' | 'group',
  sourceIds: readonly number[],
): Promise<MemberRow[]> {
  if (sourceIds.length === 0) return [];
  return await reading.sql
    .selectFrom('members')
    .selectAll()
    .where('source_type', '=', sourceType)
    .where('source_id', 'in', sourceIds)
    .orderBy('id')
    .execute();
}

/** All memberships of a user. */
export async function memberRowsOfUser(reading: Reading, userId: number): Promise<MemberRow[]> {
  return await reading.sql
    .selectFrom('members')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('id')
    .execute();
}

export async function deleteMembershipsOf(tx: Tx, userId: number): Promise<void> {
  await tx.sql.deleteFrom('members').where('user_id', '=', userId).execute();
}

const soleOwners = statement<{ count: number }>(
  `select count(*) as count from members m
   where m.user_id = ? and m.source_type = 'group' and m.access_level = 50 and not exists (
     select 1 from members o where o.source_type = 'group' and o.source_id = m.source_id
       and o.access_level = 50 and o.user_id <> m.user_id)`,
);

/** Groups whose only owner is this user. */
export async function soleOwnerCount(reading: Reading, userId: number): Promise<number> {
  return Number((await soleOwners(reading, userId))[0]?.count ?? 0);
}
