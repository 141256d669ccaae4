import { randomBytes } from 'node:crypto';
import {
  type AccessToken,
  accessTokenById,
  createAccessToken,
  listAccessTokens,
  revokeAccessToken,
} from '../../project/access-token.ts';
import { may } from '../../project/authorize.ts';
import { createUser } from '../../project/create-user.ts';
import { mayInGroup } from '../../project/group-access.ts';
import { instanceSettings } from '../../project/instance-settings.ts';
import { addMember } from '../../project/member.ts';
import { refuseIfChanged } from '../conditional.ts';
import { tokenEntity } from '../entities/token.ts';
import { type Refused, refuse } from '../errors.ts';
import { requireGroup } from '../find-group.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Call, json, noContent, type Route, route } from '../route.ts';
import { filterOf, lastDay, NEW_TOKEN_INPUT, TOKEN_FILTER_INPUT } from './parameters.ts';
import { rotate } from './personal.ts';

type Kind = 'project' | 'group';
type ResourceCall = Pick<Call, 'caller' | 'rooms' | 'now' | 'path' | 'request' | 'baseUrl'>;

const ID = { type: 'string', required: true } as const;
const TOKEN_ID = { type: 'integer', required: true } as const;
const pathOf = (kind: Kind) => `/api/v4/${kind}s/:id/access_tokens`;

/** The project (maintainers) or group (owners) with the level that the caller may give; throws what `refusal` says. */
async function resourceOf(
  call: ResourceCall,
  kind: Kind,
  id: string,
  refusal: () => Refused,
): Promise<{ id: number; ceiling: number }> {
  if (kind === 'project') {
    const { project, viewer } = await requireProject(call, id);
    if (!may(viewer, 'manage_resource_access_tokens')) throw refusal();
    return { id: project.id, ceiling: viewer.admin ? 50 : viewer.level };
  }
  const { group, viewer } = await requireGroup(call, id);
  if (!mayInGroup(viewer, 'manage_resource_access_tokens', group)) throw refusal();
  return { id: group.id, ceiling: viewer.admin ? 50 : viewer.level };
}

/** Reading and rotating without the right is 401, creating and deleting is 400 (rest-resources 2.5). */
const unauthorized = () => refuse.unauthorized();
const notCreated = (kind: Kind) => () =>
  refuse.badRequest(`User does not have permission to create ${kind} access token`);
const notDeleted = () => refuse.badRequest('Failed to revoke token');

async function findToken(call: ResourceCall, kind: Kind, resourceId: number, id: number) {
  const token = await accessTokenById(call.rooms.db.read, id);
  if (token === null || token.kind !== kind || token.resourceId !== resourceId) {
    throw refuse.notFound(`${kind} Access Token`);
  }
  return token;
}

function listRoute(kind: Kind): Route {
  return route({
    method: 'GET',
    path: pathOf(kind),
    access: { by: 'user' },
    input: { ...PAGE_INPUT, ...TOKEN_FILTER_INPUT, id: ID },
    async handle(call) {
      const { params, rooms, now } = call;
      const resource = await resourceOf(call, kind, params.id, unauthorized);
      const page = pageOf(params);
      const filter = { ...filterOf(params, now), kinds: [kind], resourceId: resource.id };
      const { tokens, total } = await listAccessTokens(rooms.db.read, filter, page);
      return pageAnswer(
        call,
        page,
        tokens.map((token) => tokenEntity(token, now)),
        total,
      );
    },
  });
}

function showRoute(kind: Kind): Route {
  return route({
    method: 'GET',
    path: `${pathOf(kind)}/:token_id`,
    access: { by: 'user' },
    input: { id: ID, token_id: TOKEN_ID },
    async handle(call) {
      const resource = await resourceOf(call, kind, call.params.id, unauthorized);
      return json(tokenEntity(await findToken(call, kind, resource.id, call.params.token_id), call.now));
    },
  });
}

function createRoute(kind: Kind): Route {
  return route({
    method: 'POST',
    path: pathOf(kind),
    access: { by: 'user' },
    input: {
      ...NEW_TOKEN_INPUT,
      id: ID,
      access_level: { type: 'integer', default: 40, values: [10, 15, 20, 30, 40, 50] },
    },
    async handle(call) {
      const { params, now } = call;
      const resource = await resourceOf(call, kind, params.id, notCreated(kind));
      if (params.access_level > resource.ceiling) {
        throw refuse.badRequest('Could not provision a user with a role higher than yours');
      }
      if (params.scopes.length === 0) throw refuse.badRequest("Scopes can't be blank");
      const last = lastDay(params.expires_at, await instanceSettings(call.rooms.db.read), now);
      if (!last.ok) throw refuse.badRequest(last.text);
      const made = await makeWithBot(call, kind, resource.id, {
        name: params.name,
        scopes: [...new Set(params.scopes)],
        description: params.description ?? null,
        accessLevel: params.access_level,
        expiresAt: last.day,
      });
      return json(tokenEntity(made.token, now, made.secret), 201);
    },
  });
}

/** The token and the bot it acts as, a member with the token's role. */
async function makeWithBot(
  call: ResourceCall,
  kind: Kind,
  resourceId: number,
  values: Pick<AccessToken, 'name' | 'scopes' | 'description' | 'expiresAt'> & { accessLevel: number },
): Promise<{ token: AccessToken; secret: string }> {
  const { rooms, now, caller } = call;
  const username = `${kind}_${resourceId}_bot_${randomBytes(16).toString('hex')}`;
  const bot = { username, name: values.name, email: `${username}@noreply.localhost`, bot: true };
  return await rooms.db.transaction(async (tx) => {
    const created = await createUser(tx, { ...bot, canCreateGroup: false, projectsLimit: 0 }, now);
    if (!created.ok) throw new Error('the bot of a token could not be made');
    const userId = created.user.id;
    const createdById = caller.kind === 'anonymous' ? userId : caller.user.id;
    const membership = { userId, accessLevel: values.accessLevel, expiresAt: null, createdById };
    await addMember(tx, { type: kind, id: resourceId }, membership, now);
    return await createAccessToken(tx, { ...values, kind, userId, resourceId }, now);
  });
}

function deleteRoute(kind: Kind): Route {
  return route({
    method: 'DELETE',
    path: `${pathOf(kind)}/:token_id`,
    access: { by: 'user' },
    input: { id: ID, token_id: TOKEN_ID },
    async handle(call) {
      const resource = await resourceOf(call, kind, call.params.id, notDeleted);
      const token = await findToken(call, kind, resource.id, call.params.token_id);
      refuseIfChanged(call, token.updatedAt);
      await call.rooms.db.transaction((tx) => revokeAccessToken(tx, token.id, call.now));
      return noContent;
    },
  });
}

function rotateRoute(kind: Kind): Route {
  return route({
    method: 'POST',
    path: `${pathOf(kind)}/:token_id/rotate`,
    access: { by: 'user' },
    input: { id: ID, token_id: TOKEN_ID, expires_at: { type: 'date' } },
    async handle(call) {
      const resource = await resourceOf(call, kind, call.params.id, unauthorized);
      const token = await findToken(call, kind, resource.id, call.params.token_id);
      return await rotate(call, token, call.params.expires_at);
    },
  });
}

/**
 * POST …/self/rotate: the token that calls replaces itself. One of another kind is 405, one of another project or group 401
 * (rest-resources 2.5).
 */
function rotateSelfRoute(kind: Kind): Route {
  return route({
    method: 'POST',
    path: `${pathOf(kind)}/self/rotate`,
    access: { by: 'user', scopes: ['self_rotate'] },
    input: { id: ID, expires_at: { type: 'date' } },
    async handle(call) {
      const { caller, params } = call;
      const resource =
        kind === 'project'
          ? (await requireProject(call, params.id)).project
          : (await requireGroup(call, params.id)).group;
      const tokenId = caller.kind === 'user' ? caller.tokenId : null;
      const token = tokenId === null ? null : await accessTokenById(call.rooms.db.read, tokenId);
      if (token === null || token.kind !== kind) throw refuse.notAllowed();
      if (token.resourceId !== resource.id) throw refuse.unauthorized();
      return await rotate(call, token, params.expires_at);
    },
  });
}

export const resourceTokenRoutes: readonly Route[] = (['project', 'group'] as const).flatMap((kind) => [
  listRoute(kind),
  showRoute(kind),
  createRoute(kind),
  deleteRoute(kind),
  rotateSelfRoute(kind),
  rotateRoute(kind),
]);
