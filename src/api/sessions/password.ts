import { changeUser } from '../../project/create-user.ts';
import { hashPassword, passwordErrors } from '../../project/password.ts';
import { beginSession } from '../../project/session.ts';
import { signIn } from '../../project/sign-in.ts';
import { refuse } from '../errors.ts';
import { type Call, noContent, route } from '../route.ts';
import { setCookie } from '../session-cookie.ts';

/**
 * PUT /user/password: the caller's own, who proves to know the present one. Every session of his ends but that of this
 * browser, which goes on under a new secret (security SES-1). Ours, not GitLab's.
 */
export const passwordRoute = route({
  method: 'PUT',
  path: '/api/v4/user/password',
  access: { by: 'user' },
  input: {
    current_password: { type: 'string', required: true },
    password: { type: 'string', required: true },
  },
  async handle(call) {
    const { caller, params, rooms, now } = call;
    if (caller.kind !== 'user') throw refuse.unauthorized();
    const errors = passwordErrors(params.password);
    if (errors.length > 0) throw refuse.invalid({ password: errors });
    const { user } = caller;
    const known = await signIn(
      rooms.db.read,
      rooms.signInFailures,
      user.username,
      params.current_password,
      now,
    );
    if (!known.ok && known.reason !== 'expired') {
      if (known.reason === 'throttled') throw refuse.tooManyRequests(600);
      throw refuse.invalid({ current_password: ['is not right'] });
    }
    const passwordHash = await hashPassword(params.password);
    await rooms.db.transaction((tx) => changeUser(tx, user, { passwordHash }, now));
    return { ...noContent, headers: await renewedSession(call, user.id) };
  },
});

/**
 * After a change that ended all sessions of `userId`: headers with a new one for this browser if it was his own, none
 * otherwise.
 */
export async function renewedSession(
  { caller, rooms, request, ip, baseUrl, now }: Omit<Call, 'params'>,
  userId: number,
): Promise<Record<string, string>> {
  if (caller.kind !== 'user' || caller.sessionId === undefined || caller.user.id !== userId) return {};
  const userAgent = request.headers['user-agent'] ?? '';
  const { secret } = await rooms.db.transaction((tx) => beginSession(tx, { userId, ip, userAgent }, now));
  return { 'set-cookie': setCookie(secret, baseUrl) };
}
