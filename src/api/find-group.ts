import { type GroupAction, type GroupViewer, groupViewerOf, mayInGroup } from '../project/group-access.ts';
import { findNamespace, type Namespace } from '../project/namespace.ts';
import { refuse } from './errors.ts';
import type { Call } from './route.ts';

/**
 * The group that `:id` names by id or full path, if the caller may see it. Throws `Refused`: 404 otherwise, 403 when
 * `action` is given and not allowed (rest-resources 3.1).
 */
export async function requireGroup(
  call: Pick<Call, 'caller' | 'rooms' | 'now'>,
  id: string,
  action?: GroupAction,
): Promise<{ group: Namespace; viewer: GroupViewer }> {
  const { read } = call.rooms.db;
  const group = await findNamespace(read, id);
  if (group === null || group.kind !== 'group') throw refuse.notFound('Group');
  const viewer = await groupViewerOf(read, call.caller, group, call.now);
  if (!mayInGroup(viewer, 'read_group', group)) throw refuse.notFound('Group');
  if (action !== undefined && !mayInGroup(viewer, action, group)) throw refuse.forbidden();
  return { group, viewer };
}
