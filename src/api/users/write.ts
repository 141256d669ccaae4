import { randomBytes } from 'node:crypto';
import { changeUser, createUser, type UserResult, type UserValues } from '../../project/create-user.ts';
import { instanceSettings } from '../../project/instance-settings.ts';
import { hashPassword, passwordErrors } from '../../project/password.ts';
import { removeUser, soleOwnedGroups } from '../../project/remove-user.ts';
import { userById } from '../../project/user.ts';
import {
  AVATAR_INPUT,
  type AvatarChange,
  applyAvatar,
  avatarChange,
  avatarSetting,
} from '../avatars/upload.ts';
import { refuseIfChanged } from '../conditional.ts';
import { refuse } from '../errors.ts';
import type { Input, InputShape } from '../input.ts';
import { json, noContent, route } from '../route.ts';
import { renewedSession } from '../sessions/password.ts';
import { adminView } from './read.ts';

const PROFILE = {
  bio: { type: 'string', nullable: true },
  location: { type: 'string', nullable: true },
  organization: { type: 'string', nullable: true },
  job_title: { type: 'string', nullable: true },
  pronouns: { type: 'string', nullable: true },
  linkedin: { type: 'string', nullable: true },
  twitter: { type: 'string', nullable: true },
  discord: { type: 'string', nullable: true },
  github: { type: 'string', nullable: true },
  website_url: { type: 'string', nullable: true },
  note: { type: 'string', nullable: true },
  private_profile: { type: 'boolean' },
} as const satisfies InputShape;

/** Parameters of create and edit alike (rest-resources 2.1). */
const SHARED = {
  ...PROFILE,
  admin: { type: 'boolean' },
  can_create_group: { type: 'boolean' },
  projects_limit: { type: 'integer', min: 0 },
  external: { type: 'boolean' },
  public_email: { type: 'string', nullable: true },
  password: { type: 'string' },
  ...AVATAR_INPUT,
} as const satisfies InputShape;

/** POST /users: one of a password, a random one, or none until it is set. */
export const createRoute = route({
  method: 'POST',
  path: '/api/v4/users',
  access: { by: 'user', admin: true },
  input: {
    ...SHARED,
    email: { type: 'string', required: true },
    name: { type: 'string', required: true },
    username: { type: 'string', required: true },
    reset_password: { type: 'boolean' },
    force_random_password: { type: 'boolean' },
    skip_confirmation: { type: 'boolean' },
  },
  rules: [{ atLeastOneOf: ['password', 'reset_password', 'force_random_password'] }],
  async handle(call) {
    const { params, rooms, now } = call;
    const password = params.password ?? randomBytes(24).toString('base64url');
    const instance = await instanceSettings(rooms.db.read);
    const avatar = avatarChange(params.avatar);
    const values = {
      canCreateGroup: instance.can_create_group,
      projectsLimit: instance.default_projects_limit,
      username: params.username,
      name: params.name,
      email: params.email,
      ...valuesOf(params, avatar),
      passwordHash: await hashOf(password),
    };
    const result = await rooms.db.transaction(async (tx) => {
      const made = await createUser(tx, values, now);
      if (made.ok) await applyAvatar(tx, 'user', made.user.id, avatar);
      return made;
    });
    return json(await adminView(call, userOf(result)), 201);
  },
});

/** PUT /users/:id. */
export const editRoute = route({
  method: 'PUT',
  path: '/api/v4/users/:id',
  access: { by: 'user', admin: true },
  input: {
    ...SHARED,
    id: { type: 'integer', required: true },
    email: { type: 'string' },
    name: { type: 'string' },
    username: { type: 'string' },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const user = await userById(rooms.db.read, params.id);
    if (user === null) throw refuse.notFound('User');
    const avatar = avatarChange(params.avatar);
    const changes = {
      ...valuesOf(params, avatar),
      ...(params.username === undefined ? {} : { username: params.username }),
      ...(params.name === undefined ? {} : { name: params.name }),
      ...(params.email === undefined ? {} : { email: params.email }),
      ...(params.password === undefined ? {} : { passwordHash: await hashOf(params.password) }),
      passwordExpired: call.caller.kind === 'user' && call.caller.user.id !== user.id,
    };
    const result = await rooms.db.transaction(async (tx) => {
      const changed = await changeUser(tx, user, changes, now);
      if (changed.ok) await applyAvatar(tx, 'user', user.id, avatar);
      return changed;
    });
    const edited = userOf(result);
    const signedOut = params.password !== undefined || edited.admin !== user.admin;
    const headers = signedOut ? await renewedSession(call, user.id) : {};
    return json(await adminView(call, edited), 200, headers);
  },
});

/** DELETE /users/:id: the account and its tokens go; what it made stays with the name of a ghost (rest-resources 2.1). */
export const deleteRoute = route({
  method: 'DELETE',
  path: '/api/v4/users/:id',
  access: { by: 'user', admin: true },
  input: { id: { type: 'integer', required: true }, hard_delete: { type: 'boolean', default: false } },
  async handle(call) {
    const { params, rooms, now } = call;
    const user = await userById(rooms.db.read, params.id);
    if (user === null) throw refuse.notFound('User');
    if (!params.hard_delete && (await soleOwnedGroups(rooms.db.read, user.id)) > 0) {
      throw refuse.conflict('User cannot be removed while is the sole-owner of a group');
    }
    refuseIfChanged(call, user.updatedAt);
    await rooms.db.transaction((tx) => removeUser(tx, user, now));
    return noContent;
  },
});

function valuesOf(params: Input<typeof SHARED>, avatar: AvatarChange): Partial<UserValues> {
  const given = params as Record<string, unknown>;
  const names = Object.keys(PROFILE).filter((name) => given[name] !== undefined);
  return {
    profile: { ...Object.fromEntries(names.map((name) => [name, given[name]])), ...avatarSetting(avatar) },
    ...(params.admin === undefined ? {} : { admin: params.admin }),
    ...(params.can_create_group === undefined ? {} : { canCreateGroup: params.can_create_group }),
    ...(params.projects_limit === undefined ? {} : { projectsLimit: params.projects_limit }),
    ...(params.external === undefined ? {} : { external: params.external }),
    ...(params.public_email === undefined ? {} : { publicEmail: params.public_email ?? '' }),
  };
}

async function hashOf(password: string): Promise<string> {
  const errors = passwordErrors(password);
  if (errors.length > 0) throw refuse.invalid({ password: errors });
  return await hashPassword(password);
}

/** The user, or the refusal as the contract words it (rest-resources 2.2). */
function userOf(result: UserResult) {
  if (result.ok) return result.user;
  switch (result.reason) {
    case 'email_taken':
      throw refuse.conflict('Email has already been taken');
    case 'username_taken':
      throw refuse.conflict('Username has already been taken');
    case 'invalid':
      throw refuse.invalid(result.errors);
  }
}
