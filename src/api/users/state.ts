import { setUserState } from '../../project/create-user.ts';
import { removeUser } from '../../project/remove-user.ts';
import { type User, userById } from '../../project/user.ts';
import { refuse } from '../errors.ts';
import { json, type Route, route } from '../route.ts';

type Verb = 'block' | 'unblock' | 'activate' | 'deactivate' | 'ban' | 'unban';

/** States in which nobody signs in until an administrator says otherwise. */
const BLOCKED: ReadonlySet<User['state']> = new Set(['blocked', 'banned', 'blocked_pending_approval']);

/**
 * What a verb makes of a user: the new state, a refusal, or what GitLab answers when nothing changes: `null` where it stops
 * early, `false` where it tried in vain, `true` where all is as asked for (rest-resources 2.2).
 */
function changeOf(verb: Verb, user: User): User['state'] | null | boolean {
  switch (verb) {
    case 'block':
      return BLOCKED.has(user.state) ? null : 'blocked';
    case 'unblock':
      if (user.state === 'deactivated') {
        throw refuse.forbidden('Deactivated users cannot be unblocked by the API');
      }
      return BLOCKED.has(user.state) && user.state !== 'banned' ? 'active' : false;
    case 'activate':
      if (BLOCKED.has(user.state)) {
        throw refuse.forbidden('A blocked user must be unblocked to be activated');
      }
      return user.state === 'active' ? true : 'active';
    case 'deactivate':
      if (user.state === 'deactivated') return null;
      if (BLOCKED.has(user.state)) throw refuse.forbidden('A blocked user cannot be deactivated by the API');
      return 'deactivated';
    case 'ban':
      if (user.state !== 'active') throw refuse.forbidden(`You cannot ban ${user.state} users.`);
      return 'banned';
    case 'unban':
      if (user.state !== 'banned') throw refuse.forbidden(`You cannot unban ${user.state} users.`);
      return 'active';
  }
}

/** POST /users/:id/<verb>: administrators, never on themselves. */
function stateRoute(verb: Verb): Route {
  return route({
    method: 'POST',
    path: `/api/v4/users/:id/${verb}`,
    access: { by: 'user', admin: true },
    input: { id: { type: 'integer', required: true } },
    async handle(call) {
      const { rooms, caller, now } = call;
      const user = await userById(rooms.db.read, call.params.id);
      if (user === null) throw refuse.notFound('User');
      const own = caller.kind !== 'anonymous' && caller.user.id === user.id;
      if (verb === 'block' && own) {
        throw refuse.forbidden('The API initiating user cannot be blocked by the API');
      }
      const state = changeOf(verb, user);
      if (typeof state !== 'string') return json(state, 201);
      await rooms.db.transaction((tx) => setUserState(tx, user.id, state, now));
      return json(true, 201);
    },
  });
}

/** POST /users/:id/approve and reject: of accounts that wait for an administrator (rest-resources 2.1). */
function pendingRoute(verb: 'approve' | 'reject'): Route {
  return route({
    method: 'POST',
    path: `/api/v4/users/:id/${verb}`,
    access: { by: 'user', admin: true },
    input: { id: { type: 'integer', required: true } },
    async handle(call) {
      const { rooms, now } = call;
      const user = await userById(rooms.db.read, call.params.id);
      if (user === null) throw refuse.notFound('User');
      if (user.state !== 'blocked_pending_approval') throw refuse.conflict(NOT_PENDING[verb]);
      await rooms.db.transaction((tx) =>
        verb === 'approve' ? setUserState(tx, user.id, 'active', now) : removeUser(tx, user, now),
      );
      return json({ success: true, message: 'Success' }, 201);
    },
  });
}

const NOT_PENDING = {
  approve: 'The user you are trying to approve is not pending approval',
  reject: 'User does not have a pending request',
};

export const stateRoutes: readonly Route[] = [
  ...(['block', 'unblock', 'activate', 'deactivate', 'ban', 'unban'] as const).map(stateRoute),
  ...(['approve', 'reject'] as const).map(pendingRoute),
];
