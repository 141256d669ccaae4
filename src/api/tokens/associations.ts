import { dayOf } from '../../project/access-token.ts';
import { userOf } from '../../project/caller.ts';
import { groupLevelOf } from '../../project/group-access.ts';
import { listGroups, listProjects } from '../../project/list.ts';
import { GRANTABLE_LEVELS } from '../../project/member.ts';
import { namespaceUrl } from '../entities/namespace.ts';
import { PAGE_INPUT, pageOf } from '../pagination.ts';
import { projectViews } from '../projects/views.ts';
import { json, route } from '../route.ts';

/** Keys of a project here; the rest of its entity is left out. */
const SHOWN =
  'id description name name_with_namespace path path_with_namespace created_at visibility web_url'.split(' ');

/** GET …/self/associations: groups and projects that the token's user is a member of, any scope (rest-resources 0.6). */
export const associationsRoute = route({
  method: 'GET',
  path: '/api/v4/personal_access_tokens/self/associations',
  access: { by: 'user', scopes: ['*'] },
  input: { ...PAGE_INPUT, min_access_level: { type: 'integer', values: GRANTABLE_LEVELS } },
  async handle(call) {
    const { params, caller, rooms, now, baseUrl } = call;
    const { read } = rooms.db;
    const page = pageOf(params);
    const filter = { minAccessLevel: params.min_access_level ?? 10, today: dayOf(now) };
    const { groups } = await listGroups(read, caller, { ...filter, orderBy: 'id', sort: 'asc' }, page);
    const { projects } = await listProjects(read, caller, { ...filter, orderBy: 'id', sort: 'asc' }, page);
    const user = userOf(caller);
    const shownGroups: unknown[] = [];
    for (const group of groups) {
      shownGroups.push({
        id: group.id,
        web_url: namespaceUrl(group, baseUrl),
        name: group.name,
        parent_id: group.parentId,
        organization_id: 1,
        access_levels: user === null ? null : await groupLevelOf(read, user.id, group.id, now),
        visibility: group.visibility,
      });
    }
    const views = (await projectViews(call, projects, 'with_permissions')) as Record<string, unknown>[];
    return json({ groups: shownGroups, projects: views.map(associated) });
  },
});

function associated(view: Record<string, unknown>) {
  const { project_access, group_access } = view.permissions as Record<
    string,
    { access_level: number } | null
  >;
  return {
    ...Object.fromEntries(SHOWN.map((key) => [key, view[key]])),
    access_levels: {
      project_access_level: project_access?.access_level ?? null,
      group_access_level: group_access?.access_level ?? null,
    },
    namespace: view.namespace,
  };
}
