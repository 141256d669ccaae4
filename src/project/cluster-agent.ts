import type { Reading, Tx } from '../db/transaction.ts';
import {
  type AgentRow,
  type AgentTokenRow,
  agentRow,
  agentRows,
  agentTokenRows,
  deleteAgentRow,
  familyAgentRows,
  insertAgent,
  insertAgentToken,
  revokeAgentToken,
} from './queries/cluster-agents.ts';
import { digestOf, makeToken } from './token.ts';

export { deleteAgentRow as deleteAgent, revokeAgentToken };

/** An agent that a project registered. Times are milliseconds. */
export interface ClusterAgent {
  id: number;
  name: string;
  createdById: number | null;
  createdAt: number;
}

export interface ClusterAgentToken {
  id: number;
  agentId: number;
  name: string;
  description: string | null;
  createdById: number | null;
  lastUsedAt: number | null;
  createdAt: number;
}

const NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const MAX_NAME = 63;

/** Agents of a project, oldest first. */
export async function agentsOf(reading: Reading, projectId: number): Promise<ClusterAgent[]> {
  return (await agentRows(reading, projectId)).map(agentOfRow);
}

/** An agent of another project, whose configuration may let jobs of this one in. */
export interface AgentOfFamily {
  id: number;
  name: string;
  projectId: number;
}

/** Agents that are asked for their configuration by one call. */
const MAX_OF_FAMILY = 100;

/** Agents of the other projects below a namespace, oldest first, at most a hundred. */
export async function agentsOfFamily(
  reading: Reading,
  namespaceId: number,
  exceptProjectId: number,
): Promise<AgentOfFamily[]> {
  const rows = await familyAgentRows(reading, namespaceId, exceptProjectId, MAX_OF_FAMILY);
  return rows.map((row) => ({ id: row.id, name: row.name, projectId: row.project_id }));
}

export async function agentById(
  reading: Reading,
  projectId: number,
  id: number,
): Promise<ClusterAgent | null> {
  const row = await agentRow(reading, projectId, id);
  return row === undefined ? null : agentOfRow(row);
}

/** A new agent, or GitLab's texts about its name (rest-resources 9.2). */
export async function createAgent(
  tx: Tx,
  values: { projectId: number; name: string; createdById: number | null },
  now: number,
): Promise<{ ok: true; agent: ClusterAgent } | { ok: false; errors: { name: string[] } }> {
  const errors = nameErrors(values.name);
  if (errors.length > 0) return { ok: false, errors: { name: errors } };
  const row = await insertAgent(tx, {
    project_id: values.projectId,
    name: values.name,
    created_by_id: values.createdById,
    created_at: now,
  });
  if (row === undefined) return { ok: false, errors: { name: ['has already been taken'] } };
  return { ok: true, agent: agentOfRow(row) };
}

function nameErrors(name: string): string[] {
  if (name === '') return ["can't be blank"];
  if (name.length > MAX_NAME) return [`is too long (maximum is ${MAX_NAME} characters)`];
  if (NAME.test(name)) return [];
  return [
    "can contain only lowercase letters, digits, and '-'. Must start with a letter or digit, and cannot start or end with '-'",
  ];
}

/** Usable tokens of an agent, newest first. */
export async function agentTokensOf(reading: Reading, agentId: number): Promise<ClusterAgentToken[]> {
  return (await agentTokenRows(reading, agentId)).map(tokenOfRow);
}

/** A new token; `secret` is shown once. */
export async function createAgentToken(
  tx: Tx,
  values: { agentId: number; name: string; description: string | null; createdById: number | null },
  now: number,
): Promise<{ token: ClusterAgentToken; secret: string }> {
  const secret = makeToken('glagent-');
  const row = await insertAgentToken(tx, {
    agent_id: values.agentId,
    name: values.name,
    description: values.description,
    digest: digestOf(secret),
    revoked: 0,
    created_by_id: values.createdById,
    last_used_at: null,
    created_at: now,
  });
  return { token: tokenOfRow(row), secret };
}

function agentOfRow(row: AgentRow): ClusterAgent {
  return { id: row.id, name: row.name, createdById: row.created_by_id, createdAt: row.created_at };
}

function tokenOfRow(row: AgentTokenRow): ClusterAgentToken {
  return {
    id: row.id,
    agentId: row.agent_id,
    name: row.name,
    description: row.description,
    createdById: row.created_by_id,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
  };
}
