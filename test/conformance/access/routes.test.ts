import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { InputShape, Parameter } from '../../../src/api/input.ts';
import type { Route } from '../../../src/api/route.ts';
import { namesOf } from '../../../src/api/router.ts';
import { routes } from '../../../src/api/routes.ts';
import { makePerson, makeProject, type Person } from '../../people.ts';
import { startTestServer, type TestServer } from '../../start-server.ts';

/** A value that a parameter takes. */
function valueFor(parameter: Parameter): unknown {
  switch (parameter.type) {
    case 'string':
      return parameter.values?.[0] ?? 'x';
    case 'integer':
      return parameter.values?.[0] ?? Math.max(1, parameter.min ?? 1);
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'time':
      return '2024-01-01T00:00:00Z';
    case 'date':
      return '2030-01-01';
    case 'comma-list':
    case 'string-list':
      return [parameter.values?.[0] ?? 'x'];
    case 'object-list':
      return [required(parameter.of)];
    case 'object':
      return required(parameter.of);
    case 'hash':
    case 'any':
      return {};
  }
}

function required(shape: InputShape): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(shape)) {
    if (parameter.required) fields[name] = valueFor(parameter);
  }
  return fields;
}

/** A body with all that the route demands, so that nothing but access is refused. */
function bodyFor(route: Route): Record<string, unknown> {
  const body = required(route.input);
  for (const rule of route.rules ?? []) {
    if ('atLeastOneOf' in rule) {
      const name = rule.atLeastOneOf.find((one) => route.input[one] !== undefined)!;
      body[name] = valueFor(route.input[name]!);
    }
  }
  for (const name of namesOf(route.path)) delete body[name];
  return body;
}

/** The path with `:id` as given and a number, or a word, in every other place. */
function pathFor(route: Route, id: string): string {
  return route.path.replace(/\/([:*])(\w+)/g, (_whole, _sign, name: string) => {
    if (name === 'id') return `/${id}`;
    return `/${route.input[name]?.type === 'integer' || /(_id|iid)$/.test(name) ? '1' : 'x'}`;
  });
}

const named = (route: Route) => `${route.method} ${route.path}`;
const ofUsers = routes.filter((route) => route.access.by === 'user');
const ofProjects = ofUsers.filter((route) => route.path.startsWith('/api/v4/projects/:id'));
const ofGroups = ofUsers.filter((route) => route.path.startsWith('/api/v4/groups/:id'));
const isOpen = (route: Route) => route.access.by === 'user' && route.access.anonymous === true;
/** A token may look at itself and end itself whatever its scopes. */
const opensToAll = (route: Route) =>
  route.access.by === 'user' && (route.access.scopes?.includes('*') ?? false);
const forAdmins = (route: Route) => route.access.by === 'user' && route.access.admin === true;

describe('every route', () => {
  let server: TestServer;
  let drop: () => Promise<void>;
  let stranger: Person;
  let project: number;
  let group: number;

  before(async () => {
    ({ server, drop } = await startTestServer('sqlite'));
    stranger = await makePerson(server, 'stranger');
    project = (await makeProject(server, 'private')).id;
    const made = await server.api<{ id: number }>('POST', '/groups', {
      body: { name: 'Team', path: 'team' },
    });
    group = made.body.id;
  });
  after(() => drop());

  const call = (route: Route, id: number | string, token: string | null) => {
    const path = pathFor(route, String(id)).replace(/^\/api\/v4/, '');
    const reads = ['GET', 'HEAD'].includes(route.method);
    const body = route.body === 'stream' || reads ? {} : { body: bodyFor(route) };
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(reads ? bodyFor(route) : {})) {
      query.set(Array.isArray(value) ? `${name}[]` : name, String(value));
    }
    return server.api(route.method, `${path}?${query}`, { token, ...body });
  };

  it('is seen, many of them', () => {
    assert.ok(routes.length > 150, `only ${routes.length} routes`);
    assert.ok(ofProjects.length > 80, `only ${ofProjects.length} of projects`);
  });

  it('of a method and path is one', () => {
    const names = routes.map((route) => named(route).replace(/[:*]\w+/g, ':'));
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  });

  for (const route of ofUsers.filter((one) => !isOpen(one))) {
    it(`${named(route)} needs a credential`, async () => {
      const refused = await call(route, project, null);
      assert.deepEqual([refused.status, refused.body], [401, { message: '401 Unauthorized' }]);
    });
  }

  for (const route of ofUsers) {
    it(`${named(route)} refuses a bad token, also where none is needed`, async () => {
      const refused = await call(route, project, 'glpat-unknown');
      assert.equal(refused.status, 401);
    });
  }

  for (const route of ofUsers.filter(forAdmins)) {
    it(`${named(route)} is for administrators`, async () => {
      const refused = await call(route, stranger.id, stranger.token);
      assert.deepEqual([refused.status, refused.body], [403, { message: '403 Forbidden' }]);
    });
  }

  for (const route of ofProjects) {
    it(`${named(route)} does not tell a private project from none`, async () => {
      for (const token of isOpen(route) ? [stranger.token, null] : [stranger.token]) {
        const hidden = await call(route, project, token);
        const missing = await call(route, 99_999, token);
        const body = route.method === 'HEAD' ? '' : { message: '404 Project Not Found' };
        assert.deepEqual([hidden.status, hidden.body], [404, body]);
        assert.deepEqual([missing.status, missing.body], [hidden.status, hidden.body]);
        const names = (headers: Headers) => [...headers.keys()].filter((name) => name !== 'date');
        assert.deepEqual(names(missing.headers), names(hidden.headers));
      }
    });
  }

  for (const route of ofGroups) {
    it(`${named(route)} does not tell a private group from none`, async () => {
      const hidden = await call(route, group, stranger.token);
      const missing = await call(route, 99_999, stranger.token);
      assert.deepEqual([hidden.status, hidden.body], [404, { message: '404 Group Not Found' }]);
      assert.deepEqual([missing.status, missing.body], [hidden.status, hidden.body]);
    });
  }

  const writes = ofUsers.filter((one) => !['GET', 'HEAD'].includes(one.method) && !opensToAll(one));
  for (const route of writes) {
    it(`${named(route)} is no read`, async () => {
      const reader = await readerToken();
      const refused = await call(route, project, reader);
      assert.deepEqual(
        [refused.status, (refused.body as { error?: string }).error],
        [403, 'insufficient_scope'],
      );
    });
  }

  let reader: string | undefined;
  async function readerToken(): Promise<string> {
    if (reader === undefined) {
      const body = { name: 'reader', scopes: ['read_api'] };
      const path = `/users/${stranger.id}/personal_access_tokens`;
      reader = (await server.api<{ token: string }>('POST', path, { body })).body.token;
    }
    return reader;
  }
});
