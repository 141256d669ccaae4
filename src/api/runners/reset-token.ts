import { resetToken } from '../../runner/register.ts';
import { json, route } from '../route.ts';
import { requireManagedRunner } from './managed-runner.ts';
import { expiryOf, requireWorkingRunner, runnerTokenOf } from './runner-token.ts';

/** A runner gets a new token for its old one, which is dead from then on (runner-api 1, security RUN-4). */
export const resetOwnToken = route({
  method: 'POST',
  path: '/api/v4/runners/reset_authentication_token',
  access: { by: 'runner' },
  input: { token: { type: 'string' } },
  async handle(call) {
    const runner = await requireWorkingRunner(call);
    const registered = runnerTokenOf(call).startsWith('glrtr-');
    const { token, tokenExpiresAt } = await call.rooms.db.transaction((tx) =>
      resetToken(tx, runner, call.now, registered ? 'glrtr-' : 'glrt-'),
    );
    return json({ token, token_expires_at: expiryOf(tokenExpiresAt) }, 201);
  },
});

/** Whoever administers the runner takes its token away and is shown the new one. */
export const resetRunnerToken = route({
  method: 'POST',
  path: '/api/v4/runners/:id/reset_authentication_token',
  access: { by: 'user', scopes: ['manage_runner'] },
  input: { id: { type: 'integer', required: true } },
  async handle(call) {
    const runner = await requireManagedRunner(call, call.params.id);
    const { token, tokenExpiresAt } = await call.rooms.db.transaction((tx) =>
      resetToken(tx, runner, call.now),
    );
    return json({ token, token_expires_at: expiryOf(tokenExpiresAt) }, 201);
  },
});
