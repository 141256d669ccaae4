import { refuse } from '../errors.ts';
import { route } from '../route.ts';
import { requireRunner } from './runner-token.ts';

/** Where a job router would be found; there is none (runner-api 8). */
export const discoverRouter = route({
  method: 'GET',
  path: '/api/v4/runners/router/discovery',
  access: { by: 'runner' },
  input: {},
  async handle(call) {
    await requireRunner({ ...call, params: {} });
    throw refuse.notImplemented();
  },
});
