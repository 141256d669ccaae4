import type { Selectable } from 'kysely';
import { statement } from '../../db/statement.ts';
import type { ClusterAgentsTable, ClusterAgentTokensTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type AgentRow = Selectable<ClusterAgentsTable>;
export type AgentTokenRow = Selectable<ClusterAgentTokensTable>;

const ofProject = statement<AgentRow>('select * from cluster_agents where project_id = ? order by id');
const one = statement<AgentRow>('select * from cluster_agents where project_id = ? and id = ?');
const ofFamily = statement<AgentRow>(`
  with recursive down (id) as (
    select id from namespaces where id = ? union all select n.id from namespaces n join down d on n.parent_id = d.id)
  select a.* from cluster_agents a join projects p on p.id = a.project_id
  where p.namespace_id in (select id from down) and p.id <> ? order by a.id limit ?`);
const add = statement<AgentRow>(
  'insert into cluster_agents (project_id, name, created_by_id, created_at) values (?, ?, ?, ?) on conflict do nothing returning *',
);
const remove = statement('delete from cluster_agents where id = ?');
const removeTokens = statement('delete from cluster_agent_tokens where agent_id = ?');

export function agentRows(reading: Reading, projectId: number): Promise<AgentRow[]> {
  return ofProject(reading, projectId);
}

/** Agents of all projects below a namespace but one. */
export function familyAgentRows(
  reading: Reading,
  namespaceId: number,
  exceptProjectId: number,
  limit: number,
): Promise<AgentRow[]> {
  return ofFamily(reading, namespaceId, exceptProjectId, limit);
}

export async function agentRow(
  reading: Reading,
  projectId: number,
  id: number,
): Promise<AgentRow | undefined> {
  return (await one(reading, projectId, id))[0];
}

/** Undefined when the project has an agent of this name. */
export async function insertAgent(tx: Tx, row: Omit<AgentRow, 'id'>): Promise<AgentRow | undefined> {
  return (await add(tx, row.project_id, row.name, row.created_by_id, row.created_at))[0];
}

export async function deleteAgentRow(tx: Tx, id: number): Promise<void> {
  await removeTokens(tx, id);
  await remove(tx, id);
}

const tokens = statement<AgentTokenRow>(
  'select * from cluster_agent_tokens where agent_id = ? and revoked = 0 order by id desc',
);
const revoke = statement('update cluster_agent_tokens set revoked = 1 where id = ?');

/** Usable tokens of an agent, newest first. */
export function agentTokenRows(reading: Reading, agentId: number): Promise<AgentTokenRow[]> {
  return tokens(reading, agentId);
}

export async function insertAgentToken(tx: Tx, row: Omit<AgentTokenRow, 'id'>): Promise<AgentTokenRow> {
  return await tx.sql.insertInto('cluster_agent_tokens').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function revokeAgentToken(tx: Tx, id: number): Promise<void> {
  await revoke(tx, id);
}
