import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../project/caller.ts';
import type { Encryption } from '../project/encryption.ts';
import { MAX_SESSION_MS, noteSessionUse, sessionOf, sessionUseIsDue } from '../project/session.ts';
import { sameDigest } from '../project/token.ts';
import { userById } from '../project/user.ts';
import type { Fields } from './nested-form.ts';
import type { Rooms } from './rooms.ts';

const NAME = '_teaspoon_session';
/** A session may do all that its user may. */
const ALL_SCOPES: readonly string[] = ['api', 'sudo', 'admin_mode'];

/** What the cookie says, whether it is of a living session or of nobody yet; null without one. */
export function cookieOf(request: IncomingMessage, baseUrl: string): string | null {
  const name = nameFor(baseUrl);
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined && /^[\w-]{16,100}$/.test(value)) return value;
  }
  return null;
}

/** A `Set-Cookie` with this secret (security SES-1), or the one that takes the cookie away. */
export function setCookie(secret: string | null, baseUrl: string): string {
  const seconds = secret === null ? 0 : MAX_SESSION_MS / 1000;
  const secure = isSecure(baseUrl) ? '; Secure' : '';
  return `${nameFor(baseUrl)}=${secret ?? ''}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}

/** A cookie for a browser of which nobody knows who it is: what its sign-in form proves to have come from. */
export function strangersCookie(): string {
  return randomBytes(20).toString('base64url');
}

/** The CSRF token that belongs to a cookie: nobody can make it who cannot read our pages (security SES-2). */
export function csrfToken(encryption: Encryption, cookie: string): string {
  return encryption.mac(`csrf\n${cookie}`);
}

/** Whether a write comes from a page of ours: neither header says otherwise, and it carries the cookie's CSRF token. */
export function isOwnWrite(
  encryption: Encryption,
  request: IncomingMessage,
  fields: Fields,
  baseUrl: string,
): boolean {
  const cookie = cookieOf(request, baseUrl);
  const given = request.headers['x-csrf-token'] ?? fields.authenticity_token;
  if (cookie === null || typeof given !== 'string') return false;
  return isSameOrigin(request, baseUrl) && sameDigest(given, csrfToken(encryption, cookie));
}

/** The user of the session behind a request's cookie, or null; a write that is not our own page's has none. */
export async function sessionCaller(
  rooms: Rooms,
  request: IncomingMessage,
  fields: Fields,
  baseUrl: string,
  now: number,
): Promise<Caller | null> {
  const cookie = cookieOf(request, baseUrl);
  if (cookie === null) return null;
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (!reads && !isOwnWrite(rooms.encryption, request, fields, baseUrl)) return null;
  const session = await sessionOf(rooms.db.read, cookie, now);
  const user = session === null ? null : await userById(rooms.db.read, session.userId);
  if (session === null || user === null) return null;
  if (sessionUseIsDue(session, now)) await rooms.db.transaction((tx) => noteSessionUse(tx, session.id, now));
  return { kind: 'user', user, tokenId: null, scopes: ALL_SCOPES, sessionId: session.id };
}

/** `Sec-Fetch-Site` comes over HTTPS and to this machine only, so `Origin` is asked as well. */
function isSameOrigin(request: IncomingMessage, baseUrl: string): boolean {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin).host;
  return from === host || from === new URL(baseUrl).host;
}

/** Under TLS no other host of the domain can set it. */
function nameFor(baseUrl: string): string {
  return isSecure(baseUrl) ? `__Host-${NAME}` : NAME;
}

function isSecure(baseUrl: string): boolean {
  return baseUrl.startsWith('https:');
}
