import type { IncomingMessage } from 'node:http';
import {
  type AccessToken,
  bearerOf,
  isExpired,
  noteUse,
  revokeFamily,
  useIsDue,
} from '../project/access-token.ts';
import type { Caller } from '../project/caller.ts';
import { type User, userById, userByUsername } from '../project/user.ts';
import { refuse } from './errors.ts';
import type { Fields } from './nested-form.ts';
import { jobOfToken } from './read/job-token.ts';
import type { Rooms } from './rooms.ts';
import type { Access } from './route.ts';
import { sessionCaller } from './session-cookie.ts';

export type UserAccess = Access & { by: 'user' };

const ANONYMOUS: Caller = { kind: 'anonymous' };

/**
 * Who calls, decided by exactly one credential (jobs-api 1.4, security TOK-4): `private_token`, PRIVATE-TOKEN, Bearer,
 * then a job's token where the route takes one, then the session. The first that is present decides; a bad one is
 * refused even where nobody needs to sign in. Throws `Refused`.
 */
export async function authenticate(
  rooms: Rooms,
  access: UserAccess,
  request: IncomingMessage,
  fields: Fields,
  baseUrl: string,
  now: number,
): Promise<Caller> {
  const caller =
    (await byToken(rooms, access, request, fields, now)) ??
    (await sessionCaller(rooms, request, fields, baseUrl, now)) ??
    ANONYMOUS;
  if (caller.kind === 'anonymous') {
    if (!access.anonymous) throw refuse.unauthorized();
    return caller;
  }
  refuseBlocked(caller.user);
  const acting = await actAs(rooms, caller, request, fields);
  if (access.admin && !(acting.kind === 'user' && acting.user.admin)) throw refuse.forbidden();
  return acting;
}

/** Whether a request shows some credential before its body is read; others get a smaller body (security LIM-1). */
export function showsCredential(request: IncomingMessage, query: Fields): boolean {
  const { headers } = request;
  return (
    headers['private-token'] !== undefined ||
    headers.authorization !== undefined ||
    headers['job-token'] !== undefined ||
    headers.cookie !== undefined ||
    query.private_token !== undefined ||
    query.job_token !== undefined ||
    query.token !== undefined
  );
}

async function byToken(
  rooms: Rooms,
  access: UserAccess,
  request: IncomingMessage,
  fields: Fields,
  now: number,
): Promise<Caller | null> {
  const personal = scalar(fields, 'private_token') ?? header(request, 'private-token');
  if (personal !== null) return await byPersonalToken(rooms, access, request, personal, now);
  const bearer = bearerToken(request);
  if (bearer !== null) {
    const caller = await byBearer(rooms, access, request, bearer, now);
    if (caller !== null) return caller;
  }
  if (access.jobToken) {
    const token = scalar(fields, 'job_token') ?? scalar(fields, 'token') ?? header(request, 'job-token');
    if (token !== null) {
      const caller = await byJobToken(rooms, token);
      if (caller === null) throw refuse.unauthorized();
      return caller;
    }
  }
  return null;
}

/** Bearer carries a job's token on routes that take one, a personal token otherwise; a dead job's token is nothing. */
async function byBearer(
  rooms: Rooms,
  access: UserAccess,
  request: IncomingMessage,
  token: string,
  now: number,
): Promise<Caller | null> {
  const caller = access.jobToken ? await byJobToken(rooms, token) : null;
  if (caller !== null) return caller;
  return token.startsWith('glcbt-') ? null : await byPersonalToken(rooms, access, request, token, now);
}

async function byPersonalToken(
  rooms: Rooms,
  access: UserAccess,
  request: IncomingMessage,
  secret: string,
  now: number,
): Promise<Caller> {
  const bearer = secret.startsWith('glcbt-') ? null : await bearerOf(rooms.db.read, secret);
  if (bearer === null) throw refuse.unauthorized();
  const { token, user } = bearer;
  if (token.revoked && asksForRotation(request)) {
    await rooms.db.transaction((tx) => revokeFamily(tx, token, now));
  }
  refuseUnusable(token, access, request.method ?? 'GET', now);
  if (user === null) throw refuse.unauthorized();
  if (useIsDue(token, now)) await rooms.db.transaction((tx) => noteUse(tx, token.id, now));
  return { kind: 'user', user, tokenId: token.id, scopes: token.scopes };
}

/** A revoked token that wants to be rotated was used twice (rest-resources 2.4). */
function asksForRotation(request: IncomingMessage): boolean {
  return request.method === 'POST' && /\/self\/rotate\/?(\?|$)/.test(request.url ?? '');
}

/** Expired before revoked before too narrow, as GitLab says it (jobs-api 1.4). */
function refuseUnusable(token: AccessToken, access: UserAccess, method: string, now: number): void {
  if (isExpired(token, now)) throw refuse.tokenExpired();
  if (token.revoked) throw refuse.tokenRevoked();
  if (access.scopes?.includes('*')) return;
  const reads = method === 'GET' || method === 'HEAD';
  const accepted = ['api', ...(reads ? ['read_api'] : []), ...(access.scopes ?? [])];
  if (!token.scopes.some((scope) => accepted.includes(scope))) throw refuse.insufficientScope(accepted);
}

async function byJobToken(rooms: Rooms, token: string): Promise<Caller | null> {
  const job = await jobOfToken(rooms.db.read, token);
  if (job === null) return null;
  const user = await userById(rooms.db.read, job.userId);
  return user === null ? null : { kind: 'job', user, jobId: job.jobId, projectId: job.projectId };
}

function refuseBlocked(user: User): void {
  if (user.state === 'blocked' || user.state === 'banned') {
    throw refuse.forbidden('Your account has been blocked.');
  }
  if (user.state === 'blocked_pending_approval') {
    throw refuse.forbidden('Your account is pending approval from your administrator.');
  }
  if (user.state === 'deactivated') {
    throw refuse.forbidden(
      'Your account has been deactivated by your administrator. Please log back in from a web browser to reactivate your account.',
    );
  }
}

/** `sudo`: an administrator whose token says so acts as somebody else (jobs-api 1.4). */
async function actAs(
  rooms: Rooms,
  caller: Exclude<Caller, { kind: 'anonymous' }>,
  request: IncomingMessage,
  fields: Fields,
): Promise<Caller> {
  const name = scalar(fields, 'sudo') ?? header(request, 'sudo');
  if (name === null) return caller;
  if (caller.kind !== 'user' || caller.tokenId === null) {
    throw refuse.forbidden('Must be authenticated using an OAuth or personal access token to use sudo');
  }
  if (!caller.user.admin) throw refuse.forbidden('Must be admin to use sudo');
  if (!caller.scopes.includes('sudo')) throw refuse.insufficientScope(['sudo']);
  const user = /^\d{1,15}$/.test(name)
    ? await userById(rooms.db.read, Number(name))
    : await userByUsername(rooms.db.read, name);
  if (user === null) throw refuse.notFound(`User with ID or username '${name}'`);
  return { ...caller, user, sudoBy: caller.user.id };
}

/** A credential among the parameters: a text; anything else is refused (security TOK-8). Empty counts as absent. */
function scalar(fields: Fields, name: string): string | null {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') throw refuse.invalidParameters([`${name} is invalid`]);
  return value;
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function bearerToken(request: IncomingMessage): string | null {
  const match = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '');
  return match?.[1] ?? null;
}
