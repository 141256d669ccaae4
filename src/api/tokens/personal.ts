import {
  type AccessToken,
  accessTokenById,
  dayOf,
  expiryError,
  listAccessTokens,
  ROTATED_LIFETIME_DAYS,
  revokeAccessToken,
  rotateAccessToken,
} from '../../project/access-token.ts';
import { userOf } from '../../project/caller.ts';
import type { User } from '../../project/user.ts';
import { refuseIfChanged } from '../conditional.ts';
import { tokenEntity } from '../entities/token.ts';
import { refuse } from '../errors.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Answer, type Call, json, noContent, route } from '../route.ts';
import { filterOf, refuseWider, TOKEN_FILTER_INPUT } from './parameters.ts';

const PATH = '/api/v4/personal_access_tokens';
const ID = { type: 'integer', required: true } as const;
const SELF_ONLY = 'This endpoint requires token type to be a personal access token';

type TokenCall = Pick<Call, 'caller' | 'rooms' | 'now' | 'request'>;

/** GET: one's own tokens; administrators all (rest-resources 2.4). */
export const listRoute = route({
  method: 'GET',
  path: PATH,
  access: { by: 'user' },
  input: { ...PAGE_INPUT, ...TOKEN_FILTER_INPUT, user_id: { type: 'integer' } },
  async handle(call) {
    const { params, rooms, now } = call;
    const user = signedIn(call);
    if (!user.admin && params.user_id !== undefined && params.user_id !== user.id)
      throw refuse.unauthorized();
    const page = pageOf(params);
    const userId = user.admin ? params.user_id : user.id;
    const kinds = user.admin ? ['personal', 'project', 'group'] : ['personal'];
    const filter = { ...filterOf(params, now), kinds, userId };
    const { tokens, total } = await listAccessTokens(rooms.db.read, filter, page);
    return pageAnswer(
      call,
      page,
      tokens.map((token) => tokenEntity(token, now)),
      total,
    );
  },
});

export const showSelfRoute = route({
  method: 'GET',
  path: `${PATH}/self`,
  access: { by: 'user', scopes: ['*'], jobToken: true },
  input: {},
  async handle(call) {
    return json({ ...tokenEntity(await ownToken(call), call.now), last_used_ips: [] });
  },
});

export const showRoute = route({
  method: 'GET',
  path: `${PATH}/:token_id`,
  access: { by: 'user' },
  input: { token_id: ID },
  async handle(call) {
    return json(tokenEntity(await findToken(call, call.params.token_id), call.now));
  },
});

export const deleteSelfRoute = route({
  method: 'DELETE',
  path: `${PATH}/self`,
  access: { by: 'user', scopes: ['*'] },
  input: {},
  handle: async (call) => await revoke(call, await ownToken(call)),
});

export const deleteRoute = route({
  method: 'DELETE',
  path: `${PATH}/:token_id`,
  access: { by: 'user' },
  input: { token_id: ID },
  handle: async (call) => await revoke(call, await findToken(call, call.params.token_id)),
});

export const rotateSelfRoute = route({
  method: 'POST',
  path: `${PATH}/self/rotate`,
  access: { by: 'user', scopes: ['self_rotate'] },
  input: { expires_at: { type: 'date' } },
  async handle(call) {
    if (call.caller.kind !== 'user' || call.caller.tokenId === null) throw refuse.notAllowed();
    return await rotate(call, await ownToken(call), call.params.expires_at);
  },
});

export const rotateRoute = route({
  method: 'POST',
  path: `${PATH}/:token_id/rotate`,
  access: { by: 'user' },
  input: { token_id: ID, expires_at: { type: 'date' } },
  handle: async (call) =>
    await rotate(call, await findToken(call, call.params.token_id), call.params.expires_at),
});

function signedIn(call: TokenCall): User {
  const user = userOf(call.caller);
  if (user === null) throw refuse.unauthorized();
  return user;
}

/** The token that makes this call; a session or a job's token has none. */
async function ownToken(call: TokenCall): Promise<AccessToken> {
  const { caller, rooms } = call;
  const id = caller.kind === 'user' ? caller.tokenId : null;
  const token = id === null ? null : await accessTokenById(rooms.db.read, id);
  if (token === null) throw refuse.badRequest(SELF_ONLY);
  return token;
}

/** A token by id: one's own or, for administrators, any. Others learn nothing about it. */
async function findToken(call: TokenCall, id: number): Promise<AccessToken> {
  const user = signedIn(call);
  const token = await accessTokenById(call.rooms.db.read, id);
  if (user.admin) {
    if (token === null) throw refuse.notFound();
    return token;
  }
  if (token === null || token.userId !== user.id || token.kind !== 'personal') throw refuse.unauthorized();
  return token;
}

async function revoke(call: TokenCall, token: AccessToken): Promise<Answer> {
  refuseIfChanged(call, token.updatedAt);
  await call.rooms.db.transaction((tx) => revokeAccessToken(tx, token.id, call.now));
  return noContent;
}

/** 200 with the new token; the old one is dead by then. */
export async function rotate(call: TokenCall, token: AccessToken, day: string | undefined): Promise<Answer> {
  const { rooms, now } = call;
  if (call.caller.kind !== 'user' || call.caller.tokenId !== token.id) refuseWider(call.caller, token.scopes);
  const expiresAt = day ?? dayOf(now, ROTATED_LIFETIME_DAYS);
  const wrong = expiryError(expiresAt, now, true);
  if (wrong !== null) throw refuse.badRequest(wrong);
  const result = await rooms.db.transaction((tx) => rotateAccessToken(tx, token, expiresAt, now));
  if (result.ok) return json(tokenEntity(result.token, now, result.secret));
  switch (result.reason) {
    case 'revoked':
      throw refuse.badRequest('token already revoked');
    case 'expired':
      throw refuse.badRequest('token already expired');
  }
}
