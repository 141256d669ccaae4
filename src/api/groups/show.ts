import { dayOf } from '../../project/access-token.ts';
import { type GroupViewer, mayInGroup } from '../../project/group-access.ts';
import { listProjects } from '../../project/list.ts';
import { ancestorsOf, type Namespace } from '../../project/namespace.ts';
import { sharesOf } from '../../project/share.ts';
import { groupDetail } from '../entities/group.ts';
import { requireGroup } from '../find-group.ts';
import { projectViews, withGroups } from '../projects/views.ts';
import { type Call, json, route } from '../route.ts';

/** Projects shown inside a group (rest-resources 3.1). */
const MAX_PROJECTS = 100;

/** GET G. */
export const showRoute = route({
  method: 'GET',
  path: '/api/v4/groups/:id',
  access: { by: 'user', anonymous: true },
  input: { id: { type: 'string', required: true }, with_projects: { type: 'boolean', default: true } },
  async handle(call) {
    const { group, viewer } = await requireGroup(call, call.params.id);
    return json(await groupView(call, group, viewer, call.params.with_projects));
  },
});

/** The detailed entity, with the group's own projects as the caller sees them. */
export async function groupView(
  call: Pick<Call, 'rooms' | 'caller' | 'now' | 'baseUrl'>,
  group: Namespace,
  viewer: GroupViewer,
  withProjects: boolean,
): Promise<unknown> {
  const { read } = call.rooms.db;
  const above = (await ancestorsOf(read, group.id)).slice(0, -1);
  const projects = withProjects ? await projectsAt(call, { namespaceId: group.id }) : null;
  const sharedProjects = withProjects ? await projectsAt(call, { sharedWithId: group.id }) : [];
  const shares = await withGroups(call, await sharesOf(read, 'group', [group.id]));
  const sharedWith = shares.get(group.id) ?? [];
  const forOwner = mayInGroup(viewer, 'admin_group', group);
  return groupDetail(group, above, call.baseUrl, { projects, sharedProjects, sharedWith, forOwner });
}

async function projectsAt(
  call: Pick<Call, 'rooms' | 'caller' | 'now' | 'baseUrl'>,
  place: { namespaceId: number } | { sharedWithId: number },
): Promise<unknown[]> {
  const filter = { ...place, orderBy: 'id', sort: 'desc', today: dayOf(call.now) } as const;
  const page = { offset: 0, perPage: MAX_PROJECTS };
  const { projects } = await listProjects(call.rooms.db.read, call.caller, filter, page);
  return await projectViews(call, projects, call.caller.kind === 'anonymous' ? 'basic' : 'full');
}
