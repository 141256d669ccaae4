import type { Tx } from '../../db/transaction.ts';
import { noteAct } from '../../project/audit.ts';
import { changeUser, setUserState } from '../../project/create-user.ts';
import { hashPassword, passwordErrors } from '../../project/password.ts';
import { beginSession } from '../../project/session.ts';
import { signIn } from '../../project/sign-in.ts';
import type { User } from '../../project/user.ts';
import { refuse } from '../errors.ts';
import { type Answer, type Call, json, route } from '../route.ts';
import { isOwnWrite, setCookie } from '../session-cookie.ts';

/** Failed sign-ins that one address is told of (security SES-5); those with the right password pass all the same. */
const FAILURES_PER_MINUTE = 10;

/**
 * POST /users/sign_in: name or e-mail address and password become a session. A form is led on to `redirect_to`, JSON is
 * told where that is.
 */
export const signInRoute = route({
  method: 'POST',
  path: '/users/sign_in',
  access: { by: 'anyone' },
  refusalLimit: { bucket: 'sign_in', perMinute: FAILURES_PER_MINUTE, status: 401 },
  input: {
    user: {
      type: 'object',
      required: true,
      of: {
        login: { type: 'string', required: true },
        password: { type: 'string', required: true },
        /** Ours: instead of a password that somebody else has chosen. */
        new_password: { type: 'string' },
      },
    },
    authenticity_token: { type: 'string' },
    redirect_to: { type: 'string' },
  },
  async handle(call) {
    const { params, rooms, request, received, baseUrl, ip, now } = call;
    if (!isOwnWrite(rooms.encryption, request, received, baseUrl)) throw refuse.notOwnPage();
    const { login, password } = params.user;
    const result = await signIn(rooms.db.read, rooms.signInFailures, login, password, now);
    if (!('user' in result)) throw refusal(result.reason);
    const { user } = result;
    const passwordHash =
      !result.ok && result.reason === 'expired' ? await hashOfAnother(params.user) : undefined;
    const { secret } = await rooms.db.transaction(async (tx) => {
      if (user.state === 'deactivated') await setUserState(tx, user.id, 'active', now);
      if (passwordHash !== undefined) {
        await changeUser(tx, user, { passwordHash }, now);
        await noteOwnAct(tx, call, user, 'user_password_updated');
      }
      await noteOwnAct(tx, call, user, 'user_signed_in');
      const userAgent = request.headers['user-agent'] ?? '';
      return await beginSession(tx, { userId: user.id, ip, userAgent }, now);
    });
    return leadOn(call, localPath(params.redirect_to), setCookie(secret, baseUrl));
  },
});

/** The hash of the password that takes the place of an expired one. Throws `Refused` 403 without one, 400 for one that cannot be. */
async function hashOfAnother(given: {
  password: string;
  new_password?: string | undefined;
}): Promise<string> {
  const { password, new_password: another } = given;
  if (another === undefined || another === '') throw refuse.passwordExpired();
  const errors = another === password ? ['must not be the old one'] : passwordErrors(another);
  if (errors.length > 0) throw refuse.invalid({ new_password: errors });
  return await hashPassword(another);
}

function noteOwnAct(tx: Tx, { ip, now }: Pick<Call, 'ip' | 'now'>, user: User, act: string): Promise<void> {
  return noteAct(tx, {
    authorId: user.id,
    authorName: user.name,
    act,
    entityType: 'User',
    entityId: user.id,
    entityPath: user.username,
    target: null,
    details: {},
    ip,
    createdAt: now,
  });
}

/** Where a form goes next; a script is told. */
export function leadOn({ request }: Pick<Call, 'request'>, path: string, cookie: string): Answer {
  const headers = { 'set-cookie': cookie, 'cache-control': 'no-store' };
  if (request.headers['content-type']?.includes('json')) return json({ redirect_to: path }, 200, headers);
  return { status: 302, headers: { ...headers, location: path } };
}

/** A path of this server, or the front page for anything that leads elsewhere (security WEB-8). */
export function localPath(path: string | undefined): string {
  return path !== undefined && /^\/(?!\/)[!-[\]-~]*$/.test(path) ? path : '/';
}

function refusal(reason: 'wrong' | 'throttled' | 'blocked') {
  switch (reason) {
    case 'wrong':
      return refuse.unauthorized('Invalid login or password.');
    case 'throttled':
      return refuse.tooManyRequests(600);
    case 'blocked':
      return refuse.forbidden('Your account has been blocked.');
  }
}
