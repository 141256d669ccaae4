import { admit, admittedGroupIds } from '../../project/job-token-scope.ts';
import { namespacesAbove } from '../../project/namespace.ts';
import { namespaceUrl } from '../entities/namespace.ts';
import { refuse } from '../errors.ts';
import { requireGroup } from '../find-group.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { json, route } from '../route.ts';
import { disallow } from './disallow.ts';
import { REASONS } from './projects.ts';

const PATH = '/api/v4/projects/:id/job_token_scope/groups_allowlist';
const ACCESS = { by: 'user' } as const;
const ID = { id: { type: 'string', required: true } } as const;
const TARGET = { ...ID, target_group_id: { type: 'integer', required: true } } as const;

/** GET P/job_token_scope/groups_allowlist (rest-resources 9.1). */
export const listAllowedGroups = route({
  method: 'GET',
  path: PATH,
  access: ACCESS,
  input: { ...ID, ...PAGE_INPUT },
  async handle(call) {
    const { rooms, baseUrl } = call;
    const { project } = await requireProject(call, call.params.id, 'admin_job_token_scope');
    const ids = await admittedGroupIds(rooms.db.read, project.id);
    const groups = await namespacesAbove(rooms.db.read, ids);
    const shown = ids.flatMap((id) => groups.get(id) ?? []);
    const page = pageOf(call.params);
    const items = shown
      .slice(page.offset, page.offset + page.perPage)
      .map((group) => ({ id: group.id, web_url: namespaceUrl(group, baseUrl), name: group.name }));
    return pageAnswer(call, page, items, shown.length);
  },
});

/** POST P/job_token_scope/groups_allowlist. */
export const allowGroup = route({
  method: 'POST',
  path: PATH,
  access: ACCESS,
  input: TARGET,
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'admin_job_token_scope');
    const { group } = await requireGroup(call, String(params.target_group_id));
    const whom = { kind: 'group', id: group.id } as const;
    const result = await rooms.db.transaction((tx) => admit(tx, project.id, whom, now));
    if (!result.ok) throw refuse.badRequest(REASONS[result.reason].replace('project', 'group'));
    return json({ source_project_id: project.id, target_group_id: group.id }, 201);
  },
});

/** DELETE P/job_token_scope/groups_allowlist/:target_group_id. */
export const disallowGroup = route({
  method: 'DELETE',
  path: `${PATH}/:target_group_id`,
  access: ACCESS,
  input: TARGET,
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'admin_job_token_scope');
    return await disallow(call, project.id, { kind: 'group', id: call.params.target_group_id });
  },
});
