import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { makePerson, makeProject, type Person } from '../../test/people.ts';
import { forEachServer, ROOT_TOKEN, type TestServer } from '../../test/start-server.ts';
import { bearerOf, createAccessToken, revokeAccessToken } from '../project/access-token.ts';
import { digestOf } from '../project/token.ts';

type Body = Record<string, unknown>;

const EXPIRED = {
  error: 'invalid_token',
  error_description: 'Token is expired. You can either do re-authorization or token refresh.',
};
const REVOKED = {
  error: 'invalid_token',
  error_description: 'Token was revoked. You have to re-authorize from the user.',
};
const UNAUTHORIZED = { message: '401 Unauthorized' };

forEachServer('credentials', (start) => {
  let server: TestServer;
  let ann: Person;
  let bob: Person;
  let open: number;
  const tokens: Record<string, string> = {};

  before(async () => {
    server = await start();
    ann = await makePerson(server, 'ann');
    bob = await makePerson(server, 'bob');
    open = (await makeProject(server, 'open', { body: { visibility: 'public' } })).id;
    const make = async (name: string, scopes: string[], expiresAt: string | null = null) => {
      const made = await server.rooms.db.transaction((tx) =>
        createAccessToken(tx, { userId: ann.id, kind: 'personal', name, scopes, expiresAt }, Date.now()),
      );
      tokens[name] = made.secret;
      return made.token.id;
    };
    await make('expired', ['api'], '2020-01-01');
    const revoked = await make('revoked', ['api']);
    await server.rooms.db.transaction((tx) => revokeAccessToken(tx, revoked, Date.now()));
    await make('reader', ['read_api']);
    await make('user', ['read_user']);
    await make('git', ['write_repository']);
    await make('rotator', ['self_rotate']);
  });

  const send = async (path: string, headers: Record<string, string>, method = 'GET', body?: unknown) => {
    return await server.api<Body>(method, path, {
      token: null,
      headers,
      ...(body === undefined ? {} : { body }),
    });
  };

  describe('carriers', () => {
    it('are PRIVATE-TOKEN, Bearer and private_token, in query, JSON and form', async () => {
      for (const [path, headers] of [
        ['/user', { 'PRIVATE-TOKEN': ann.token }],
        ['/user', { Authorization: `Bearer ${ann.token}` }],
        ['/user', { authorization: `bearer ${ann.token}` }],
        [`/user?private_token=${ann.token}`, {}],
      ] as [string, Record<string, string>][]) {
        assert.equal((await send(path, headers)).body.username, 'ann', path);
      }
      const body = { name: 'by-body', private_token: ann.token };
      assert.equal((await send('/projects', {}, 'POST', body)).body.creator_id, ann.id);
    });

    it('decide alone: the parameter before the header, the header before Bearer', async () => {
      const both = { 'PRIVATE-TOKEN': bob.token, Authorization: `Bearer ${ROOT_TOKEN}` };
      assert.equal((await send(`/user?private_token=${ann.token}`, both)).body.username, 'ann');
      assert.equal((await send('/user', both)).body.username, 'bob');
      const bad = { 'PRIVATE-TOKEN': 'glpat-unknown', Authorization: `Bearer ${ROOT_TOKEN}` };
      assert.equal((await send('/user', bad)).status, 401);
    });

    it('refuse a token that is a list or an object', async () => {
      for (const query of ['private_token[]=a', 'private_token[a]=b']) {
        const refused = await send(`/user?${query}`, {});
        assert.deepEqual([refused.status, refused.body], [400, { error: 'private_token is invalid' }]);
      }
    });
  });

  describe('a token that is no good', () => {
    const cases: [name: string, token: () => string, body: Body][] = [
      ['unknown', () => 'glpat-unknown', UNAUTHORIZED],
      ['a job’s', () => 'glcbt-unknown', UNAUTHORIZED],
      ['expired', () => tokens.expired!, EXPIRED],
      ['revoked', () => tokens.revoked!, REVOKED],
    ];
    for (const [name, token, body] of cases) {
      it(`is 401 when it is ${name}, also where nobody needs one`, async () => {
        for (const path of ['/user', `/projects/${open}`]) {
          const refused = await send(path, { 'PRIVATE-TOKEN': token() });
          assert.deepEqual([refused.status, refused.body], [401, body], path);
        }
      });
    }

    it('no token at all is 401 where one is needed, and nobody where not', async () => {
      assert.deepEqual((await send('/user', {})).body, UNAUTHORIZED);
      assert.equal((await send(`/projects/${open}`, {})).status, 200);
      assert.equal((await send(`/projects/${open}`, { 'PRIVATE-TOKEN': '' })).status, 200);
    });

    it('comes before what is wrong with the parameters, and that before the project', async () => {
      assert.equal((await send('/projects/999/variables?page=x', {})).status, 401);
      const signedIn = { 'PRIVATE-TOKEN': ann.token };
      const refused = await send('/projects/999/variables?page=x', signedIn);
      assert.deepEqual([refused.status, refused.body], [400, { error: 'page is invalid' }]);
      assert.equal((await send('/projects/999/variables', signedIn)).status, 404);
    });
  });

  describe('scopes', () => {
    const ok = 200;
    const cases: [token: string, method: string, path: string, status: number, scope?: string][] = [
      ['reader', 'GET', '/projects', ok],
      ['reader', 'HEAD', '/projects', ok],
      ['reader', 'POST', '/projects', 403, 'api'],
      ['reader', 'GET', '/user', ok],
      ['user', 'GET', '/user', ok],
      ['user', 'GET', '/version', ok],
      ['user', 'GET', '/projects', 403, 'api read_api'],
      ['git', 'GET', '/user', 403, 'api read_api read_user'],
      ['git', 'GET', '/personal_access_tokens/self', ok],
      ['rotator', 'GET', '/personal_access_tokens', 403, 'api read_api'],
    ];
    for (const [token, method, path, status, scope] of cases) {
      it(`${token}: ${method} ${path} is ${status}`, async () => {
        const answer = await send(path, { 'PRIVATE-TOKEN': tokens[token]! }, method);
        assert.equal(answer.status, status);
        assert.equal(answer.body.scope, scope);
      });
    }
  });

  it('a blocked user’s tokens are refused at once, and work again when unblocked', async () => {
    assert.deepEqual((await server.api('POST', `/users/${bob.id}/block`)).body, true);
    const refused = await send('/user', { 'PRIVATE-TOKEN': bob.token });
    assert.deepEqual(
      [refused.status, refused.body],
      [403, { message: '403 Forbidden - Your account has been blocked.' }],
    );
    const again = await server.api('POST', `/users/${bob.id}/block`);
    assert.deepEqual([again.status, again.body], [201, null]);
    await server.api('POST', `/users/${bob.id}/unblock`);
    assert.equal((await send('/user', { 'PRIVATE-TOKEN': bob.token })).status, 200);
  });

  it('administrators act as others with sudo, and nobody else does', async () => {
    for (const name of ['ann', String(ann.id)]) {
      const acting = await send('/user', { 'PRIVATE-TOKEN': ROOT_TOKEN, SUDO: name });
      assert.equal(acting.body.username, 'ann');
    }
    const refused = await send('/user?sudo=root', { 'PRIVATE-TOKEN': ann.token });
    assert.deepEqual(
      [refused.status, refused.body],
      [403, { message: '403 Forbidden - Must be admin to use sudo' }],
    );
    const missing = await send('/user?sudo=nobody', { 'PRIVATE-TOKEN': ROOT_TOKEN });
    assert.deepEqual(
      [missing.status, missing.body],
      [404, { message: "404 User with ID or username 'nobody' Not Found" }],
    );
  });

  it('the last use of a token is written, and not again within ten minutes', async () => {
    await send('/user', { 'PRIVATE-TOKEN': tokens.reader! });
    const first = await bearerOf(server.rooms.db.read, tokens.reader!);
    await send('/user', { 'PRIVATE-TOKEN': tokens.reader! });
    const second = await bearerOf(server.rooms.db.read, tokens.reader!);
    assert.equal(typeof first?.token.lastUsedAt, 'number');
    assert.equal(second?.token.lastUsedAt, first?.token.lastUsedAt);
  });

  it('the database holds digests, never a token', async () => {
    const known = await bearerOf(server.rooms.db.read, ann.token);
    assert.equal(known?.token.userId, ann.id);
    assert.equal(digestOf(ann.token).length, 64);
    assert.equal(await bearerOf(server.rooms.db.read, digestOf(ann.token)), null);
  });
});
