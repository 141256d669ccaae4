import { userOf } from '../../project/caller.ts';
import { endSession, sessionsOf } from '../../project/session.ts';
import { sessionEntity } from '../entities/session.ts';
import { refuse } from '../errors.ts';
import { json, noContent, route } from '../route.ts';

/** GET /user/sessions: the browsers in which the caller is signed in; ours, not GitLab's. */
export const listSessionsRoute = route({
  method: 'GET',
  path: '/api/v4/user/sessions',
  access: { by: 'user' },
  input: {},
  async handle({ caller, rooms, now }) {
    const user = userOf(caller);
    if (user === null || caller.kind !== 'user') throw refuse.unauthorized();
    const sessions = await sessionsOf(rooms.db.read, user.id, now);
    return json(sessions.map((session) => sessionEntity(session, caller.sessionId ?? null)));
  },
});

/** DELETE /user/sessions/:session_id: signs that browser out. */
export const endSessionRoute = route({
  method: 'DELETE',
  path: '/api/v4/user/sessions/:session_id',
  access: { by: 'user' },
  input: { session_id: { type: 'integer', required: true } },
  async handle({ caller, params, rooms }) {
    const user = userOf(caller);
    if (user === null) throw refuse.unauthorized();
    const ended = await rooms.db.transaction((tx) => endSession(tx, user.id, params.session_id));
    if (!ended) throw refuse.notFound('Session');
    return noContent;
  },
});
