import { OWNER } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import {
  addMember,
  changeMember,
  GRANTABLE_LEVELS,
  isLastOwner,
  type Member,
  type MemberSource,
  removeMember,
} from '../../project/member.ts';
import { type User, userById, userByUsername } from '../../project/user.ts';
import { refuseIfChanged } from '../conditional.ts';
import { refuse } from '../errors.ts';
import { type Call, json, noContent, type Route, route } from '../route.ts';
import { findPlace, type MemberCall, memberViews, type Place } from './source.ts';

const ID = { type: 'string', required: true } as const;
const LEVEL = { type: 'integer', required: true } as const;

/** POST …/members: one user by id or name, or a comma list of ids (rest-resources 3.2). */
export function addRoute(type: MemberSource['type']): Route {
  return route({
    method: 'POST',
    path: `/api/v4/${type}s/:id/members`,
    access: { by: 'user' },
    input: {
      id: ID,
      access_level: LEVEL,
      user_id: { type: 'comma-list' },
      username: { type: 'comma-list' },
      expires_at: { type: 'date' },
    },
    rules: [{ atLeastOneOf: ['user_id', 'username'] }, { exclusive: ['user_id', 'username'] }],
    async handle(call) {
      const { params } = call;
      const place = await findPlace(call, type, params.id);
      if (!place.mayAdmin) throw refuse.forbidden();
      checkLevel(place, params.access_level);
      const names = params.user_id ?? params.username ?? [];
      const find = params.user_id === undefined ? byUsername : byId;
      const given = { accessLevel: params.access_level, expiresAt: params.expires_at ?? null };
      if (names.length > 1) return json(await addMany(call, place, names, find, given), 201);
      const user = await find(call, names[0] ?? '');
      if (user === null) throw refuse.notFound('User');
      const member = await add(call, place, user, given);
      if (member === null) throw refuse.conflict('Member already exists');
      return json(await view(call, member), 201);
    },
  });
}

/** PUT …/members/:user_id. */
export function changeRoute(type: MemberSource['type']): Route {
  return route({
    method: 'PUT',
    path: `/api/v4/${type}s/:id/members/:user_id`,
    access: { by: 'user' },
    input: {
      id: ID,
      user_id: { type: 'integer', required: true },
      access_level: LEVEL,
      expires_at: { type: 'date', nullable: true },
    },
    async handle(call) {
      const { params, rooms } = call;
      const place = await findPlace(call, type, params.id);
      if (!place.mayAdmin) throw refuse.forbidden();
      const members = await place.direct();
      const member = find(members, params.user_id);
      checkLevel(place, params.access_level);
      if (member.accessLevel > place.ceiling) throw refuse.forbidden();
      if (params.access_level < OWNER && isLastOwner(await place.all(), member)) throw refuse.forbidden();
      const changes = {
        accessLevel: params.access_level,
        ...(params.expires_at === undefined ? {} : { expiresAt: params.expires_at }),
      };
      const changed = await rooms.db.transaction((tx) => changeMember(tx, member, changes));
      return json(await view(call, changed));
    },
  });
}

/** DELETE …/members/:user_id: who may administer, or oneself; the last owner stays. */
export function removeRoute(type: MemberSource['type']): Route {
  return route({
    method: 'DELETE',
    path: `/api/v4/${type}s/:id/members/:user_id`,
    access: { by: 'user' },
    input: {
      id: ID,
      user_id: { type: 'integer', required: true },
      skip_subresources: { type: 'boolean' },
      unassign_issuables: { type: 'boolean' },
    },
    async handle(call) {
      const { params, rooms, caller } = call;
      const place = await findPlace(call, type, params.id);
      const members = await place.direct();
      const own = userOf(caller)?.id === params.user_id;
      if (!place.mayAdmin && !own) throw refuse.forbidden();
      const member = find(members, params.user_id);
      if (!own && member.accessLevel > place.ceiling) throw refuse.forbidden();
      if (isLastOwner(await place.all(), member)) throw refuse.forbidden();
      refuseIfChanged(call, member.createdAt);
      await rooms.db.transaction((tx) => removeMember(tx, member.id));
      return noContent;
    },
  });
}

/** Levels that exist, and none above one's own (security AUTHZ-8). */
function checkLevel(place: Place, level: number): void {
  if (!GRANTABLE_LEVELS.includes(level))
    throw refuse.invalid({ access_level: ['is not included in the list'] });
  if (level > place.ceiling) throw refuse.forbidden();
}

function find(members: readonly Member[], userId: number): Member {
  const member = members.find((one) => one.userId === userId);
  if (member === undefined) throw refuse.recordNotFound();
  return member;
}

type FindUser = (call: MemberCall, name: string) => Promise<User | null>;
const byId: FindUser = async (call, name) =>
  /^\d{1,15}$/.test(name) ? await userById(call.rooms.db.read, Number(name)) : null;
const byUsername: FindUser = (call, name) => userByUsername(call.rooms.db.read, name);

/** Adds a member; null when there is one already. */
async function add(
  call: MemberCall,
  place: Place,
  user: User,
  given: { accessLevel: number; expiresAt: string | null },
): Promise<Member | null> {
  const { rooms, caller, now } = call;
  if ((await place.direct()).some(({ userId }) => userId === user.id)) return null;
  const createdById = userOf(caller)?.id ?? user.id;
  return await rooms.db.transaction((tx) =>
    addMember(tx, place.source, { userId: user.id, ...given, createdById }, now),
  );
}

/** Several at once: a status, with a text for each that failed. */
async function addMany(
  call: MemberCall,
  place: Place,
  names: readonly string[],
  findUser: FindUser,
  given: { accessLevel: number; expiresAt: string | null },
) {
  const failures: Record<string, string> = {};
  for (const name of names) {
    const user = await findUser(call, name);
    if (user === null) failures[name] = 'User not found';
    else if ((await add(call, place, user, given)) === null) failures[name] = 'Member already exists';
  }
  return Object.keys(failures).length === 0 ? { status: 'success' } : { status: 'error', message: failures };
}

async function view(call: Pick<Call, keyof MemberCall>, member: Member): Promise<unknown> {
  return (await memberViews(call, [member]))[0]?.entity;
}
