import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

/** Groups, and namespaces of removed users, that are due and all groups below them. */
const DOOMED = `
  with recursive doomed (id) as (
    select id from namespaces where marked_for_deletion_at <= ?
    union
    select n.id from namespaces n join doomed d on n.parent_id = d.id)`;

const dueProjects = statement<{ id: number }>(`${DOOMED}
  select id from projects where marked_for_deletion_at <= ?
  union
  select p.id from projects p join doomed d on p.namespace_id = d.id
  order by id limit ?`);

const emptyGroups = statement<{ id: number }>(`${DOOMED}
  select d.id from doomed d
  where not exists (select 1 from projects p where p.namespace_id = d.id)
    and not exists (select 1 from namespaces n where n.parent_id = d.id)
  order by d.id limit ?`);

/** Projects marked at or before `before` (milliseconds), or within a group that is; those to be removed at once too. */
export async function selectDueProjects(reading: Reading, before: number, limit: number): Promise<number[]> {
  return (await dueProjects(reading, before, before, limit)).map(({ id }) => id);
}

/** Groups marked at or before `before`, or below one that is, that hold nothing any more. */
export async function selectEmptyGroups(reading: Reading, before: number, limit: number): Promise<number[]> {
  return (await emptyGroups(reading, before, limit)).map(({ id }) => id);
}

const condemn = statement<{ id: number }>(`${DOOMED}
  update projects set marked_for_deletion_at = 0
  where id = ? and (marked_for_deletion_at <= ? or namespace_id in (select id from doomed))
  returning id`);

/** Marks a project to be removed at once if it is still due; from then on nobody finds it, and nobody brings it back. */
export async function condemnProject(tx: Tx, id: number, before: number): Promise<boolean> {
  return (await condemn(tx, before, id, before)).length > 0;
}

const bots = statement<{ user_id: number }>(
  'select distinct user_id from access_tokens where kind = ? and resource_id = ? order by user_id',
);

/** The users that the tokens of a project or group act as. */
export async function botsOf(reading: Reading, kind: 'project' | 'group', id: number): Promise<number[]> {
  return (await bots(reading, kind, id)).map((row) => row.user_id);
}

const OF_SOURCE = [
  'delete from members where source_type = ? and source_id = ?',
  'delete from access_tokens where kind = ? and resource_id = ?',
  'delete from variables where level = ? and owner_id = ?',
  'delete from shares where source_type = ? and source_id = ?',
  'delete from avatars where owner_type = ? and owner_id = ?',
].map((text) => statement(text));

const OF_PROJECT = [
  'delete from protected_ref_access where protected_ref_id in (select id from protected_refs where project_id = ?)',
  'delete from protected_refs where project_id = ?',
  'delete from redirects where project_id = ?',
  'delete from triggers where project_id = ?',
  'delete from job_token_allowed_projects where project_id = ?',
  'delete from job_token_allowed_projects where allowed_project_id = ?',
  'delete from job_token_allowed_groups where project_id = ?',
  'delete from cluster_agent_tokens where agent_id in (select id from cluster_agents where project_id = ?)',
  'delete from cluster_agents where project_id = ?',
  'delete from stars where project_id = ?',
  'update projects set forked_from_id = null where forked_from_id = ?',
  'delete from projects where id = ?',
].map((text) => statement(text));

const OF_GROUP = [
  'delete from job_token_allowed_groups where allowed_group_id = ?',
  'delete from shares where group_id = ?',
  'delete from namespaces where id = ?',
].map((text) => statement(text));

/** Deletes a project's row and everything of this room that is its own. */
export async function deleteProjectRows(tx: Tx, id: number): Promise<void> {
  for (const remove of OF_SOURCE) await remove(tx, 'project', id);
  for (const remove of OF_PROJECT) await remove(tx, id);
}

/** Deletes a group's row and everything of this room that is its own. */
export async function deleteGroupRows(tx: Tx, id: number): Promise<void> {
  for (const remove of OF_SOURCE) await remove(tx, 'group', id);
  for (const remove of OF_GROUP) await remove(tx, id);
}
