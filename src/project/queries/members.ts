import type { Selectable } from 'kysely';
import { gathered } from '../../db/gathered.ts';
import { rowsStatement } from '../../db/list-statement.ts';
import { statement } from '../../db/statement.ts';
import type { MembersTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

import { likeText } from './like.ts';

export type MemberRow = Selectable<MembersTable>;

function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/**
 * A project's namespace, the groups it is shared with, and everything above them, as `reach`; `cap` is the most that a
 * membership found there is worth.
 */
const REACH = `with recursive reach (id, parent_id, owner_id, cap) as (
  select id, parent_id, owner_id, 50 from namespaces where id = NAMESPACE
  union all
  select n.id, n.parent_id, null, s.access_level from shares s join namespaces n on n.id = s.group_id
    where s.source_type = 'project' and s.source_id = PROJECT and (s.expires_at is null or s.expires_at > TODAY)
  union all
  select n.id, n.parent_id, n.owner_id, r.cap from namespaces n join reach r on n.id = r.parent_id)`;

/** Levels of one user, or of everybody, through the groups in `reach`, and through those that they are shared with. */
function throughGroups(whose: 'one' | 'all'): string {
  const isHe = whose === 'one' ? 'm.user_id = HIS_ID and' : '';
  return `
  select m.user_id, case when m.access_level < r.cap then m.access_level else r.cap end as level
    from reach r join members m on m.source_type = 'group' and m.source_id = r.id
    where ${isHe} (m.expires_at is null or m.expires_at > TODAY)
  union all
  select m.user_id, case when m.access_level < s.access_level and m.access_level < r.cap then m.access_level
      when s.access_level < r.cap then s.access_level else r.cap end
    from reach r join shares s on s.source_type = 'group' and s.source_id = r.id
    join members m on m.source_type = 'group' and m.source_id = s.group_id
    where ${isHe} (m.expires_at is null or m.expires_at > TODAY) and (s.expires_at is null or s.expires_at > TODAY)`;
}

/** Levels on a project, of one user or of everybody. */
function projectLevels(whose: 'one' | 'all'): string {
  return `${REACH} select owner_id as user_id, 50 as level from reach
     where ${whose === 'one' ? 'owner_id = HIS_ID' : 'owner_id is not null'}
   union all select user_id, access_level from members
     where source_type = 'project' and source_id = PROJECT ${whose === 'one' ? 'and user_id = HIS_ID' : ''}
       and (expires_at is null or expires_at > TODAY)
   union all ${throughGroups(whose)}`;
}

/** Puts columns of `k`, or a parameter each, where the texts above name what they are about. */
function about(text: string, columns: Readonly<Record<string, string>> = {}): string {
  return text.replaceAll(/\b(NAMESPACE|PROJECT|HIS_ID|TODAY)\b/g, (name) => columns[name] ?? '?');
}

const levels = rowsStatement<{ user_id: number; project_id: number; today: string; level: number | null }>(
  `select k.column1 as user_id, k.column2 as project_id, k.column3 as today, (select max(level) from (${about(
    projectLevels('one'),
    {
      HIS_ID: 'k.column1',
      PROJECT: 'k.column2',
      NAMESPACE: '(select namespace_id from projects where id = k.column2)',
      TODAY: 'k.column3',
    },
  )}) his) as level from (rows) k`,
  ['bigint', 'bigint', 'text'],
);
const levelOf = gathered(async (reading, keys: readonly string[]) => {
  const rows = await levels(
    reading,
    [],
    keys.map((key) => key.split(' ')),
  );
  return new Map(rows.map((row) => [`${row.user_id} ${row.project_id} ${row.today}`, row.level ?? 0]));
});
const allLevels = statement<{ user_id: number; level: number }>(about(projectLevels('all')));

/** Highest level of a user on a project: own, inherited, through a share, or as owner of the namespace; 0 without any. */
export async function accessLevelOf(
  reading: Reading,
  userId: number,
  projectId: number,
  now: number,
): Promise<number> {
  return (await levelOf(reading, `${userId} ${projectId} ${dayOf(now)}`)) ?? 0;
}

/** Highest level of everybody who has one on a project, by user id. */
export async function levelsOnProject(
  reading: Reading,
  projectId: number,
  namespaceId: number,
  now: number,
): Promise<Map<number, number>> {
  const today = dayOf(now);
  const rows = await allLevels(
    reading,
    ...[namespaceId, projectId, today, projectId, today],
    ...[today, today, today],
  );
  const levels = new Map<number, number>();
  for (const { user_id, level } of rows) {
    levels.set(user_id, Math.max(Number(level), levels.get(user_id) ?? 0));
  }
  return levels;
}

const groupLevels = statement<{ level: number }>(
  `with recursive reach (id, parent_id, cap) as (
     select id, parent_id, 50 from namespaces where id = ?
     union all select n.id, n.parent_id, 50 from namespaces n join reach r on n.id = r.parent_id)
   ${about(throughGroups('one'))}`,
);

/** Highest level of a user on a group, own, inherited or through a share; 0 without any. */
export async function groupLevel(
  reading: Reading,
  userId: number,
  groupId: number,
  now: number,
): Promise<number> {
  const today = dayOf(now);
  const rows = await groupLevels(reading, groupId, userId, today, userId, today, today);
  return rows.reduce((highest, row) => Math.max(highest, Number(row.level)), 0);
}

const below = statement<{ one: number }>(
  `with recursive mine (id) as (
     select source_id from members where source_type = 'group' and user_id = ? and (expires_at is null or expires_at > ?)
     union select n.id from namespaces n join mine on n.parent_id = mine.id)
   select 1 as one from members m join projects p on m.source_type = 'project' and p.id = m.source_id
   where m.user_id = ? and p.path_key like ? escape '\\' and (m.expires_at is null or m.expires_at > ?)
   union all
   select 1 from mine join namespaces n on n.id = mine.id where n.path_key like ? escape '\\'
   union all
   select 1 from mine join shares s on s.group_id = mine.id and (s.expires_at is null or s.expires_at > ?)
     left join projects p on s.source_type = 'project' and p.id = s.source_id
     left join namespaces n on s.source_type = 'group' and n.id = s.source_id
   where coalesce(p.path_key, n.path_key) like ? escape '\\'
   limit 1`,
);

/** Whether a user is a member of some project or group below a namespace, by himself or through a share. */
export async function isBelowMember(
  reading: Reading,
  userId: number,
  fullPath: string,
  now: number,
): Promise<boolean> {
  const pattern = `${likeText(fullPath.toLowerCase())}/%`;
  const today = dayOf(now);
  return (await below(reading, userId, today, userId, pattern, today, pattern, today, pattern)).length > 0;
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

const soleOwned = statement<{ id: number }>(
  `select m.source_id as id from members m
   where m.user_id = ? and m.source_type = 'group' and m.access_level = 50 and not exists (
     select 1 from members o where o.source_type = 'group' and o.source_id = m.source_id
       and o.access_level = 50 and o.user_id <> m.user_id)
   order by m.source_id`,
);

/** Groups whose only owner is this user. */
export async function soleOwnedIds(reading: Reading, userId: number): Promise<number[]> {
  return (await soleOwned(reading, userId)).map(({ id }) => id);
}
