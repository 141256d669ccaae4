import { removeManager, removeRunner } from '../../runner/register.ts';
import { refuseIfChanged } from '../conditional.ts';
import { refuse } from '../errors.ts';
import { noContent, route } from '../route.ts';
import { requireRunner } from './runner-token.ts';

/** A runner takes itself away, with its token in the body of a DELETE (runner-api 1). */
export const unregisterRunner = route({
  method: 'DELETE',
  path: '/api/v4/runners',
  access: { by: 'runner' },
  input: { token: { type: 'string' } },
  async handle(call) {
    const runner = await requireRunner(call);
    refuseIfChanged(call, runner.updatedAt);
    await call.rooms.db.transaction((tx) => removeRunner(tx, runner.id));
    return noContent;
  },
});

/** One machine of a runner takes itself away. */
export const unregisterManager = route({
  method: 'DELETE',
  path: '/api/v4/runners/managers',
  access: { by: 'runner' },
  input: { token: { type: 'string' }, system_id: { type: 'string', required: true } },
  async handle(call) {
    const runner = await requireRunner(call);
    const { system_id: systemId } = call.params;
    const removed = await call.rooms.db.transaction((tx) => removeManager(tx, runner.id, systemId));
    if (!removed) throw refuse.notFound('Runner manager not found');
    return noContent;
  },
});
