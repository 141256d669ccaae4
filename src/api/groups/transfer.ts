import { rescopeProjects } from '../../pipeline/queue-place.ts';
import { userOf } from '../../project/caller.ts';
import { transferProject } from '../../project/change-project.ts';
import { transferGroup } from '../../project/create-group.ts';
import { groupViewerOf } from '../../project/group-access.ts';
import { projectIdsBelow } from '../../project/project.ts';
import { refuse } from '../errors.ts';
import { requireGroup } from '../find-group.ts';
import { requireProject } from '../find-project.ts';
import { json, route } from '../route.ts';
import { inspected } from './parameters.ts';
import { groupView } from './show.ts';

/** POST G/transfer: owners move a group below another where they may make groups, or to the top (rest-resources 3.1). */
export const transferRoute = route({
  method: 'POST',
  path: '/api/v4/groups/:id/transfer',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true }, group_id: { type: 'integer' } },
  async handle(call) {
    const { params, rooms, caller, now } = call;
    const { group } = await requireGroup(call, params.id, 'admin_group');
    let parent = null;
    if (params.group_id !== undefined) {
      parent = (await requireGroup(call, String(params.group_id), 'create_subgroup')).group;
    } else if (!mayMakeTopGroups(userOf(caller))) {
      throw refuse.forbidden();
    }
    const result = await rooms.db.transaction(async (tx) => {
      const moved = await transferGroup(tx, group, parent, now);
      if (moved.ok) await rescopeProjects(tx, await projectIdsBelow(tx, moved.group.fullPath));
      return moved;
    });
    if (!result.ok) throw refuse.badRequestText(`Transfer failed: ${result.text}`);
    const viewer = await groupViewerOf(rooms.db.read, caller, result.group, now);
    return json(await groupView(call, result.group, viewer, true), 201);
  },
});

function mayMakeTopGroups(user: { admin: boolean; canCreateGroup: boolean } | null): boolean {
  return user !== null && (user.admin || user.canCreateGroup);
}

/** POST G/projects/:project_id: administrators move a project into the group. */
export const moveProjectRoute = route({
  method: 'POST',
  path: '/api/v4/groups/:id/projects/:project_id',
  access: { by: 'user', admin: true },
  input: { id: { type: 'string', required: true }, project_id: { type: 'string', required: true } },
  async handle(call) {
    const { params, rooms, now } = call;
    const { group, viewer } = await requireGroup(call, params.id);
    const { project } = await requireProject(call, params.project_id);
    const result = await rooms.db.transaction(async (tx) => {
      const moved = await transferProject(tx, project, group, now);
      if (moved.ok) await rescopeProjects(tx, [project.id]);
      return moved;
    });
    if (!result.ok) {
      throw refuse.badRequestText(`Failed to transfer project ${inspected(result.errors)}`);
    }
    return json(await groupView(call, group, viewer, true), 201);
  },
});
