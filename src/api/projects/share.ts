import { may, type Viewer } from '../../project/authorize.ts';
import { GRANTABLE_LEVELS } from '../../project/member.ts';
import { endShare, shareOf, shareWith } from '../../project/share.ts';
import { refuseIfChanged } from '../conditional.ts';
import { refuse } from '../errors.ts';
import { requireGroup } from '../find-group.ts';
import { requireProject } from '../find-project.ts';
import type { InputShape } from '../input.ts';
import { json, noContent, route } from '../route.ts';

/** What sharing with a group says, of projects and groups alike. */
export const SHARE_INPUT = {
  id: { type: 'string', required: true },
  group_id: { type: 'integer', required: true },
  group_access: { type: 'integer', required: true, values: GRANTABLE_LEVELS },
  expires_at: { type: 'date' },
} as const satisfies InputShape;

/** POST P/share: maintainers let a group in that they may see, at most with their own level (rest-resources 1.1). */
export const shareRoute = route({
  method: 'POST',
  path: '/api/v4/projects/:id/share',
  access: { by: 'user' },
  input: SHARE_INPUT,
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, viewer } = await requireProject(call, params.id, 'admin_project_member');
    const { group } = await requireGroup(call, String(params.group_id));
    if (!mayGive(viewer, params.group_access)) throw refuse.forbidden();
    const source = { type: 'project', id: project.id, namespaceId: project.namespaceId } as const;
    const given = {
      groupId: group.id,
      accessLevel: params.group_access,
      expiresAt: params.expires_at ?? null,
    };
    const result = await rooms.db.transaction((tx) => shareWith(tx, source, given, now));
    if (!result.ok) throw refuse.conflict(result.text);
    const { share } = result;
    return json(
      {
        id: share.id,
        project_id: project.id,
        group_id: share.groupId,
        group_access: share.accessLevel,
        expires_at: share.expiresAt,
      },
      201,
    );
  },
});

/** DELETE P/share/:group_id. */
export const unshareRoute = route({
  method: 'DELETE',
  path: '/api/v4/projects/:id/share/:group_id',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true }, group_id: { type: 'integer', required: true } },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'admin_project_member');
    const { db } = call.rooms;
    const share = await shareOf(db.read, { type: 'project', id: project.id }, call.params.group_id);
    if (share === null) throw refuse.notFound('Group Link');
    refuseIfChanged(call, share.createdAt);
    await db.transaction((tx) => endShare(tx, share));
    return noContent;
  },
});

function mayGive(viewer: Viewer, level: number): boolean {
  return viewer.admin || (may(viewer, 'admin_project_member') && level <= viewer.level);
}
