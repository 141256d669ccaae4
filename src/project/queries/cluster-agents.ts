import type { Selectable } from 'kysely';
import { statement } from '../../db/statement.ts';
import type { ClusterAgentsTable, ClusterAgentTokensTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type AgentRow = Selectable<ClusterAgentsTable>;
export type AgentTokenRow = Selectable<ClusterAgentTokensTable>;

const ofProject = statement<AgentRow>('select * from cluster_agents where project_id = ? order by id');
const one = statement<AgentRow>('select * from cluster_agents where project_id = ? and id = ?');
const add = statement<AgentRow>(
  'insert into cluster_agents (project_id, name, created_by_id, created_at) values (?, ?, ?, ?) on conflict do nothing returning *',
);
const remove = statement('delete from cluster_agents where id = ?');
const removeTokens = statement('delete from cluster_agent_tokens where agent_id = ?');

export function agentRows(reading: Reading, projectId: number): Promise<AgentRow[]> {
  return ofProject(reading, projectId);
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
