import {
  type AccessToken,
  accessTokenById,
  createAccessToken,
  listAccessTokens,
  revokeAccessToken,
} from '../../project/access-token.ts';
import { instanceSettings } from '../../project/instance-settings.ts';
import { userById } from '../../project/user.ts';
import { refuseIfChanged } from '../conditional.ts';
import { tokenEntity } from '../entities/token.ts';
import { refuse } from '../errors.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Answer, type Call, json, noContent, type Route, route } from '../route.ts';
import { filterOf, lastDay, NEW_TOKEN_INPUT, refuseWider, TOKEN_FILTER_INPUT } from './parameters.ts';

type TokenCall = Pick<Call, 'caller' | 'rooms' | 'now' | 'request'>;
const USER_ID = { type: 'integer', required: true } as const;

/** Administrators make tokens for others, personal or for impersonation (rest-resources 2.4). */
function createRoute(kind: 'personal' | 'impersonation'): Route {
  return route({
    method: 'POST',
    path: `/api/v4/users/:user_id/${kind === 'personal' ? 'personal_access_tokens' : 'impersonation_tokens'}`,
    access: { by: 'user', admin: true },
    input: { ...NEW_TOKEN_INPUT, user_id: USER_ID },
    async handle(call) {
      const user = await userById(call.rooms.db.read, call.params.user_id);
      if (user === null) throw refuse.notFound('User');
      return await make(call, kind, user.id, call.params);
    },
  });
}

/** Scopes that a token may give to another one of its user (security TOK-7). */
const HARMLESS = ['k8s_proxy', 'self_rotate'];

/** One's own token: a token makes one of scopes that give nothing away, the user himself in a browser any. */
export const createOwnRoute = route({
  method: 'POST',
  path: '/api/v4/user/personal_access_tokens',
  access: { by: 'user' },
  input: NEW_TOKEN_INPUT,
  async handle(call) {
    const { caller, params } = call;
    if (caller.kind !== 'user') throw refuse.forbidden();
    if (caller.sessionId === undefined && params.scopes.some((scope) => !HARMLESS.includes(scope))) {
      throw refuse.invalidParameters(['scopes does not have a valid value']);
    }
    return await make(call, 'personal', caller.user.id, params);
  },
});

async function make(
  call: TokenCall,
  kind: AccessToken['kind'],
  userId: number,
  given: {
    name: string;
    scopes: string[];
    description?: string | null | undefined;
    expires_at?: string | null | undefined;
  },
): Promise<Answer> {
  const { rooms, now } = call;
  if (given.scopes.length === 0) throw refuse.unprocessable("Scopes can't be blank");
  refuseWider(call.caller, given.scopes);
  const last = lastDay(given.expires_at, await instanceSettings(rooms.db.read), now);
  if (!last.ok) throw refuse.unprocessable(last.text);
  const values = {
    userId,
    kind,
    name: given.name,
    scopes: [...new Set(given.scopes)],
    description: given.description ?? null,
    expiresAt: last.day,
  };
  const { token, secret } = await rooms.db.transaction((tx) => createAccessToken(tx, values, now));
  return json(tokenEntity(token, now, secret), 201);
}

const IMPERSONATION_PATH = '/api/v4/users/:user_id/impersonation_tokens';

const listImpersonationRoute = route({
  method: 'GET',
  path: IMPERSONATION_PATH,
  access: { by: 'user', admin: true },
  input: {
    ...PAGE_INPUT,
    ...TOKEN_FILTER_INPUT,
    user_id: USER_ID,
    state: { type: 'string', default: 'all', values: ['all', 'active', 'inactive'] },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    if ((await userById(rooms.db.read, params.user_id)) === null) throw refuse.notFound('User');
    const page = pageOf(params);
    const state = params.state === 'all' ? undefined : params.state;
    const filter = {
      ...filterOf({ ...params, state }, now),
      kinds: ['impersonation'],
      userId: params.user_id,
    };
    const { tokens, total } = await listAccessTokens(rooms.db.read, filter, page);
    return pageAnswer(
      call,
      page,
      tokens.map((token) => tokenEntity(token, now)),
      total,
    );
  },
});

async function findImpersonation(call: TokenCall, userId: number, id: number): Promise<AccessToken> {
  const token = await accessTokenById(call.rooms.db.read, id);
  if (token === null || token.kind !== 'impersonation' || token.userId !== userId) {
    throw refuse.notFound('Impersonation Token');
  }
  return token;
}

const showImpersonationRoute = route({
  method: 'GET',
  path: `${IMPERSONATION_PATH}/:token_id`,
  access: { by: 'user', admin: true },
  input: { user_id: USER_ID, token_id: USER_ID },
  async handle(call) {
    const { user_id, token_id } = call.params;
    return json(tokenEntity(await findImpersonation(call, user_id, token_id), call.now));
  },
});

const deleteImpersonationRoute = route({
  method: 'DELETE',
  path: `${IMPERSONATION_PATH}/:token_id`,
  access: { by: 'user', admin: true },
  input: { user_id: USER_ID, token_id: USER_ID },
  async handle(call) {
    const token = await findImpersonation(call, call.params.user_id, call.params.token_id);
    refuseIfChanged(call, token.updatedAt);
    await call.rooms.db.transaction((tx) => revokeAccessToken(tx, token.id, call.now));
    return noContent;
  },
});

export const forUserRoutes: readonly Route[] = [
  createRoute('personal'),
  createOwnRoute,
  listImpersonationRoute,
  createRoute('impersonation'),
  showImpersonationRoute,
  deleteImpersonationRoute,
];
