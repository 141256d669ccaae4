import { instanceSettings } from '../../project/instance-settings.ts';
import { json, type Route, route } from '../route.ts';

/** GET /-/health: the process answers; touches no database (rest-resources 12.4). */
export const healthRoute = route({
  method: 'GET',
  path: '/-/health',
  access: { by: 'monitoring' },
  input: {},
  handle: async () => ({ status: 200, body: 'GitLab OK' }),
});

export const livenessRoute = route({
  method: 'GET',
  path: '/-/liveness',
  access: { by: 'monitoring' },
  input: {},
  handle: async () => json({ status: 'ok' }),
});

/** GET /-/readiness: 503 while the database does not answer; `all=1` says which part is unwell. */
export const readinessRoute = route({
  method: 'GET',
  path: '/-/readiness',
  access: { by: 'monitoring' },
  input: { all: { type: 'boolean', default: false } },
  async handle(call) {
    const failure = await databaseFailure(call.rooms.db.read);
    const database = failure === null ? { status: 'ok' } : { status: 'failed', message: failure };
    const body = {
      status: failure === null ? 'ok' : 'failed',
      master_check: [{ status: 'ok' }],
      ...(call.params.all || failure !== null ? { db_check: [database] } : {}),
    };
    return json(body, failure === null ? 200 : 503);
  },
});

export const healthCheckRoute: Route = route({
  method: 'GET',
  path: '/health_check',
  access: { by: 'monitoring' },
  input: {},
  async handle(call) {
    const failure = await databaseFailure(call.rooms.db.read);
    return failure === null
      ? { status: 200, body: 'success' }
      : { status: 500, body: `health_check failed: ${failure}` };
  },
});

/** Why a small read fails, or null. The text names no address and no secret. */
async function databaseFailure(reading: Parameters<typeof instanceSettings>[0]): Promise<string | null> {
  try {
    await instanceSettings(reading);
    return null;
  } catch {
    return 'the database does not answer';
  }
}
