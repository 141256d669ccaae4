import { endSession, sessionOf } from '../../project/session.ts';
import { refuse } from '../errors.ts';
import { type Route, route } from '../route.ts';
import { cookieOf, isOwnWrite, setCookie } from '../session-cookie.ts';
import { leadOn } from './sign-in.ts';

/** DELETE and POST /users/sign_out: the session is dead at once, on the server (security SES-4). */
function signOut(method: 'DELETE' | 'POST'): Route {
  return route({
    method,
    path: '/users/sign_out',
    access: { by: 'anyone' },
    input: { authenticity_token: { type: 'string' } },
    async handle(call) {
      const { rooms, request, received, baseUrl, now } = call;
      const { encryption, db } = rooms;
      const cookie = cookieOf(request, baseUrl);
      // Somebody else's page signs nobody out; without a cookie there is nothing to end.
      if (cookie !== null && !isOwnWrite(encryption, request, received, baseUrl)) throw refuse.notOwnPage();
      const session = cookie === null ? null : await sessionOf(db.read, cookie, now);
      if (session !== null) await db.transaction((tx) => endSession(tx, session.userId, session.id));
      return leadOn(call, '/users/sign_in', setCookie(null, baseUrl));
    },
  });
}

export const signOutRoutes: readonly Route[] = [signOut('DELETE'), signOut('POST')];
