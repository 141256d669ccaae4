import { userOf } from '../../project/caller.ts';
import {
  agentById,
  agentsOf,
  type ClusterAgent,
  createAgent,
  deleteAgent,
} from '../../project/cluster-agent.ts';
import { ancestorsOf } from '../../project/namespace.ts';
import type { Project } from '../../project/project.ts';
import { refuseIfChanged } from '../conditional.ts';
import { agentEntity } from '../entities/cluster-agent.ts';
import { projectIdentity } from '../entities/project.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Call, json, noContent, route } from '../route.ts';

export const AGENTS = '/api/v4/projects/:id/cluster_agents';
const ACCESS = { by: 'user' } as const;
const PROJECT_INPUT = { id: { type: 'string', required: true } } as const;
export const AGENT_INPUT = { ...PROJECT_INPUT, agent_id: { type: 'integer', required: true } } as const;

/** GET P/cluster_agents (rest-resources 9.2). */
export const listRoute = route({
  method: 'GET',
  path: AGENTS,
  access: ACCESS,
  input: { ...PROJECT_INPUT, ...PAGE_INPUT },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'read_cluster_agent');
    const agents = await agentsOf(call.rooms.db.read, project.id);
    const page = pageOf(call.params);
    const shown = agents.slice(page.offset, page.offset + page.perPage);
    return pageAnswer(call, page, await agentViews(call, project, shown), agents.length);
  },
});

/** GET P/cluster_agents/:agent_id. */
export const showRoute = route({
  method: 'GET',
  path: `${AGENTS}/:agent_id`,
  access: ACCESS,
  input: AGENT_INPUT,
  async handle(call) {
    const { project, agent } = await requireAgent(call, call.params, 'read_cluster_agent');
    return json((await agentViews(call, project, [agent]))[0]);
  },
});

/** POST P/cluster_agents. */
export const createRoute = route({
  method: 'POST',
  path: AGENTS,
  access: ACCESS,
  input: { ...PROJECT_INPUT, name: { type: 'string', required: true } },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'admin_cluster_agent');
    const values = { projectId: project.id, name: params.name, createdById: userOf(call.caller)?.id ?? null };
    const made = await rooms.db.transaction((tx) => createAgent(tx, values, now));
    if (!made.ok) throw refuse.invalid(made.errors);
    return json((await agentViews(call, project, [made.agent]))[0], 201);
  },
});

/** DELETE P/cluster_agents/:agent_id, with its tokens. */
export const deleteRoute = route({
  method: 'DELETE',
  path: `${AGENTS}/:agent_id`,
  access: ACCESS,
  input: AGENT_INPUT,
  async handle(call) {
    const { agent } = await requireAgent(call, call.params, 'admin_cluster_agent');
    refuseIfChanged(call, agent.createdAt);
    await call.rooms.db.transaction((tx) => deleteAgent(tx, agent.id));
    return noContent;
  },
});

/** The agent inside its project. Throws `Refused`. */
export async function requireAgent(
  call: Parameters<typeof requireProject>[0],
  params: { id: string; agent_id: number },
  action: 'read_cluster_agent' | 'admin_cluster_agent',
): Promise<{ project: Project; agent: ClusterAgent }> {
  const { project } = await requireProject(call, params.id, action);
  const agent = await agentById(call.rooms.db.read, project.id, params.agent_id);
  if (agent === null) throw refuse.recordNotFound();
  return { project, agent };
}

async function agentViews(call: Pick<Call, 'rooms'>, project: Project, agents: readonly ClusterAgent[]) {
  const identity = projectIdentity(project, await ancestorsOf(call.rooms.db.read, project.namespaceId));
  return agents.map((agent) => agentEntity(agent, identity));
}
