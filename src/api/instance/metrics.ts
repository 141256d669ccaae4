import { route } from '../route.ts';

/** GET /-/metrics: Prometheus text of everything registered (rest-resources 12.4). */
export const metricsRoute = route({
  method: 'GET',
  path: '/-/metrics',
  access: { by: 'monitoring' },
  input: {},
  async handle(call) {
    const { registry } = call.rooms.metrics;
    return {
      status: 200,
      headers: { 'content-type': registry.contentType },
      body: await registry.metrics(),
    };
  },
});
