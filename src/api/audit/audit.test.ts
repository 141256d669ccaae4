import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { Browser } from '../../../test/browser.ts';
import { makePerson, makeProject, type Person } from '../../../test/people.ts';
import { forEachServer, ROOT_PASSWORD, ROOT_TOKEN, type TestServer } from '../../../test/start-server.ts';

interface Event {
  author_id: number | null;
  entity_id: number;
  entity_type: string;
  event_name: string;
  details: Record<string, unknown>;
}

forEachServer('the audit', (start) => {
  let server: TestServer;
  let ann: Person;
  let project: number;
  let group: number;
  before(async () => {
    server = await start();
    ann = await makePerson(server, 'ann');
    project = (await makeProject(server, 'app')).id;
    group = (await server.api<{ id: number }>('POST', '/groups', { body: { name: 'G', path: 'g' } })).body.id;
  });
  const events = async (query = '') => (await server.api<Event[]>('GET', `/audit_events${query}`)).body;
  const P = () => `/projects/${project}`;
  const G = () => `/groups/${group}`;

  /** One act, the row it leaves: who is always root. */
  const acts: [
    name: string,
    act: () => [method: string, path: string, body?: Record<string, unknown>],
    row: () => Omit<Event, 'author_id' | 'details'> & {
      target: string | null;
      said: Record<string, unknown>;
    },
  ][] = [
    [
      'a variable',
      () => ['POST', `${P()}/variables`, { key: 'KEY', value: 'top secret', protected: true }],
      () => ({
        event_name: 'ci_variable_created',
        entity_type: 'Project',
        entity_id: project,
        target: 'KEY',
        said: { key: null, value: null, protected: true },
      }),
    ],
    [
      'another value of it',
      () => ['PUT', `${P()}/variables/KEY`, { value: 'other secret' }],
      () => ({
        event_name: 'ci_variable_updated',
        entity_type: 'Project',
        entity_id: project,
        target: 'KEY',
        said: { value: null },
      }),
    ],
    [
      'a member',
      () => ['POST', `${G()}/members`, { user_id: ann.id, access_level: 30 }],
      () => ({
        event_name: 'member_created',
        entity_type: 'Group',
        entity_id: group,
        target: String(ann.id),
        said: { user_id: ann.id, access_level: 30 },
      }),
    ],
    [
      'a protection',
      () => ['POST', `${P()}/protected_branches`, { name: 'release/*', push_access_level: 0 }],
      () => ({
        event_name: 'protected_branch_created',
        entity_type: 'Project',
        entity_id: project,
        target: 'release/*',
        said: { name: 'release/*', push_access_level: 0 },
      }),
    ],
    [
      'a runner',
      () => ['POST', '/user/runners', { runner_type: 'project_type', project_id: project }],
      () => ({
        event_name: 'ci_runner_created',
        entity_type: 'Project',
        entity_id: project,
        target: '1',
        said: { runner_type: 'project_type', project_id: project },
      }),
    ],
    [
      'a let-in project',
      () => ['POST', `${P()}/job_token_scope/groups_allowlist`, { target_group_id: group }],
      () => ({
        event_name: 'job_token_allowlist_added',
        entity_type: 'Project',
        entity_id: project,
        target: null,
        said: { target_group_id: group },
      }),
    ],
    [
      'a webhook',
      () => ['POST', `${P()}/hooks`, { url: 'https://user:pass@example.com/hook', token: 'hook secret' }],
      () => ({
        event_name: 'webhook_created',
        entity_type: 'Project',
        entity_id: project,
        target: '1',
        said: { url: null, token: null },
      }),
    ],
    [
      'a token',
      () => ['POST', `/users/${ann.id}/personal_access_tokens`, { name: 't', scopes: ['read_api'] }],
      () => ({
        event_name: 'personal_access_token_created',
        entity_type: 'User',
        entity_id: ann.id,
        target: 't',
        said: { name: 't', scopes: ['read_api'] },
      }),
    ],
    [
      'an act of an administrator',
      () => ['POST', `/users/${ann.id}/block`],
      () => ({
        event_name: 'user_blocked',
        entity_type: 'User',
        entity_id: ann.id,
        target: null,
        said: {},
      }),
    ],
    [
      'a setting',
      () => ['PUT', '/application/settings', { ci_max_includes: 20 }],
      () => ({
        event_name: 'application_setting_updated',
        entity_type: 'Gitlab::Audit::InstanceScope',
        entity_id: 1,
        target: null,
        said: { ci_max_includes: null },
      }),
    ],
    [
      'a new project',
      () => ['POST', '/projects', { name: 'fresh', visibility: 'private' }],
      () => ({
        event_name: 'project_created',
        entity_type: 'Project',
        entity_id: project + 1,
        target: 'fresh',
        said: { name: 'fresh', visibility: 'private' },
      }),
    ],
    [
      'its end',
      () => ['DELETE', `/projects/${project + 1}`],
      () => ({
        event_name: 'project_deletion_scheduled',
        entity_type: 'Project',
        entity_id: project + 1,
        target: null,
        said: {},
      }),
    ],
  ];
  for (const [name, act, row] of acts) {
    it(`notes ${name}, once`, async () => {
      const before = (await events('?per_page=100')).length;
      const [method, path, body] = act();
      const done = await server.api(method, path, body === undefined ? {} : { body });
      assert.ok(done.status < 300, JSON.stringify(done.body));
      const after = await events('?per_page=100');
      assert.equal(after.length, before + 1);
      const { event_name, entity_type, entity_id, details } = after[0]!;
      const { target_details: target, author_name, ip_address, entity_path, ...said } = details;
      assert.deepEqual({ event_name, entity_type, entity_id, target, said }, row());
      assert.deepEqual([author_name, ip_address, entity_path === ''], ['Administrator', '127.0.0.1', false]);
    });
  }

  it('notes nothing of what was refused or only read, and no secret', async () => {
    const before = (await events('?per_page=100')).length;
    await server.api('POST', `${P()}/variables`, { body: { key: 'A B', value: 'x' } });
    await server.api('GET', `${P()}/variables`);
    const after = await server.api<Event[]>('GET', '/audit_events?per_page=100');
    assert.equal(after.body.length, before);
    const text = after.bytes.toString();
    for (const secret of ['top secret', 'other secret', 'hook secret', 'user:pass', ROOT_TOKEN]) {
      assert.equal(text.includes(secret), false, secret);
    }
  });

  it('does nothing that it cannot note: both are one transaction', async () => {
    const rename = (from: string, to: string) =>
      server.rooms.db.transaction(async (tx) => {
        await tx.rows(`alter table ${from} rename to ${to}`, []);
      });
    await rename('audit_events', 'audit_events_away');
    const [made, changed] = await Promise.all([
      server.api('POST', '/projects', { body: { name: 'unnoted' } }),
      server.api('PUT', `${P()}/variables/KEY`, { body: { value: 'unnoted secret' } }),
    ]).finally(() => rename('audit_events_away', 'audit_events'));
    assert.deepEqual([made.status, changed.status], [500, 500]);
    assert.equal((await server.api('GET', '/projects/root%2Funnoted')).status, 404);
    const { body } = await server.api<{ value: string }>('GET', `${P()}/variables/KEY`);
    assert.equal(body.value, 'other secret');
  });

  it('notes nothing where nothing changes', async () => {
    const before = (await events('?per_page=100')).length;
    const away = { user_id: ann.id, access_level: 30 };
    assert.equal((await server.api('POST', `${G()}/members`, { body: away })).status, 409);
    assert.equal((await server.api('POST', `/users/${ann.id}/block`)).status, 201);
    assert.equal((await server.api('PUT', '/runners/1', { body: { maximum_timeout: 5 } })).status, 400);
    assert.equal((await events('?per_page=100')).length, before);
  });

  it('notes who signs in', async () => {
    await new Browser(server.url).signIn('root', ROOT_PASSWORD);
    assert.equal((await events())[0]?.event_name, 'user_signed_in');
  });

  it('keeps the administrator who acts as somebody else', async () => {
    const bob = await makePerson(server, 'bob');
    await server.api('POST', '/projects', { body: { name: 'his' }, headers: { sudo: 'bob' } });
    const [newest] = await events();
    const root = (await server.api<{ id: number }>('GET', '/user')).body.id;
    assert.deepEqual([newest?.author_id, newest?.details.sudo_by], [bob.id, root]);
  });

  it('tells maintainers of their project and owners of their group', async () => {
    const own = await server.api<Event[]>('GET', `${P()}/audit_events`);
    assert.ok(own.body.length >= 5);
    assert.ok(
      own.body.every(({ entity_id, entity_type }) => entity_type === 'Project' && entity_id === project),
    );
    const of = await events(`?entity_type=User&entity_id=${ann.id}`);
    assert.deepEqual([...new Set(of.map(({ entity_id }) => entity_id))], [ann.id]);
    assert.equal(
      (await server.api<Event[]>('GET', `${G()}/audit_events`)).body[0]?.event_name,
      'member_created',
    );
    assert.deepEqual(await events('?created_after=2999-01-01'), []);
  });
});
