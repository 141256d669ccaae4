import {
  AUTO_STOP_SETTINGS,
  changeEnvironment,
  createEnvironment,
  deleteEnvironment,
  type EnvironmentResult,
  type EnvironmentValues,
  TIERS,
} from '../../pipeline/environment.ts';
import { agentById } from '../../project/cluster-agent.ts';
import type { Project } from '../../project/project.ts';
import { refuseIfChanged } from '../conditional.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import type { Input } from '../input.ts';
import { type Call, json, noContent, route } from '../route.ts';
import { ENVIRONMENT_INPUT, ENVIRONMENTS, environmentView, requireEnvironment } from './find-environment.ts';

const ACCESS = { by: 'user' } as const;
const VALUES = {
  external_url: { type: 'string', nullable: true },
  slug: { type: 'any' },
  tier: { type: 'string', values: TIERS },
  description: { type: 'string', nullable: true },
  auto_stop_setting: { type: 'string', values: AUTO_STOP_SETTINGS },
  cluster_agent_id: { type: 'integer', nullable: true },
  kubernetes_namespace: { type: 'string', nullable: true },
  flux_resource_path: { type: 'string', nullable: true },
} as const;

/** POST P/environments (rest-resources 9.4). */
export const createRoute = route({
  method: 'POST',
  path: ENVIRONMENTS,
  access: ACCESS,
  input: {
    id: { type: 'string', required: true },
    name: { type: 'string', required: true },
    ...VALUES,
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'update_environment');
    const values = { ...(await valuesOf(call, project, params)), name: params.name };
    const made = await rooms.db.transaction((tx) => createEnvironment(tx, project.id, values, now));
    return json(await environmentView(call, project, accepted(made)), 201);
  },
});

/** PUT P/environments/:environment_id: everything but name and slug. */
export const changeRoute = route({
  method: 'PUT',
  path: `${ENVIRONMENTS}/:environment_id`,
  access: ACCESS,
  input: { ...ENVIRONMENT_INPUT, ...VALUES },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, environment } = await requireEnvironment(call, params, 'update_environment');
    const values = await valuesOf(call, project, params);
    const changed = await rooms.db.transaction((tx) => changeEnvironment(tx, environment, values, now));
    return json(await environmentView(call, project, accepted(changed)));
  },
});

/** DELETE P/environments/:environment_id: only one that is stopped. */
export const deleteRoute = route({
  method: 'DELETE',
  path: `${ENVIRONMENTS}/:environment_id`,
  access: ACCESS,
  input: ENVIRONMENT_INPUT,
  async handle(call) {
    const { environment } = await requireEnvironment(call, call.params, 'update_environment');
    if (environment.state !== 'stopped') throw refuse.forbidden();
    refuseIfChanged(call, environment.updatedAt);
    await call.rooms.db.transaction((tx) => deleteEnvironment(tx, environment.id));
    return noContent;
  },
});

async function valuesOf(
  call: Pick<Call, 'rooms'>,
  project: Project,
  params: Input<typeof VALUES>,
): Promise<EnvironmentValues> {
  if (params.slug !== undefined) {
    throw refuse.invalidParameters(['slug is automatically generated and cannot be changed']);
  }
  const agentId = params.cluster_agent_id;
  if (typeof agentId === 'number') {
    const agent = await agentById(call.rooms.db.read, project.id, agentId);
    if (agent === null) {
      throw refuse.badRequest("cluster agent doesn't exist or cannot be associated with this environment");
    }
  }
  return {
    ...(params.external_url === undefined ? {} : { externalUrl: params.external_url }),
    ...(params.tier === undefined ? {} : { tier: params.tier }),
    ...(params.description === undefined ? {} : { description: params.description }),
    ...(params.auto_stop_setting === undefined ? {} : { autoStopSetting: params.auto_stop_setting }),
    ...(agentId === undefined ? {} : { clusterAgentId: agentId }),
    ...(params.kubernetes_namespace === undefined
      ? {}
      : { kubernetesNamespace: params.kubernetes_namespace }),
    ...(params.flux_resource_path === undefined ? {} : { fluxResourcePath: params.flux_resource_path }),
  };
}

function accepted(result: EnvironmentResult) {
  if (!result.ok) throw refuse.invalid(result.errors);
  return result.environment;
}
