import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, it } from 'node:test';
import { parse } from 'yaml';
import { routes } from '../../../src/api/routes.ts';
import { addTo, makePerson, makeProject } from '../../people.ts';
import { forEachServer, type TestServer } from '../../start-server.ts';

interface Act {
  get?: string;
  put?: string;
  post?: string;
  body?: Record<string, unknown>;
  allowed: string[];
}

const text = readFileSync(new URL('./over-http.yml', import.meta.url), 'utf8');
const { callers, acts } = parse(text) as { callers: string[]; acts: Act[] };
const LEVELS: Record<string, number> = { guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50 };

forEachServer('a private project over HTTP', (start) => {
  let server: TestServer;
  let project: number;
  const tokens: Record<string, string | null> = { anonymous: null };

  before(async () => {
    server = await start();
    project = (await makeProject(server, 'app')).id;
    for (const caller of callers.filter((name) => name !== 'anonymous')) {
      const person = await makePerson(server, caller);
      tokens[caller] = person.token;
      if (LEVELS[caller] !== undefined) await addTo(server, project, person, LEVELS[caller]);
    }
  });

  for (const publicJobs of [true, false]) {
    for (const { get, put, post, body, allowed } of acts) {
      const method = put !== undefined ? 'PUT' : post !== undefined ? 'POST' : 'GET';
      const path = get ?? put ?? post ?? '';
      const known = routes.some(
        (route) => route.method === method && route.path === `/api/v4/projects/:id${path}`,
      );
      const title = `${method} P${path} ${JSON.stringify(body ?? {})}, public pipelines ${publicJobs ? 'on' : 'off'}`;
      it(title, async () => {
        assert.equal(known, true);
        await server.api('PUT', `/projects/${project}`, { body: { public_jobs: publicJobs } });
        const got: Record<string, string> = {};
        for (const caller of callers) {
          const answer = await server.api(method, `/projects/${project}${path}`, {
            token: tokens[caller]!,
            ...(body === undefined ? {} : { body }),
          });
          got[caller] = String(answer.status);
        }
        const expected = allowed.map((cell) => (cell === 'pb' ? (publicJobs ? '200' : '403') : cell));
        assert.deepEqual(got, Object.fromEntries(callers.map((caller, index) => [caller, expected[index]])));
      });
    }
  }
});
