import { endShare, shareOf, shareWith } from '../../project/share.ts';
import { refuseIfChanged } from '../conditional.ts';
import { refuse } from '../errors.ts';
import { requireGroup } from '../find-group.ts';
import { SHARE_INPUT } from '../projects/share.ts';
import { json, noContent, route } from '../route.ts';
import { groupView } from './show.ts';

/** POST G/share: owners let the members of another group in, which they may see (rest-resources 3.1). */
export const shareRoute = route({
  method: 'POST',
  path: '/api/v4/groups/:id/share',
  access: { by: 'user' },
  input: SHARE_INPUT,
  async handle(call) {
    const { params, rooms, now } = call;
    const { group, viewer } = await requireGroup(call, params.id, 'admin_group_member');
    const other = await requireGroup(call, String(params.group_id));
    const source = { type: 'group', id: group.id, namespaceId: group.id } as const;
    const given = {
      groupId: other.group.id,
      accessLevel: params.group_access,
      expiresAt: params.expires_at ?? null,
    };
    const result = await rooms.db.transaction((tx) => shareWith(tx, source, given, now));
    if (!result.ok) throw refuse.conflict(result.text);
    return json(await groupView(call, group, viewer, true), 201);
  },
});

/** DELETE G/share/:group_id. */
export const unshareRoute = route({
  method: 'DELETE',
  path: '/api/v4/groups/:id/share/:group_id',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true }, group_id: { type: 'integer', required: true } },
  async handle(call) {
    const { group } = await requireGroup(call, call.params.id, 'admin_group_member');
    const { db } = call.rooms;
    const share = await shareOf(db.read, { type: 'group', id: group.id }, call.params.group_id);
    if (share === null) throw refuse.notFound();
    refuseIfChanged(call, share.createdAt);
    await db.transaction((tx) => endShare(tx, share));
    return noContent;
  },
});
