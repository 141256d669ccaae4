import { noteContact } from '../../runner/manager.ts';
import type { RunnerInfo } from '../../runner/protocol.ts';
import { json, route } from '../route.ts';
import { expiryOf, requireWorkingRunner, runnerTokenOf } from './runner-token.ts';

/** A runner asks whether its token is good, and tells what it is (runner-api 1). */
export const verifyRunnerRoute = route({
  method: 'POST',
  path: '/api/v4/runners/verify',
  access: { by: 'runner' },
  input: {
    token: { type: 'string' },
    system_id: { type: 'string', maxLength: 64 },
    info: { type: 'hash' },
  },
  async handle(call) {
    const { params, rooms, now, ip } = call;
    const runner = await requireWorkingRunner(call);
    const info = (params.info ?? {}) as RunnerInfo;
    await noteContact(rooms.db, { runner, systemId: params.system_id, info, ip, asksForJobs: false, now });
    const token = runnerTokenOf(call);
    return json({ id: runner.id, token, token_expires_at: expiryOf(runner.tokenExpiresAt) });
  },
});
