import { type AvatarOwner, findAvatar } from '../../project/avatar.ts';
import { userOf } from '../../project/caller.ts';
import { changeUser } from '../../project/create-user.ts';
import { userById } from '../../project/user.ts';
import { avatarUrl } from '../entities/avatar.ts';
import { refuse } from '../errors.ts';
import { requireGroup } from '../find-group.ts';
import { requireProject } from '../find-project.ts';
import { type Answer, type Call, json, type Route, route } from '../route.ts';
import { AVATAR_INPUT, applyAvatar, avatarChange, avatarSetting } from './upload.ts';

const ID = { type: 'string', required: true } as const;

type OwnerCall = Pick<Call, 'rooms' | 'caller' | 'now' | 'path' | 'request' | 'baseUrl'>;

/** A picture is an upload: it is shown as a picture, but runs nothing (security ART-6). */
async function send(call: OwnerCall, owner: AvatarOwner, id: number): Promise<Answer> {
  const avatar = await findAvatar(call.rooms.db.read, owner, id);
  if (avatar === null) throw refuse.notFound('Avatar');
  const headers = {
    'content-type': avatar.contentType,
    'content-disposition': 'inline',
    'content-security-policy': "sandbox; default-src 'none'",
    'cache-control': 'private, max-age=300',
  };
  return { status: 200, headers, body: Buffer.from(avatar.bytes) };
}

/** GET P/avatar and G/avatar. */
export const projectAvatarRoute = route({
  method: 'GET',
  path: '/api/v4/projects/:id/avatar',
  access: { by: 'user', anonymous: true },
  input: { id: ID },
  handle: async (call) =>
    await send(call, 'project', (await requireProject(call, call.params.id)).project.id),
});

export const groupAvatarRoute = route({
  method: 'GET',
  path: '/api/v4/groups/:id/avatar',
  access: { by: 'user', anonymous: true },
  input: { id: ID },
  handle: async (call) => await send(call, 'group', (await requireGroup(call, call.params.id)).group.id),
});

/** Where `avatar_url` leads; those of projects and groups to whoever may see these. */
export const uploadRoute = route({
  method: 'GET',
  path: '/uploads/-/system/:owner/avatar/:id/:name',
  access: { by: 'user', anonymous: true, scopes: ['read_user'] },
  input: {
    owner: { type: 'string', required: true, values: ['user', 'project', 'group'] },
    id: { type: 'integer', required: true },
    name: { type: 'string', required: true },
  },
  async handle(call) {
    const { owner, id } = call.params;
    if (owner === 'project') await requireProject(call, String(id));
    if (owner === 'group') await requireGroup(call, String(id));
    return await send(call, owner, id);
  },
});

/** PUT /user/avatar: one's own. */
export const ownAvatarRoute = route({
  method: 'PUT',
  path: '/api/v4/user/avatar',
  access: { by: 'user' },
  input: AVATAR_INPUT,
  rules: [{ atLeastOneOf: ['avatar'] }],
  async handle(call) {
    const { rooms, caller, now, baseUrl } = call;
    const user = userOf(caller);
    if (caller.kind !== 'user' || user === null) throw refuse.forbidden();
    const change = avatarChange(call.params.avatar);
    const profile = avatarSetting(change);
    await rooms.db.transaction(async (tx) => {
      const fresh = (await userById(tx, user.id)) ?? user;
      await changeUser(tx, fresh, { profile }, now);
      await applyAvatar(tx, 'user', user.id, change);
    });
    return json({ avatar_url: avatarUrl('user', user.id, profile.avatar, baseUrl) });
  },
});

export const avatarRoutes: readonly Route[] = [
  projectAvatarRoute,
  groupAvatarRoute,
  ownAvatarRoute,
  uploadRoute,
];
