import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { addTo, makePerson, makeProject, type Person } from '../../../test/people.ts';
import { forEachServer, ROOT_TOKEN, type TestServer } from '../../../test/start-server.ts';

interface Token {
  id: number;
  token: string;
  active: boolean;
  revoked: boolean;
  expires_at: string;
  scopes: string[];
  user_id: number;
}

const KEYS = 'id name revoked created_at description scopes user_id last_used_at active expires_at'.split(
  ' ',
);
const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

forEachServer('access tokens', (start) => {
  let server: TestServer;
  let ann: Person;
  let bob: Person;
  before(async () => {
    server = await start();
    ann = await makePerson(server, 'ann');
    bob = await makePerson(server, 'bob');
  });

  const make = async (body: Record<string, unknown> = {}) => {
    const path = `/users/${ann.id}/personal_access_tokens`;
    return await server.api<Token>('POST', path, { body: { name: 'made', scopes: ['api'], ...body } });
  };
  const as = (token: string) => ({ token });

  it('shows a secret once, as the last key, and lives at most a year', async () => {
    const made = await make();
    assert.equal(made.status, 201);
    assert.deepEqual(Object.keys(made.body), [...KEYS, 'token']);
    assert.match(made.body.token, /^glpat-[\w-]{27}$/);
    assert.equal(made.body.expires_at, dayIn(365));
    const shown = await server.api<Token>('GET', `/personal_access_tokens/${made.body.id}`, as(ann.token));
    assert.deepEqual(Object.keys(shown.body), KEYS);
    const self = await server.api('GET', '/personal_access_tokens/self', as(made.body.token));
    assert.deepEqual(Object.keys(self.body as object), [...KEYS, 'last_used_ips']);
  });

  const refusals: [name: string, body: Record<string, unknown>, status: number, answer: unknown][] = [
    ['an unknown scope', { scopes: ['everything'] }, 400, { error: 'scopes does not have a valid value' }],
    ['no scope', { scopes: [] }, 422, { message: "Scopes can't be blank" }],
    ['no name', { name: undefined }, 400, { error: 'name is missing' }],
    [
      'a day too far away',
      { expires_at: dayIn(366) },
      422,
      { message: `Expiration date must be before ${dayIn(365)}` },
    ],
  ];
  for (const [name, body, status, answer] of refusals) {
    it(`refuses ${name}`, async () => {
      const refused = await make(body);
      assert.deepEqual([refused.status, refused.body], [status, answer]);
    });
  }

  it('are over from their last day on', async () => {
    for (const day of ['2020-01-01', dayIn(0)]) {
      const made = await make({ expires_at: day });
      assert.deepEqual([made.status, made.body.active, made.body.expires_at], [201, false, day]);
      const { status, body } = await server.api('GET', '/user', as(made.body.token));
      assert.deepEqual([status, (body as { error: string }).error], [401, 'invalid_token']);
    }
  });

  it('belong to their user: others learn nothing', async () => {
    const { body } = await make();
    for (const [method, path] of [
      ['GET', `/personal_access_tokens/${body.id}`],
      ['DELETE', `/personal_access_tokens/${body.id}`],
      ['POST', `/personal_access_tokens/${body.id}/rotate`],
      ['GET', '/personal_access_tokens/99999'],
      ['GET', `/personal_access_tokens?user_id=${ann.id}`],
    ] as const) {
      const refused = await server.api(method, path, as(bob.token));
      assert.deepEqual([refused.status, refused.body], [401, { message: '401 Unauthorized' }], path);
    }
    const missing = await server.api('GET', '/personal_access_tokens/99999');
    assert.deepEqual([missing.status, missing.body], [404, { message: '404 Not Found' }]);
    const list = await server.api<Token[]>('GET', '/personal_access_tokens', as(bob.token));
    assert.deepEqual([...new Set(list.body.map((token) => token.user_id))], [bob.id]);
  });

  it('end with DELETE, and not when they changed since', async () => {
    const { body } = await make();
    const headers = { 'If-Unmodified-Since': new Date(0).toUTCString() };
    const stale = await server.api('DELETE', `/personal_access_tokens/${body.id}`, { headers });
    assert.deepEqual([stale.status, stale.body], [412, { message: '412 Precondition Failed' }]);
    assert.equal((await server.api('DELETE', '/personal_access_tokens/self', as(body.token))).status, 204);
    assert.equal((await server.api('GET', '/user', as(body.token))).status, 401);
  });

  describe('rotation', () => {
    it('replaces a token by one of the same scopes for a week', async () => {
      const { body } = await make({ scopes: ['read_api', 'self_rotate'] });
      const rotated = await server.api<Token>('POST', '/personal_access_tokens/self/rotate', as(body.token));
      assert.equal(rotated.status, 200);
      assert.deepEqual(rotated.body.scopes, ['read_api', 'self_rotate']);
      assert.equal(rotated.body.expires_at, dayIn(7));
      assert.equal((await server.api('GET', '/user', as(body.token))).status, 401);
      assert.equal((await server.api('GET', '/user', as(rotated.body.token))).status, 200);
    });

    it('needs its scope', async () => {
      const { body } = await make({ scopes: ['read_api'] });
      const refused = await server.api('POST', '/personal_access_tokens/self/rotate', as(body.token));
      assert.equal(refused.status, 403);
    });

    for (const how of ['by the token itself', 'by its user']) {
      it(`asked twice ${how} revokes the whole family`, async () => {
        const { body } = await make({ scopes: ['api'] });
        const next = await server.api<Token>('POST', '/personal_access_tokens/self/rotate', as(body.token));
        const last = await server.api<Token>(
          'POST',
          '/personal_access_tokens/self/rotate',
          as(next.body.token),
        );
        assert.equal((await server.api('GET', '/user', as(last.body.token))).status, 200);
        const twice =
          how === 'by its user'
            ? await server.api('POST', `/personal_access_tokens/${body.id}/rotate`, as(ann.token))
            : await server.api('POST', '/personal_access_tokens/self/rotate', as(body.token));
        assert.equal(twice.status, how === 'by its user' ? 400 : 401);
        assert.equal((await server.api('GET', '/user', as(last.body.token))).status, 401);
      });
    }

    it('does not make a stronger token', async () => {
      const strong = await makePerson(server, 'strong', { scopes: ['api', 'sudo'], admin: true });
      const weak = await server.api<Token>('POST', `/users/${strong.id}/personal_access_tokens`, {
        body: { name: 'weak', scopes: ['api'] },
      });
      const list = await server.api<Token[]>('GET', `/personal_access_tokens?user_id=${strong.id}`);
      const target = list.body.find((token) => token.scopes.includes('sudo'))!;
      const path = `/personal_access_tokens/${target.id}/rotate`;
      assert.equal((await server.api('POST', path, as(weak.body.token))).status, 403);
      const own = { body: { name: 'x', scopes: ['sudo'] }, token: weak.body.token };
      assert.equal((await server.api('POST', `/users/${strong.id}/personal_access_tokens`, own)).status, 403);
    });
  });

  it('filters, sorts and pages a list', async () => {
    const cleo = await makePerson(server, 'cleo');
    const path = `/users/${cleo.id}/personal_access_tokens`;
    for (const name of ['b', 'a', 'c%']) await server.api('POST', path, { body: { name, scopes: ['api'] } });
    const names = async (query: string) => {
      const list = await server.api<{ name: string }[]>(
        'GET',
        `/personal_access_tokens?${query}`,
        as(cleo.token),
      );
      return list.body.map(({ name }) => name);
    };
    assert.deepEqual(await names('sort=name_desc'), ['test', 'c%', 'b', 'a']);
    assert.deepEqual(await names('search=%25'), ['c%']);
    assert.deepEqual(await names('per_page=2&page=2&sort=name_asc'), ['c%', 'test']);
    assert.deepEqual(await names('revoked=true'), []);
    assert.deepEqual(await names('state=inactive'), []);
    assert.deepEqual(await names(`expires_before=${dayIn(100)}`), []);
  });

  it('tell what their user is a member of, whatever their scope', async () => {
    const dee = await makePerson(server, 'dee');
    const { id } = await makeProject(server, 'hers', { token: dee.token });
    const made = await server.api<Token>('POST', `/users/${dee.id}/personal_access_tokens`, {
      body: { name: 'narrow', scopes: ['create_runner'] },
    });
    const answer = await server.api<{
      groups: unknown[];
      projects: { id: number; access_levels: unknown }[];
    }>('GET', '/personal_access_tokens/self/associations', as(made.body.token));
    assert.deepEqual(answer.body.groups, []);
    assert.deepEqual(
      answer.body.projects.map((project) => [project.id, project.access_levels]),
      [[id, { project_access_level: 50, group_access_level: null }]],
    );
  });

  describe('of projects', () => {
    it('act as a bot with the given role, until they end', async () => {
      const { id } = await makeProject(server, 'robots');
      await addTo(server, id, ann, 40);
      const path = `/projects/${id}/access_tokens`;
      const body = { name: 'robot', scopes: ['api'], access_level: 30 };
      const made = await server.api<Token & { resource_id: number }>('POST', path, {
        ...as(ann.token),
        body,
      });
      assert.equal(made.status, 201);
      assert.deepEqual(Object.keys(made.body), [
        ...KEYS,
        'access_level',
        'resource_type',
        'resource_id',
        'token',
      ]);
      const self = await server.api<{ username: string; bot: boolean }>('GET', '/user', as(made.body.token));
      assert.match(self.body.username, new RegExp(`^project_${id}_bot_[0-9a-f]{32}$`));
      assert.equal((await server.api('GET', `/projects/${id}`, as(made.body.token))).status, 200);
      assert.equal((await server.api('GET', `/projects/${id}/variables`, as(made.body.token))).status, 403);
      assert.equal((await server.api('DELETE', `${path}/${made.body.id}`, as(ann.token))).status, 204);
      assert.equal((await server.api('GET', '/user', as(made.body.token))).status, 401);
    });

    it('replace themselves, and nobody else', async () => {
      const { id } = await makeProject(server, 'rotating');
      const other = await makeProject(server, 'elsewhere');
      const path = `/projects/${id}/access_tokens`;
      const scopes = ['api', 'self_rotate'];
      const made = await server.api<Token>('POST', path, { body: { name: 'robot', scopes } });
      const rotate = (at: string, token: string) => server.api<Token>('POST', `${at}/self/rotate`, as(token));
      const foreign = await rotate(`/projects/${other.id}/access_tokens`, made.body.token);
      assert.equal(foreign.status, 404);
      assert.deepEqual((await rotate(path, ROOT_TOKEN)).body, { message: '405 Method Not Allowed' });
      const rotated = await rotate(path, made.body.token);
      assert.deepEqual([rotated.status, rotated.body.scopes], [200, scopes]);
      assert.equal((await server.api('GET', '/user', as(made.body.token))).status, 401);
      assert.equal((await server.api('GET', '/user', as(rotated.body.token))).status, 200);
    });

    it('refuse in their own words', async () => {
      const { id } = await makeProject(server, 'words');
      await addTo(server, id, ann, 40);
      await addTo(server, id, bob, 30);
      const path = `/projects/${id}/access_tokens`;
      const body = { name: 'x', scopes: ['api'] };
      assert.equal((await server.api('GET', path, as(bob.token))).status, 401);
      assert.equal((await server.api('POST', path, { ...as(bob.token), body })).status, 400);
      const missing = await server.api('GET', `${path}/9999`, as(ann.token));
      assert.deepEqual(
        [missing.status, missing.body],
        [404, { message: '404 project Access Token Not Found' }],
      );
      const higher = { ...as(ann.token), body: { ...body, access_level: 50 } };
      assert.equal((await server.api('POST', path, higher)).status, 400);
    });
  });
});
