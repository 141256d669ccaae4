import {
  changeGroup,
  createGroup,
  markGroupForDeletion,
  removeGroupNow,
  restoreGroup,
} from '../../project/create-group.ts';
import { groupViewerOf } from '../../project/group-access.ts';
import { instanceSettings } from '../../project/instance-settings.ts';
import { applyAvatar, avatarChange, avatarSetting } from '../avatars/upload.ts';
import { refuse } from '../errors.ts';
import { requireGroup } from '../find-group.ts';
import { REMOVAL_INPUT, requireRemovable } from '../remove-now.ts';
import { json, route } from '../route.ts';
import { GROUP_INPUT, groupSentence, groupSettingsOf } from './parameters.ts';
import { groupView } from './show.ts';

/** POST /groups: whoever may make groups at the top; below another, as that one says (rest-resources 3.1). */
export const createRoute = route({
  method: 'POST',
  path: '/api/v4/groups',
  access: { by: 'user' },
  input: {
    ...GROUP_INPUT,
    name: { type: 'string', required: true },
    path: { type: 'string', required: true },
    parent_id: { type: 'integer' },
  },
  async handle(call) {
    const { params, rooms, caller, now } = call;
    if (caller.kind !== 'user') throw refuse.forbidden();
    let parent = null;
    if (params.parent_id !== undefined) {
      parent = (await requireGroup(call, String(params.parent_id), 'create_subgroup')).group;
    } else if (!caller.user.canCreateGroup && !caller.user.admin) {
      throw refuse.forbidden();
    }
    const { default_group_visibility } = await instanceSettings(rooms.db.read);
    const visibility = params.visibility ?? parent?.visibility ?? default_group_visibility;
    const avatar = avatarChange(params.avatar);
    const values = {
      name: params.name,
      path: params.path,
      description: params.description ?? null,
      visibility,
      settings: { ...groupSettingsOf(params), ...avatarSetting(avatar) },
    };
    const result = await rooms.db.transaction(async (tx) => {
      const made = await createGroup(tx, caller.user, parent, values, now);
      if (made.ok) await applyAvatar(tx, 'group', made.group.id, avatar);
      return made;
    });
    if (!result.ok) throw refuse.badRequestText(groupSentence(result.errors));
    const viewer = await groupViewerOf(rooms.db.read, caller, result.group, now);
    return json(await groupView(call, result.group, viewer, true), 201);
  },
});

/** PUT G. */
export const editRoute = route({
  method: 'PUT',
  path: '/api/v4/groups/:id',
  access: { by: 'user' },
  input: {
    ...GROUP_INPUT,
    id: { type: 'string', required: true },
    name: { type: 'string' },
    path: { type: 'string' },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { group, viewer } = await requireGroup(call, params.id, 'admin_group');
    const avatar = avatarChange(params.avatar);
    const changes = {
      settings: { ...groupSettingsOf(params), ...avatarSetting(avatar) },
      ...(params.name === undefined ? {} : { name: params.name }),
      ...(params.path === undefined ? {} : { path: params.path }),
      ...(params.description === undefined ? {} : { description: params.description }),
      ...(params.visibility === undefined ? {} : { visibility: params.visibility }),
    };
    const result = await rooms.db.transaction(async (tx) => {
      const changed = await changeGroup(tx, group, changes, now);
      if (changed.ok) await applyAvatar(tx, 'group', group.id, avatar);
      return changed;
    });
    if (!result.ok) throw refuse.badRequestText(groupSentence(result.errors));
    return json(await groupView(call, result.group, viewer, true));
  },
});

/** POST G/restore takes the mark back. */
export const restoreRoute = route({
  method: 'POST',
  path: '/api/v4/groups/:id/restore',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true } },
  async handle(call) {
    const { group, viewer } = await requireGroup(call, call.params.id, 'admin_group');
    const result = await call.rooms.db.transaction((tx) => restoreGroup(tx, group, call.now));
    if (!result.ok) throw refuse.badRequestText(groupSentence(result.errors));
    return json(await groupView(call, result.group, viewer, true), 201);
  },
});

/** DELETE G: marked first, removed after the retention period, or at once when asked a second time (rest-resources 1.7). */
export const deleteRoute = route({
  method: 'DELETE',
  path: '/api/v4/groups/:id',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true }, ...REMOVAL_INPUT },
  async handle(call) {
    const { params, rooms, now } = call;
    const { group } = await requireGroup(call, params.id, 'admin_group');
    if (params.permanently_remove) {
      requireRemovable('Group', group, params.full_path);
      await rooms.db.transaction((tx) => removeGroupNow(tx, group, now));
    } else {
      const marked = await rooms.db.transaction((tx) => markGroupForDeletion(tx, group, now));
      if (!marked) throw refuse.badRequestText('Group has been already marked for deletion');
    }
    return json({ message: '202 Accepted' }, 202);
  },
});
