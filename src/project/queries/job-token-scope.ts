import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';
import type { ProjectRow } from './projects.ts';

const admitted = statement<{ admitted: number }>(`
  with recursive up (id, parent_id) as (
    select n.id, n.parent_id from namespaces n join projects p on p.namespace_id = n.id where p.id = ?
    union all select n.id, n.parent_id from namespaces n join up on n.id = up.parent_id)
  select 1 as admitted from job_token_allowed_projects where project_id = ? and allowed_project_id = ?
  union all
  select 1 from job_token_allowed_groups where project_id = ? and allowed_group_id in (select id from up)
  limit 1`);

/** Whether a project lets in the jobs of another: by name, or by a group above it. */
export async function isAdmitted(reading: Reading, projectId: number, sourceId: number): Promise<boolean> {
  return (await admitted(reading, sourceId, projectId, sourceId, projectId)).length > 0;
}

const outbound = statement<{ enabled: number }>(
  'select ci_outbound_job_token_scope_enabled as enabled from projects where id = ?',
);

/** Whether a project keeps its jobs' tokens to itself. */
export async function isOutboundLimited(reading: Reading, projectId: number): Promise<boolean> {
  return (await outbound(reading, projectId))[0]?.enabled === 1;
}

const projects = statement<ProjectRow>(`
  select p.* from projects p where p.id = ?
  union all
  select p.* from job_token_allowed_projects a join projects p on p.id = a.allowed_project_id
    where a.project_id = ? and p.id <> ?
  order by id limit ? offset ?`);
const entries = statement<{ count: number }>(`
  select (select count(*) from job_token_allowed_projects where project_id = ? and allowed_project_id <> ?)
    + (select count(*) from job_token_allowed_groups where project_id = ?) as count`);
const others = statement<{ count: number }>(
  'select count(*) as count from job_token_allowed_projects a join projects p on p.id = a.allowed_project_id where a.project_id = ? and p.id <> ?',
);

/** The project itself and those it lets in, by id. */
export async function admittedProjectRows(
  reading: Reading,
  projectId: number,
  slice: { limit: number; offset: number },
): Promise<{ rows: ProjectRow[]; total: number }> {
  const rows = await projects(reading, projectId, projectId, projectId, slice.limit, slice.offset);
  return { rows, total: 1 + Number((await others(reading, projectId, projectId))[0]!.count) };
}

export async function countEntries(reading: Reading, projectId: number): Promise<number> {
  return Number((await entries(reading, projectId, projectId, projectId))[0]!.count);
}

const groups = statement<{ allowed_group_id: number }>(
  'select allowed_group_id from job_token_allowed_groups where project_id = ? order by allowed_group_id',
);

export async function admittedGroupIds(reading: Reading, projectId: number): Promise<number[]> {
  return (await groups(reading, projectId)).map((row) => row.allowed_group_id);
}

const addProject = statement<{ project_id: number }>(
  'insert into job_token_allowed_projects (project_id, allowed_project_id, created_at) values (?, ?, ?) on conflict do nothing returning project_id',
);
const addGroup = statement<{ project_id: number }>(
  'insert into job_token_allowed_groups (project_id, allowed_group_id, created_at) values (?, ?, ?) on conflict do nothing returning project_id',
);
const removeProject = statement(
  'delete from job_token_allowed_projects where project_id = ? and allowed_project_id = ?',
);
const removeGroup = statement(
  'delete from job_token_allowed_groups where project_id = ? and allowed_group_id = ?',
);

/** False when it was there already. */
export async function insertAdmitted(
  tx: Tx,
  projectId: number,
  kind: 'project' | 'group',
  id: number,
  now: number,
): Promise<boolean> {
  const add = kind === 'project' ? addProject : addGroup;
  return (await add(tx, projectId, id, now)).length > 0;
}

const projectSince = statement<{ created_at: number }>(
  'select created_at from job_token_allowed_projects where project_id = ? and allowed_project_id = ?',
);
const groupSince = statement<{ created_at: number }>(
  'select created_at from job_token_allowed_groups where project_id = ? and allowed_group_id = ?',
);

/** When a project or group was let in, or null. */
export async function admittedSince(
  reading: Reading,
  projectId: number,
  kind: 'project' | 'group',
  id: number,
): Promise<number | null> {
  const since = kind === 'project' ? projectSince : groupSince;
  return (await since(reading, projectId, id))[0]?.created_at ?? null;
}

export async function deleteAdmitted(
  tx: Tx,
  projectId: number,
  kind: 'project' | 'group',
  id: number,
): Promise<void> {
  await (kind === 'project' ? removeProject : removeGroup)(tx, projectId, id);
}

const inbound = statement(
  'update projects set ci_inbound_job_token_scope_enabled = ?, updated_at = ? where id = ?',
);

export async function setInbound(tx: Tx, projectId: number, enabled: boolean, now: number): Promise<void> {
  await inbound(tx, Number(enabled), now, projectId);
}
