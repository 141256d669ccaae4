import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Route } from '../../src/api/route.ts';
import { routes } from '../../src/api/routes.ts';
import { ROOT_TOKEN, startTestServer, type TestServer } from '../start-server.ts';

/** Texts that have broken servers before. */
const ODD = [
  '',
  '0',
  '1',
  '-1',
  '1.5',
  '999999999999999999',
  '9'.repeat(40),
  'root',
  'root%2Fapp',
  '%00',
  '%ff',
  '%',
  '%2e%2e%2f',
  'a%2Fb',
  "'",
  '%25',
  '*',
  '[',
  '__proto__',
  'constructor',
  '%F0%9F%8D%B5',
  'x'.repeat(300),
];
const odd = fc.constantFrom(...ODD);

/** What the fuzz must not do to itself: take away its own user or token. */
const OWN_GRAVE = /^(DELETE|PUT) \/api\/v4\/users\/:id$|\/users\/:id\/|personal_access_tokens\/(self|:)/;

const fuzzed = routes.filter(
  (route) =>
    route.access.by === 'user' && route.body !== 'stream' && !OWN_GRAVE.test(`${route.method} ${route.path}`),
);

const arrival = (route: Route) => {
  const names = Object.keys(route.input);
  const name = names.length === 0 ? odd : fc.constantFrom(...names);
  return fc.record({
    path: fc.array(odd, { minLength: 6, maxLength: 6 }).map((values) => {
      let next = 0;
      return route.path.replace(/[:*]\w+/g, () => values[next++ % values.length] || 'x');
    }),
    query: fc.array(fc.tuple(name, fc.constantFrom('', '[]', '[a]', '[][b]'), odd), { maxLength: 3 }),
    body: fc.dictionary(name, fc.oneof(odd, fc.jsonValue({ maxDepth: 2 })), { maxKeys: 4 }),
  });
};

/** The status alone: some answers are streams that do not end. */
async function statusOf({ url }: TestServer, method: string, path: string, body: unknown): Promise<number> {
  const reads = method === 'GET' || method === 'HEAD';
  const headers = { 'private-token': ROOT_TOKEN, 'content-type': 'application/json' };
  const answer = await fetch(url + path, {
    method,
    headers,
    ...(reads ? {} : { body: JSON.stringify(body) }),
  });
  await answer.body?.cancel();
  return answer.status;
}

describe('whatever is sent', () => {
  let server: TestServer;
  let drop: () => Promise<void>;
  before(async () => {
    ({ server, drop } = await startTestServer('sqlite', { 'log-level': 'silent' }));
    await server.api('POST', '/projects', { body: { name: 'app' } });
  });
  after(() => drop());

  for (const route of fuzzed) {
    it(`${route.method} ${route.path} does not fail`, async () => {
      await fc.assert(
        fc.asyncProperty(arrival(route), async ({ path, query, body }) => {
          const words = query.map(([key, nesting, value]) => `${key}${nesting}=${value}`).join('&');
          const status = await statusOf(server, route.method, `${path}?${words}`, body);
          assert.ok(status < 500, `${status} for ${path}?${words} ${JSON.stringify(body)}`);
          assert.notEqual(status, 401);
        }),
        { numRuns: 8 },
      );
    });
  }
});
