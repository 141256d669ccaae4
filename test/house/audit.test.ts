import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ACTS, actOf } from '../../src/api/audit/acts.ts';
import { routes } from '../../src/api/routes.ts';

/** Routes that write and are everyday work: they change no right, no secret and no runner. */
const EVERYDAY = [
  /^POST \/api\/v4\/(jobs|usage_data)\//,
  /^(PUT|PATCH) \/api\/v4\/jobs\//,
  /^(POST|DELETE) \/api\/v4\/runners(\/verify|\/managers|\/reset_authentication_token)?$/,
  /^(POST|PUT|DELETE) \/users\/sign_(in|out)$/,
  /^(POST|PUT|DELETE) \/api\/v4\/projects\/:id\/(pipelines?|pipeline_schedules|jobs|artifacts|deployments|environments|resource_groups|repository|ci|trigger|ref|star|unstar|statuses|freeze_periods)\b/,
  /^POST \/api\/v4\/projects\/:id\/hooks\/:hook_id\/(test|events)\b/,
  /^POST \/\*project/,
  /^PUT \/api\/v4\/user\/avatar$/,
];

it('every route that writes is audited or everyday work', () => {
  const name = (route: { method: string; path: string }) => `${route.method} ${route.path}`;
  const writes = routes.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  const undecided = writes.filter(
    (route) => actOf(route) === undefined && !EVERYDAY.some((p) => p.test(name(route))),
  );
  assert.deepEqual(undecided.map(name), []);
  const names = new Set(routes.map(name));
  assert.deepEqual(
    Object.keys(ACTS).filter((key) => !names.has(key)),
    [],
  );
});
