import { type Environment, environmentById } from '../../pipeline/environment.ts';
import { agentById } from '../../project/cluster-agent.ts';
import { ancestorsOf } from '../../project/namespace.ts';
import type { Project } from '../../project/project.ts';
import { agentEntity } from '../entities/cluster-agent.ts';
import { type EnvironmentExtras, environmentEntity } from '../entities/environment.ts';
import { projectIdentity } from '../entities/project.ts';
import { refuse } from '../errors.ts';
import { type Found, requireProject } from '../find-project.ts';
import type { Call } from '../route.ts';

export const ENVIRONMENTS = '/api/v4/projects/:id/environments';
export const ENVIRONMENT_INPUT = {
  id: { type: 'string', required: true },
  environment_id: { type: 'integer', required: true },
} as const;

/** The environment inside its project, for callers who may do this to environments. Throws `Refused`. */
export async function requireEnvironment(
  call: Parameters<typeof requireProject>[0],
  params: { id: string; environment_id: number },
  action: 'read_environment' | 'update_environment' = 'read_environment',
): Promise<Found & { environment: Environment }> {
  const found = await requireProject(call, params.id, action);
  const environment = await environmentById(call.rooms.db.read, found.project.id, params.environment_id);
  if (environment === null) throw refuse.recordNotFound();
  return { ...found, environment };
}

/** The whole form of an environment. */
export async function environmentView(
  call: Pick<Call, 'rooms'>,
  project: Project,
  environment: Environment,
  extras: Omit<EnvironmentExtras, 'clusterAgent'> = {},
) {
  const clusterAgent = await clusterAgentOf(call, project, environment.clusterAgentId);
  return environmentEntity(environment, { ...extras, clusterAgent });
}

async function clusterAgentOf(call: Pick<Call, 'rooms'>, project: Project, id: number | null) {
  const { read } = call.rooms.db;
  const agent = id === null ? null : await agentById(read, project.id, id);
  if (agent === null) return null;
  return agentEntity(agent, projectIdentity(project, await ancestorsOf(read, project.namespaceId)));
}
