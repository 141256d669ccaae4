import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { addTo, makePerson, makeProject, type Person } from '../../../test/people.ts';
import { forEachServer, type TestServer } from '../../../test/start-server.ts';

type Body = Record<string, unknown>;

forEachServer('members', (start) => {
  let server: TestServer;
  const people: Record<string, Person> = {};
  let id: number;
  let path: string;
  before(async () => {
    server = await start();
    for (const name of ['owner', 'maintainer', 'developer', 'guest', 'new', 'newer', 'stranger']) {
      people[name] = await makePerson(server, name);
    }
    id = (await makeProject(server, 'app')).id;
    path = `/projects/${id}/members`;
    await addTo(server, id, people.owner!, 50);
    await addTo(server, id, people.maintainer!, 40);
    await addTo(server, id, people.developer!, 30);
    await addTo(server, id, people.guest!, 10);
  });

  const as = (name: string, body?: Body) => ({
    token: people[name]!.token,
    ...(body === undefined ? {} : { body }),
  });

  it('are listed for whoever sees the project, not for anonymous callers', async () => {
    const list = await server.api<Body[]>('GET', path, as('guest'));
    assert.deepEqual(
      list.body.map((member) => [member.username, member.access_level]),
      [
        ['root', 50],
        ['owner', 50],
        ['maintainer', 40],
        ['developer', 30],
        ['guest', 10],
      ],
    );
    assert.deepEqual(Object.keys(list.body[1]!), [
      'id',
      'username',
      'public_email',
      'name',
      'state',
      'locked',
      'avatar_url',
      'web_url',
      'access_level',
      'created_at',
      'created_by',
      'expires_at',
      'membership_state',
    ]);
    assert.equal((await server.api('GET', path, { token: null })).status, 401);
    assert.equal((await server.api('GET', path, as('stranger'))).status, 404);
    const found = await server.api<Body[]>('GET', `${path}?query=DEV`, as('guest'));
    assert.deepEqual(
      found.body.map((member) => member.username),
      ['developer'],
    );
  });

  const grants: [who: string, level: number, status: number][] = [
    ['developer', 10, 403],
    ['maintainer', 50, 403],
    ['maintainer', 40, 201],
    ['owner', 50, 201],
  ];
  for (const [who, level, status] of grants) {
    it(`${who} giving ${level} is ${status}`, async () => {
      const added = await server.api('POST', path, as(who, { user_id: people.new!.id, access_level: level }));
      assert.equal(added.status, status);
      const removed = await server.api('DELETE', `${path}/${people.new!.id}`);
      assert.equal(removed.status, status === 201 ? 204 : 404);
    });
  }

  const refusals: [name: string, body: () => Body, status: number, answer: unknown][] = [
    ['no level', () => ({ user_id: people.new!.id }), 400, { error: 'access_level is missing' }],
    [
      'no user',
      () => ({ access_level: 30 }),
      400,
      { error: 'user_id, username are missing, at least one parameter must be provided' },
    ],
    [
      'a level that is none',
      () => ({ user_id: people.new!.id, access_level: 33 }),
      400,
      { message: { access_level: ['is not included in the list'] } },
    ],
    ['an unknown user', () => ({ user_id: 9999, access_level: 30 }), 404, { message: '404 User Not Found' }],
    [
      'a member',
      () => ({ user_id: people.guest!.id, access_level: 30 }),
      409,
      { message: 'Member already exists' },
    ],
  ];
  for (const [name, body, status, answer] of refusals) {
    it(`refuses ${name}`, async () => {
      const refused = await server.api('POST', path, as('maintainer', body()));
      assert.deepEqual([refused.status, refused.body], [status, answer]);
    });
  }

  it('are added by name, and several at once', async () => {
    const named = await server.api<Body>(
      'POST',
      path,
      as('maintainer', { username: 'NEW', access_level: 20 }),
    );
    assert.deepEqual([named.status, named.body.username], [201, 'new']);
    const both = `${people.new!.id},${people.newer!.id}`;
    const several = await server.api('POST', path, as('maintainer', { user_id: both, access_level: 20 }));
    assert.deepEqual(
      [several.status, several.body],
      [201, { status: 'error', message: { [people.new!.id]: 'Member already exists' } }],
    );
    assert.equal((await server.api('GET', `${path}/${people.newer!.id}`, as('guest'))).status, 200);
  });

  it('are changed up to one’s own level, owners by owners only', async () => {
    const change = (who: string, whom: string, level: number) =>
      server.api<Body>('PUT', `${path}/${people[whom]!.id}`, as(who, { access_level: level }));
    assert.equal((await change('maintainer', 'guest', 20)).body.access_level, 20);
    assert.equal((await change('maintainer', 'guest', 50)).status, 403);
    assert.equal((await change('maintainer', 'owner', 10)).status, 403);
    assert.equal((await change('developer', 'guest', 10)).status, 403);
    assert.equal((await change('owner', 'stranger', 10)).status, 404);
  });

  it('leave by themselves, and are removed by maintainers, owners by owners', async () => {
    const remove = (who: string, whom: string) =>
      server.api('DELETE', `${path}/${people[whom]!.id}`, as(who));
    assert.equal((await remove('maintainer', 'owner')).status, 403);
    assert.equal((await remove('guest', 'developer')).status, 403);
    assert.equal((await remove('guest', 'guest')).status, 204);
    assert.equal((await remove('maintainer', 'developer')).status, 204);
    assert.equal((await server.api('GET', `/projects/${id}`, as('developer'))).status, 404);
  });

  it('have no access after their last day', async () => {
    const body = { user_id: people.developer!.id, access_level: 30, expires_at: '2020-01-01' };
    assert.equal((await server.api('POST', path, { body })).status, 201);
    assert.equal((await server.api('GET', `/projects/${id}`, as('developer'))).status, 404);
  });

  describe('of a group', () => {
    let group: number;
    let sub: number;
    before(async () => {
      const make = async (name: string, body: Body = {}) =>
        (await server.api<{ id: number }>('POST', '/groups', { body: { name, path: name, ...body } })).body
          .id;
      group = await make('team');
      sub = await make('sub', { parent_id: group });
    });

    it('are members of everything in it, with their highest level', async () => {
      const inside = (await makeProject(server, 'inside', { body: { namespace_id: sub } })).id;
      await server.api('POST', `/groups/${group}/members`, {
        body: { user_id: people.stranger!.id, access_level: 30 },
      });
      await addTo(server, inside, people.stranger!, 20);
      const found = await server.api<{ permissions: Body }>('GET', `/projects/${inside}`, as('stranger'));
      assert.deepEqual(found.body.permissions, {
        project_access: { access_level: 20, notification_level: 3 },
        group_access: { access_level: 30, notification_level: 3 },
      });
      const all = await server.api<Body[]>('GET', `/projects/${inside}/members/all`, as('stranger'));
      const own = all.body.filter((member) => member.username === 'stranger');
      assert.deepEqual(
        own.map((member) => member.access_level),
        [30],
      );
      const direct = await server.api<Body[]>('GET', `/groups/${sub}/members`, as('stranger'));
      assert.deepEqual(
        direct.body.map((member) => member.username),
        ['root'],
      );
    });

    it('are given by owners, and the last owner stays', async () => {
      const refused = await server.api('POST', `/groups/${group}/members`, {
        ...as('stranger', { user_id: people.new!.id, access_level: 10 }),
      });
      assert.equal(refused.status, 403);
      const root = (await server.api<{ id: number }>('GET', '/user')).body.id;
      assert.equal((await server.api('DELETE', `/groups/${group}/members/${root}`)).status, 403);
      const demoted = await server.api('PUT', `/groups/${group}/members/${root}`, {
        body: { access_level: 30 },
      });
      assert.equal(demoted.status, 403);
    });
  });
});
