import { resolve } from '../../git/refs.ts';
import {
  createDeployment,
  type Deployment,
  deleteDeployment,
  deploymentById,
  moveDeployment,
} from '../../pipeline/deployment.ts';
import { jobById } from '../../pipeline/job-lookup.ts';
import { may, type Viewer } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import type { Project } from '../../project/project.ts';
import { refuseIfChanged } from '../conditional.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { actedOn } from '../jobs/find-job.ts';
import { type Call, json, noContent, route } from '../route.ts';
import { DEPLOYMENT_INPUT, DEPLOYMENTS, requireDeployment } from './read.ts';
import { deploymentViews } from './views.ts';

const ACCESS = { by: 'user' } as const;
const STATUS = {
  type: 'string',
  required: true,
  values: ['running', 'success', 'failed', 'canceled'],
} as const;

/** POST P/deployments: a deployment that no job of ours makes (rest-resources 9.5). */
export const createRoute = route({
  method: 'POST',
  path: DEPLOYMENTS,
  access: ACCESS,
  input: {
    id: { type: 'string', required: true },
    environment: { type: 'string', required: true, notBlank: true, maxLength: 255 },
    sha: { type: 'string', required: true },
    ref: { type: 'string', required: true },
    tag: { type: 'boolean', required: true },
    status: STATUS,
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'update_environment');
    const errors: Record<string, string[]> = {};
    const known = (revision: string) => resolve(rooms.repositories, project.id, revision);
    if ((await known(params.ref)) === null) errors.ref = ['The branch or tag does not exist'];
    if ((await known(params.sha)) === null) errors.sha = ['The commit does not exist'];
    if (Object.keys(errors).length > 0) throw refuse.invalid(errors);
    const { environment, sha, ref, tag, status } = params;
    const values = { environment, sha, ref, tag, status, userId: userOf(call.caller)?.id ?? null };
    const made = await rooms.db.transaction((tx) => createDeployment(tx, project.id, values, now));
    return json((await deploymentViews(call, project, [made]))[0], 201);
  },
});

/** PUT P/deployments/:deployment_id; that of a job is for those who may run the job. */
export const changeRoute = route({
  method: 'PUT',
  path: `${DEPLOYMENTS}/:deployment_id`,
  access: ACCESS,
  input: { ...DEPLOYMENT_INPUT, status: STATUS },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, viewer, deployment } = await requireDeployment(call, params, 'update_environment');
    if (!(await mayChange(call, project, viewer, deployment))) throw refuse.forbidden();
    await rooms.db.transaction((tx) => moveDeployment(tx, deployment, params.status, now));
    const changed = await deploymentById(rooms.db.read, project.id, deployment.id);
    return json((await deploymentViews(call, project, changed === null ? [] : [changed]))[0]);
  },
});

/** DELETE P/deployments/:deployment_id: not what is deployed now, and not what is under way. */
export const deleteRoute = route({
  method: 'DELETE',
  path: `${DEPLOYMENTS}/:deployment_id`,
  access: ACCESS,
  input: DEPLOYMENT_INPUT,
  async handle(call) {
    const { deployment } = await requireDeployment(call, call.params, 'admin_environment');
    refuseIfChanged(call, deployment.updatedAt);
    const result = await call.rooms.db.transaction((tx) => deleteDeployment(tx, deployment));
    if (result.ok) return noContent;
    throw refuse.badRequestText(
      result.reason === 'running'
        ? 'Cannot destroy running deployment'
        : 'Deployment currently deployed to environment',
    );
  },
});

async function mayChange(
  call: Pick<Call, 'rooms' | 'now'>,
  project: Project,
  viewer: Viewer,
  deployment: Deployment,
): Promise<boolean> {
  const job = deployment.jobId === null ? null : await jobById(call.rooms.db.read, deployment.jobId);
  return job === null || may(viewer, 'update_build', await actedOn(call, project, job));
}
