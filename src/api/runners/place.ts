import { may, viewerOf } from '../../project/authorize.ts';
import { type Caller, userOf } from '../../project/caller.ts';
import { groupViewerOf, mayInGroup } from '../../project/group-access.ts';
import { namespaceById } from '../../project/namespace.ts';
import { projectById } from '../../project/project.ts';
import type { RunnerPlace } from '../../runner/register.ts';
import { refuse } from '../errors.ts';
import type { Call } from '../route.ts';

interface PlaceParams {
  runner_type: string;
  group_id?: number | undefined;
  project_id?: number | undefined;
}

/**
 * Where a new runner goes, if the caller may put it there (security RUN-1): instance for administrators, a group for its
 * owners, a project for its maintainers. One that does not exist is refused like one that is not theirs.
 */
export async function requirePlace(
  call: Pick<Call, 'caller' | 'rooms' | 'now'> & { params: PlaceParams },
): Promise<RunnerPlace> {
  const place = placeOf(call.params);
  if (!(await mayPlace(call, call.caller, place))) throw refuse.forbidden('Insufficient permissions');
  return place;
}

function placeOf(params: PlaceParams): RunnerPlace {
  switch (params.runner_type) {
    case 'group_type':
      if (params.group_id === undefined) throw refuse.invalidParameters(['group_id is missing']);
      return { type: 'group_type', groupId: params.group_id };
    case 'project_type':
      if (params.project_id === undefined) throw refuse.invalidParameters(['project_id is missing']);
      return { type: 'project_type', projectId: params.project_id };
    default:
      return { type: 'instance_type' };
  }
}

async function mayPlace(
  { rooms, now }: Pick<Call, 'rooms' | 'now'>,
  caller: Caller,
  place: RunnerPlace,
): Promise<boolean> {
  const { read } = rooms.db;
  if (place.type === 'instance_type') return userOf(caller)?.admin ?? false;
  if (place.type === 'project_type') {
    const project = await projectById(read, place.projectId);
    return project !== null && may(await viewerOf(read, caller, project, now), 'admin_runner');
  }
  const group = await namespaceById(read, place.groupId);
  if (group === null || group.kind !== 'group') return false;
  return mayInGroup(await groupViewerOf(read, caller, group, now), 'admin_runner', group);
}
