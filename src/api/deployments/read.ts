import { deploymentById, listDeployments } from '../../pipeline/deployment.ts';
import { DEPLOYMENT_STATUSES } from '../../pipeline/deployment-status.ts';
import { refuse } from '../errors.ts';
import { type Found, requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { json, route } from '../route.ts';
import { deploymentViews } from './views.ts';

export const DEPLOYMENTS = '/api/v4/projects/:id/deployments';
export const DEPLOYMENT_INPUT = {
  id: { type: 'string', required: true },
  deployment_id: { type: 'integer', required: true },
} as const;
const ACCESS = { by: 'user', jobToken: true } as const;

/** GET P/deployments (rest-resources 9.5). */
export const listRoute = route({
  method: 'GET',
  path: DEPLOYMENTS,
  access: ACCESS,
  input: {
    id: { type: 'string', required: true },
    ...PAGE_INPUT,
    order_by: {
      type: 'string',
      values: ['id', 'iid', 'created_at', 'updated_at', 'finished_at', 'ref'],
      default: 'id',
    },
    sort: { type: 'string', values: ['asc', 'desc'], default: 'asc' },
    environment: { type: 'string' },
    status: { type: 'string', values: DEPLOYMENT_STATUSES },
    updated_after: { type: 'time' },
    updated_before: { type: 'time' },
    finished_after: { type: 'time' },
    finished_before: { type: 'time' },
  },
  async handle(call) {
    const { params, rooms } = call;
    const { project } = await requireProject(call, params.id, 'read_environment');
    const page = pageOf(params);
    const { deployments, total } = await listDeployments(
      rooms.db.read,
      project.id,
      {
        environment: params.environment,
        status: params.status,
        updatedAfter: params.updated_after,
        updatedBefore: params.updated_before,
        finishedAfter: params.finished_after,
        finishedBefore: params.finished_before,
      },
      { by: params.order_by, direction: params.sort },
      { limit: page.perPage, offset: page.offset },
    );
    return pageAnswer(call, page, await deploymentViews(call, project, deployments), total);
  },
});

/** GET P/deployments/:deployment_id. */
export const showRoute = route({
  method: 'GET',
  path: `${DEPLOYMENTS}/:deployment_id`,
  access: ACCESS,
  input: DEPLOYMENT_INPUT,
  async handle(call) {
    const { project, deployment } = await requireDeployment(call, call.params);
    return json((await deploymentViews(call, project, [deployment]))[0]);
  },
});

/** The deployment inside its project, for callers who may do this to deployments. Throws `Refused`. */
export async function requireDeployment(
  call: Parameters<typeof requireProject>[0],
  params: { id: string; deployment_id: number },
  action: 'read_environment' | 'update_environment' | 'admin_environment' = 'read_environment',
): Promise<Found & { deployment: NonNullable<Awaited<ReturnType<typeof deploymentById>>> }> {
  const found = await requireProject(call, params.id, action);
  const deployment = await deploymentById(call.rooms.db.read, found.project.id, params.deployment_id);
  if (deployment === null) throw refuse.recordNotFound();
  return { ...found, deployment };
}
