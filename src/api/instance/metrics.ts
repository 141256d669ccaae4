import { route } from '../route.ts';

/** GET /-/metrics: Prometheus text of everything counted (rest-resources 12.4). */
export const metricsRoute = route({
  method: 'GET',
  path: '/-/metrics',
  access: { by: 'monitoring' },
  input: {},
  async handle(call) {
    return {
      status: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      body: call.rooms.metrics.text(),
    };
  },
});
