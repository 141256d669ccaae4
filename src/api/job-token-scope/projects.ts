import { may, viewerOf } from '../../project/authorize.ts';
import { admit, limitInbound, listAdmittedProjects } from '../../project/job-token-scope.ts';
import { projectById } from '../../project/project.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { projectViews } from '../projects/views.ts';
import { json, noContent, route } from '../route.ts';
import { disallow } from './disallow.ts';

const PATH = '/api/v4/projects/:id/job_token_scope';
const ACCESS = { by: 'user' } as const;
const ID = { id: { type: 'string', required: true } } as const;
const TARGET = { ...ID, target_project_id: { type: 'integer', required: true } } as const;

/** GET P/job_token_scope (rest-resources 9.1). */
export const showScope = route({
  method: 'GET',
  path: PATH,
  access: ACCESS,
  input: ID,
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'admin_job_token_scope');
    return json({
      inbound_enabled: project.ciInboundJobTokenScopeEnabled,
      outbound_enabled: project.ciOutboundJobTokenScopeEnabled,
    });
  },
});

/** PATCH P/job_token_scope: whether only listed projects are let in. */
export const editScope = route({
  method: 'PATCH',
  path: PATH,
  access: ACCESS,
  input: { ...ID, enabled: { type: 'boolean', required: true, notBlank: true } },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'admin_job_token_scope');
    await rooms.db.transaction((tx) => limitInbound(tx, project.id, params.enabled, now));
    return noContent;
  },
});

/** GET P/job_token_scope/allowlist: the project itself and those it lets in, as far as the caller may know them. */
export const listAllowed = route({
  method: 'GET',
  path: `${PATH}/allowlist`,
  access: ACCESS,
  input: { ...ID, ...PAGE_INPUT },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'admin_job_token_scope');
    const page = pageOf(call.params);
    const slice = { limit: page.perPage, offset: page.offset };
    const { projects, total } = await listAdmittedProjects(call.rooms.db.read, project.id, slice);
    return pageAnswer(call, page, await projectViews(call, projects, 'basic'), total);
  },
});

/** POST P/job_token_scope/allowlist. */
export const allowProject = route({
  method: 'POST',
  path: `${PATH}/allowlist`,
  access: ACCESS,
  input: TARGET,
  async handle(call) {
    const { params, rooms, caller, now } = call;
    const { project } = await requireProject(call, params.id, 'admin_job_token_scope');
    const target = await projectById(rooms.db.read, params.target_project_id);
    const viewer = target === null ? null : await viewerOf(rooms.db.read, caller, target, now);
    if (target === null || viewer === null || !may(viewer, 'read_project')) {
      throw refuse.notFound('target_project_id');
    }
    const whom = { kind: 'project', id: target.id } as const;
    const result = await rooms.db.transaction((tx) => admit(tx, project.id, whom, now));
    if (!result.ok) throw refuse.badRequest(REASONS[result.reason]);
    return json({ source_project_id: project.id, target_project_id: target.id }, 201);
  },
});

/** Why a project or group is not added. */
export const REASONS = {
  there_already: 'Target project is already in the job token scope',
  too_many: 'Job token scope has reached its limit of 200 entries',
};

/** DELETE P/job_token_scope/allowlist/:target_project_id. */
export const disallowProject = route({
  method: 'DELETE',
  path: `${PATH}/allowlist/:target_project_id`,
  access: ACCESS,
  input: TARGET,
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'admin_job_token_scope');
    return await disallow(call, project.id, { kind: 'project', id: call.params.target_project_id });
  },
});
