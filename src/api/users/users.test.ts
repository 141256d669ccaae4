import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { addTo, makePerson, makeProject, type Person } from '../../../test/people.ts';
import { forEachServer, type TestServer } from '../../../test/start-server.ts';
import { setUserState } from '../../project/create-user.ts';

type Body = Record<string, unknown>;

const BASIC = 'id username public_email name state locked avatar_url web_url'.split(' ');
const USER = [
  ...BASIC,
  ...'created_at bio location linkedin twitter discord website_url github job_title pronouns organization bot work_information followers following is_followed local_time'.split(
    ' ',
  ),
];
const PUBLIC = [
  ...USER,
  ...'last_sign_in_at confirmed_at last_activity_on email theme_id color_scheme_id projects_limit current_sign_in_at identities can_create_group can_create_project two_factor_enabled external private_profile commit_email preferred_language'.split(
    ' ',
  ),
];
const ADMIN = [...PUBLIC, 'is_admin', 'note', 'namespace_id', 'created_by', 'email_reset_offered_at'];
const DETAILS = [...ADMIN, 'highest_role', 'current_sign_in_ip', 'last_sign_in_ip', 'sign_in_count'];

forEachServer('users', (start) => {
  let server: TestServer;
  let ann: Person;
  let bob: Person;
  before(async () => {
    server = await start();
    ann = await makePerson(server, 'ann');
    bob = await makePerson(server, 'bob');
  });
  const keys = async (path: string, token?: string | null) => {
    const { body } = await server.api<Body | Body[]>('GET', path, token === undefined ? {} : { token });
    return Object.keys(Array.isArray(body) ? body[0]! : body);
  };

  it('are shown as much as the caller may know', async () => {
    assert.deepEqual(await keys('/user', ann.token), PUBLIC);
    assert.deepEqual(await keys('/user'), ADMIN);
    assert.deepEqual(await keys(`/users/${bob.id}`, ann.token), USER);
    assert.deepEqual(await keys(`/users/${bob.id}`), DETAILS);
    assert.deepEqual(await keys('/users', ann.token), BASIC);
    assert.deepEqual(await keys('/users?username=bob', null), BASIC);
    assert.deepEqual(await keys('/users'), ADMIN);
    const { body } = await server.api<Body>('GET', '/user', { token: ann.token });
    assert.equal(body.web_url, `${new URL(server.url).origin}/ann`);
  });

  const refusals: [path: string, token: string | null, status: number, body: unknown][] = [
    ['/user', null, 401, { message: '401 Unauthorized' }],
    ['/users', null, 403, { message: '403 Forbidden - Not authorized to access /api/v4/users' }],
    ['/users/1', null, 403, { message: '403 Forbidden - Not authorized!' }],
    ['/users/9999', 'ann', 404, { message: '404 User Not Found' }],
    ['/users/abc', 'ann', 400, { error: 'id is invalid' }],
    ['/users/1/memberships', 'ann', 403, { message: '403 Forbidden' }],
    ['/users?order_by=id;drop', 'ann', 400, { error: 'order_by does not have a valid value' }],
  ];
  for (const [path, who, status, body] of refusals) {
    it(`GET ${path} by ${who ?? 'nobody'} is ${status}`, async () => {
      const refused = await server.api('GET', path, { token: who === null ? null : ann.token });
      assert.deepEqual([refused.status, refused.body], [status, body]);
    });
  }

  const user = { username: 'carl', name: 'Carl', email: 'carl@example.com', password: 'long enough' };
  const creations: [name: string, body: Body, status: number, answer: unknown][] = [
    [
      'a taken address',
      { ...user, email: 'ANN@example.com' },
      409,
      { message: 'Email has already been taken' },
    ],
    ['a taken name', { ...user, username: 'Ann' }, 409, { message: 'Username has already been taken' }],
    [
      'a short password',
      { ...user, password: 'short' },
      400,
      { message: { password: ['is too short (minimum is 8 characters)'] } },
    ],
    [
      'no password',
      { ...user, password: undefined },
      400,
      {
        error:
          'password, reset_password, force_random_password are missing, at least one parameter must be provided',
      },
    ],
    ['no name', { ...user, name: undefined }, 400, { error: 'name is missing' }],
    ['no address', { ...user, email: 'carl' }, 400, { message: { email: ['is invalid'] } }],
  ];
  for (const [name, body, status, answer] of creations) {
    it(`POST /users refuses ${name}`, async () => {
      const refused = await server.api('POST', '/users', { body });
      assert.deepEqual([refused.status, refused.body], [status, answer]);
    });
  }

  it('are made by administrators only', async () => {
    const refused = await server.api('POST', '/users', { token: ann.token, body: user });
    assert.deepEqual([refused.status, refused.body], [403, { message: '403 Forbidden' }]);
  });

  it('are renamed with their namespace', async () => {
    const dora = await makePerson(server, 'dora');
    const { id } = await makeProject(server, 'app', { token: dora.token });
    const edited = await server.api<Body>('PUT', `/users/${dora.id}`, {
      body: { username: 'doris', bio: 'hi' },
    });
    assert.deepEqual([edited.body.username, edited.body.bio], ['doris', 'hi']);
    const { body } = await server.api<Body>('GET', `/projects/${id}`, { token: dora.token });
    assert.equal(body.path_with_namespace, 'doris/app');
  });

  it('may not block themselves, and change state by rule', async () => {
    const self = (await server.api<{ id: number }>('GET', '/user')).body.id;
    const own = await server.api('POST', `/users/${self}/block`);
    assert.deepEqual(own.body, {
      message: '403 Forbidden - The API initiating user cannot be blocked by the API',
    });
    const refused = (why: string) => ({ message: `403 Forbidden - ${why}` });
    const STEPS: [verb: string, answer: unknown, state: string][] = [
      ['unblock', false, 'active'],
      ['activate', true, 'active'],
      ['unban', refused('You cannot unban active users.'), 'active'],
      ['block', true, 'blocked'],
      ['block', null, 'blocked'],
      ['activate', refused('A blocked user must be unblocked to be activated'), 'blocked'],
      ['deactivate', refused('A blocked user cannot be deactivated by the API'), 'blocked'],
      ['ban', refused('You cannot ban blocked users.'), 'blocked'],
      ['unblock', true, 'active'],
      ['unblock', false, 'active'],
      ['deactivate', true, 'deactivated'],
      ['deactivate', null, 'deactivated'],
      ['unblock', refused('Deactivated users cannot be unblocked by the API'), 'deactivated'],
      ['activate', true, 'active'],
      ['ban', true, 'banned'],
      ['ban', refused('You cannot ban banned users.'), 'banned'],
      ['block', null, 'banned'],
      ['unblock', false, 'banned'],
      ['activate', refused('A blocked user must be unblocked to be activated'), 'banned'],
      ['unban', true, 'active'],
    ];
    for (const [index, [verb, answer, state]] of STEPS.entries()) {
      const { status, body } = await server.api('POST', `/users/${bob.id}/${verb}`);
      const what = `step ${index}: ${verb}`;
      const given = typeof answer === 'object' && answer !== null ? 403 : 201;
      assert.deepEqual([status, body], [given, answer], what);
      assert.equal((await server.api<Body>('GET', `/users/${bob.id}`)).body.state, state, what);
    }
  });

  it('are removed with their tokens and memberships, unless a group would have no owner', async () => {
    const eve = await makePerson(server, 'eve');
    await server.api('POST', '/groups', { token: eve.token, body: { name: 'Eve', path: 'eves' } });
    const refused = await server.api('DELETE', `/users/${eve.id}`);
    assert.deepEqual(
      [refused.status, refused.body],
      [409, { message: 'User cannot be removed while is the sole-owner of a group' }],
    );
    assert.equal((await server.api('DELETE', `/users/${eve.id}?hard_delete=true`)).status, 204);
    assert.equal((await server.api('GET', '/user', { token: eve.token })).status, 401);
    assert.equal((await server.api('GET', '/users?username=eve')).headers.get('x-total'), '0');
    assert.equal((await server.api('GET', `/users/${eve.id}`)).status, 404);
    assert.equal((await server.api('GET', '/groups/eves')).status, 404);
  });

  it('who keep their profile to themselves show it to nobody else', async () => {
    const kim = await makePerson(server, 'kim');
    await server.api('PUT', `/users/${kim.id}`, { body: { private_profile: true, bio: 'mine' } });
    assert.deepEqual(await keys(`/users/${kim.id}`, ann.token), BASIC);
    assert.deepEqual(await keys(`/users/${kim.id}`, kim.token), USER);
    assert.deepEqual(await keys(`/users/${kim.id}`), DETAILS);
  });

  it('are filtered, and by what nobody has here, to nobody', async () => {
    const names = async (query: string) =>
      (await server.api<{ username: string }[]>('GET', `/users?${query}&per_page=100`)).body.map(
        ({ username }) => username,
      );
    assert.deepEqual(await names('extern_uid=1&provider=ldap'), []);
    const half = await server.api('GET', '/users?extern_uid=1');
    assert.deepEqual(
      [half.status, half.body],
      [400, { error: 'extern_uid, provider provide all or none of parameters' }],
    );
    const lee = await makePerson(server, 'lee');
    await server.api('PUT', `/users/${lee.id}`, { body: { public_email: 'lee@public.example' } });
    assert.deepEqual(await names('public_email=LEE@public.example'), ['lee']);
    assert.ok((await names('without_projects=true')).includes('lee'));
    await makeProject(server, 'with-lee', { token: lee.token });
    assert.equal((await names('without_projects=true')).includes('lee'), false);
    await server.api('POST', `/users/${lee.id}/block`);
    assert.deepEqual(await names('exclude_active=true'), ['lee']);
    assert.deepEqual(await names('exclude_humans=true'), []);
  });

  it('who are removed take their own projects along, and leave their past without a user', async () => {
    const finn = await makePerson(server, 'finn');
    const own = await makeProject(server, 'own', { token: finn.token });
    const { id } = await makeProject(server, 'theirs', { body: { initialize_with_readme: true } });
    await addTo(server, id, finn, 40);
    const file = { branch: 'main', content: 'a: {script: [x]}', commit_message: 'm' };
    await server.api('POST', `/projects/${id}/repository/files/.gitlab-ci.yml`, {
      token: finn.token,
      body: file,
    });
    const jobs = async () =>
      (await server.api<{ user: Body | null; pipeline: Body }[]>('GET', `/projects/${id}/jobs`)).body;
    assert.equal((await jobs())[0]?.user?.username, 'finn');
    assert.equal((await server.api('DELETE', `/users/${finn.id}`)).status, 204);
    const [job] = await jobs();
    assert.equal(job?.user, null);
    const pipeline = await server.api<Body>('GET', `/projects/${id}/pipelines/${job?.pipeline.id}`);
    assert.equal(pipeline.body.user, null);
    assert.equal((await server.api('GET', `/projects/${own.id}`)).status, 404);
    assert.equal((await server.api('GET', '/projects/finn%2Fown')).status, 404);
    const again = await makePerson(server, 'finn');
    assert.notEqual(again.id, finn.id);
    await makeProject(server, 'own', { token: again.token });
    const spaces = await server.api<Body[]>('GET', '/namespaces?per_page=100');
    assert.deepEqual(
      spaces.body.filter(({ path }) => String(path).startsWith('-')),
      [],
    );
  });

  it('who wait for an administrator are let in or sent away', async () => {
    const gina = await makePerson(server, 'gina');
    const post = (verb: string) => server.api('POST', `/users/${gina.id}/${verb}`);
    const approved = await post('approve');
    assert.deepEqual(
      [approved.status, approved.body],
      [409, { message: 'The user you are trying to approve is not pending approval' }],
    );
    assert.deepEqual((await post('reject')).body, { message: 'User does not have a pending request' });
    const wait = () =>
      server.rooms.db.transaction((tx) => setUserState(tx, gina.id, 'blocked_pending_approval', Date.now()));
    await wait();
    assert.equal((await server.api('GET', '/user', { token: gina.token })).status, 403);
    const letIn = await post('approve');
    assert.deepEqual([letIn.status, letIn.body], [201, { success: true, message: 'Success' }]);
    assert.equal((await server.api('GET', '/user', { token: gina.token })).status, 200);
    await wait();
    assert.equal((await post('reject')).status, 201);
    assert.equal((await server.api('GET', `/users/${gina.id}`)).status, 404);
  });

  it('instance settings are read and changed by administrators', async () => {
    const before = await server.api<Body>('GET', '/application/settings');
    assert.deepEqual([before.body.max_artifacts_size, before.body.signup_enabled], [100, false]);
    const body = {
      max_artifacts_size: 5,
      outbound_local_requests_whitelist: ['10.0.0.0/8', 'ci.local'],
      id: 9,
    };
    const changed = await server.api<Body>('PUT', '/application/settings', { body });
    assert.deepEqual(
      [changed.body.id, changed.body.max_artifacts_size, changed.body.outbound_local_requests_whitelist],
      [1, 5, ['10.0.0.0/8', 'ci.local']],
    );
    assert.deepEqual((await server.api('GET', '/application/settings')).body, changed.body);
    assert.equal((await server.api('GET', '/application/settings', { token: ann.token })).status, 403);
    const refused = await server.api('PUT', '/application/settings', { body: { ci_max_includes: -1 } });
    assert.deepEqual(refused.body, { error: 'ci_max_includes does not have a valid value' });
  });

  it('health is told to the machine itself', async () => {
    const get = async (path: string) => {
      const answer = await fetch(new URL(path, server.url));
      return [answer.status, answer.headers.get('content-type'), await answer.text()];
    };
    assert.deepEqual(await get('/-/health'), [200, 'text/plain', 'GitLab OK']);
    assert.deepEqual(await get('/-/liveness'), [200, 'application/json', '{"status":"ok"}']);
    assert.deepEqual(await get('/-/readiness'), [
      200,
      'application/json',
      '{"status":"ok","master_check":[{"status":"ok"}]}',
    ]);
    assert.deepEqual(await get('/-/readiness?all=1'), [
      200,
      'application/json',
      '{"status":"ok","master_check":[{"status":"ok"}],"db_check":[{"status":"ok"}]}',
    ]);
    const [status, , text] = await get('/-/metrics');
    assert.equal(status, 200);
    assert.match(String(text), /^http_requests_total\{method="GET",status="200"\} \d+$/m);
    assert.deepEqual((await get('/health_check')).slice(2), ['success']);
  });

  it('the version is for whoever is signed in', async () => {
    assert.deepEqual(Object.keys((await server.api<Body>('GET', '/version')).body), ['version', 'revision']);
    const metadata = await server.api<Body>('GET', '/metadata');
    assert.deepEqual(Object.keys(metadata.body), ['version', 'revision', 'kas', 'enterprise']);
    assert.equal((await server.api('GET', '/version', { token: null })).status, 401);
  });
});
