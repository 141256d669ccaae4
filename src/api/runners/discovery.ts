import { refuse } from '../errors.ts';
import { route } from '../route.ts';
import { requireRunner } from './runner-token.ts';

/** Where a job router would be found; there is none (runner-api 8). Its token is a header, and nothing else (runner-api 1). */
export const discoverRouter = route({
  method: 'GET',
  path: '/api/v4/runners/router/discovery',
  access: { by: 'runner' },
  input: {},
  async handle(call) {
    if (!call.request.headers['runner-token']) throw refuse.forbidden();
    await requireRunner({ ...call, params: {} });
    throw refuse.notImplemented('Job Router is not available. Please contact your administrator.');
  },
});
