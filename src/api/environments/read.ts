import { lastDeployment } from '../../pipeline/deployment.ts';
import { ENVIRONMENT_STATES, listEnvironments } from '../../pipeline/environment.ts';
import { deploymentViews } from '../deployments/views.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { projectView } from '../projects/views.ts';
import { json, route } from '../route.ts';
import { ENVIRONMENT_INPUT, ENVIRONMENTS, environmentView, requireEnvironment } from './find-environment.ts';

const ACCESS = { by: 'user', jobToken: true } as const;
const MIN_SEARCH = 3;

/** GET P/environments (rest-resources 9.4). */
export const listRoute = route({
  method: 'GET',
  path: ENVIRONMENTS,
  access: ACCESS,
  input: {
    id: { type: 'string', required: true },
    ...PAGE_INPUT,
    name: { type: 'string' },
    search: { type: 'string' },
    states: { type: 'string', values: ENVIRONMENT_STATES },
  },
  rules: [{ exclusive: ['name', 'search'], text: 'cannot be used together' }],
  async handle(call) {
    const { params, rooms } = call;
    const { project } = await requireProject(call, params.id, 'read_environment');
    const { name, search, states: state } = params;
    if (search !== undefined && search.length < MIN_SEARCH) {
      throw refuse.badRequest(`Search query is less than ${MIN_SEARCH} characters`);
    }
    const page = pageOf(params);
    const slice = { limit: page.perPage, offset: page.offset };
    const { environments, total } = await listEnvironments(
      rooms.db.read,
      project.id,
      { name, search, state },
      slice,
    );
    const about = await projectView(call, project, 'basic');
    const views = environments.map((one) => environmentView(call, project, one, { project: about }));
    return pageAnswer(call, page, await Promise.all(views), total);
  },
});

/** GET P/environments/:environment_id, with what is deployed there now. */
export const showRoute = route({
  method: 'GET',
  path: `${ENVIRONMENTS}/:environment_id`,
  access: ACCESS,
  input: ENVIRONMENT_INPUT,
  async handle(call) {
    const { project, environment } = await requireEnvironment(call, call.params);
    const last = await lastDeployment(call.rooms.db.read, environment.id);
    const [view] = await deploymentViews(call, project, last === null ? [] : [last], { inEnvironment: true });
    return json(await environmentView(call, project, environment, { lastDeployment: view ?? null }));
  },
});
