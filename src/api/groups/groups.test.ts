import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { makePerson, makeProject, type Person } from '../../../test/people.ts';
import { forEachServer, type TestServer } from '../../../test/start-server.ts';

type Body = Record<string, unknown>;

const GROUP_KEYS =
  'id web_url name path description visibility share_with_group_lock require_two_factor_authentication two_factor_grace_period project_creation_level auto_devops_enabled subgroup_creation_level emails_disabled emails_enabled show_diff_preview_in_email mentions_disabled lfs_enabled archived math_rendering_limits_enabled lock_math_rendering_limits_enabled default_branch default_branch_protection default_branch_protection_defaults avatar_url request_access_enabled full_name full_path created_at parent_id organization_id shared_runners_setting max_artifacts_size marked_for_deletion_on'.split(
    ' ',
  );

forEachServer('groups', (start) => {
  let server: TestServer;
  let ann: Person;
  let bob: Person;
  before(async () => {
    server = await start();
    ann = await makePerson(server, 'ann');
    bob = await makePerson(server, 'bob');
  });
  const make = (body: Body, token = ann.token) =>
    server.api<Body & { id: number }>('POST', '/groups', { token, body });

  it('is private to its members, and has every key in GitLab’s order', async () => {
    const made = await make({ name: 'Team', path: 'team' });
    assert.equal(made.status, 201);
    assert.deepEqual(Object.keys(made.body).slice(0, GROUP_KEYS.length), GROUP_KEYS);
    assert.equal(made.body.visibility, 'private');
    for (const name of [String(made.body.id), 'TEAM']) {
      assert.equal((await server.api('GET', `/groups/${name}`, { token: ann.token })).status, 200);
      const hidden = await server.api('GET', `/groups/${name}`, { token: bob.token });
      assert.deepEqual([hidden.status, hidden.body], [404, { message: '404 Group Not Found' }]);
    }
  });

  it('refuses a taken or reserved path with a sentence', async () => {
    await make({ name: 'Taken', path: 'taken' });
    const taken = await make({ name: 'Other', path: 'Taken' }, bob.token);
    assert.deepEqual(taken.body, {
      message: 'Failed to save group {:path=>["has already been taken"]}',
    });
    const user = await make({ name: 'Other', path: 'ann' }, bob.token);
    assert.equal(user.status, 400);
    const reserved = await make({ name: 'Other', path: 'api' }, bob.token);
    assert.deepEqual(reserved.body, { message: 'Failed to save group {:path=>["api is a reserved name"]}' });
  });

  it('holds groups and projects, whose visibility it limits', async () => {
    const top = (await make({ name: 'Top', path: 'top', visibility: 'internal' })).body.id;
    const sub = await make({ name: 'Sub', path: 'sub', parent_id: top });
    assert.deepEqual(
      [sub.body.full_path, sub.body.full_name, sub.body.visibility],
      ['top/sub', 'Top / Sub', 'internal'],
    );
    const open = await make({ name: 'Open', path: 'open', parent_id: top, visibility: 'public' });
    assert.equal(open.status, 400);
    const body = { name: 'x', namespace_id: top, visibility: 'public' };
    const project = await server.api('POST', '/projects', { token: ann.token, body });
    assert.deepEqual(project.body, {
      message: { visibility_level: ['public is not allowed in a internal group.'] },
    });
    const refused = await server.api('POST', '/projects', {
      token: bob.token,
      body: { ...body, visibility: 'private' },
    });
    assert.deepEqual(refused.body, { message: { namespace: ['is not valid'] } });
    const stranger = await make({ name: 'Mine', path: 'mine', parent_id: top }, bob.token);
    assert.equal(stranger.status, 403);
  });

  it('lists its projects and groups as the caller may see them', async () => {
    const top = (await make({ name: 'Lists', path: 'lists', visibility: 'public' })).body.id;
    const sub = (await make({ name: 'Below', path: 'below', parent_id: top })).body.id;
    await make({ name: 'Closed', path: 'closed', parent_id: top, visibility: 'private' });
    const token = ann.token;
    await makeProject(server, 'one', { token, body: { namespace_id: top, visibility: 'public' } });
    await makeProject(server, 'two', { token, body: { namespace_id: top } });
    await makeProject(server, 'three', { token, body: { namespace_id: sub, visibility: 'public' } });
    const paths = async (path: string, caller: string | null) => {
      const list = await server.api<{ path: string }[]>('GET', `/groups/${top}/${path}`, { token: caller });
      return list.body.map((item) => item.path);
    };
    assert.deepEqual(await paths('projects', ann.token), ['two', 'one']);
    assert.deepEqual(await paths('projects?include_subgroups=true', null), ['three', 'one']);
    assert.deepEqual(await paths('subgroups', ann.token), ['below', 'closed']);
    assert.deepEqual(await paths('subgroups', bob.token), ['below']);
    assert.deepEqual(await paths('descendant_groups', null), ['below']);
    const all = await server.api<{ path: string }[]>('GET', '/groups?search=clos', { token: bob.token });
    assert.deepEqual([all.body, all.headers.get('x-total')], [[], '0']);
  });

  it('moves everything when it is renamed, and former project paths still lead there', async () => {
    const id = (await make({ name: 'Old', path: 'old' })).body.id;
    const sub = (await make({ name: 'Sub', path: 'sub', parent_id: id })).body.id;
    const project = await makeProject(server, 'deep', { token: ann.token, body: { namespace_id: sub } });
    const edited = await server.api<Body>('PUT', `/groups/${id}`, {
      token: ann.token,
      body: { path: 'newer' },
    });
    assert.equal(edited.body.full_path, 'newer');
    const found = await server.api<Body>('GET', `/projects/newer%2Fsub%2Fdeep`, { token: ann.token });
    assert.equal(found.body.id, project.id);
    assert.equal((await server.api('GET', '/projects/old%2Fsub%2Fdeep', { token: ann.token })).status, 301);
  });

  it('is marked for deletion once, by owners', async () => {
    const id = (await make({ name: 'Gone', path: 'gone', visibility: 'public' })).body.id;
    assert.equal((await server.api('DELETE', `/groups/${id}`, { token: bob.token })).status, 403);
    const marked = await server.api('DELETE', `/groups/${id}`, { token: ann.token });
    assert.deepEqual([marked.status, marked.body], [202, { message: '202 Accepted' }]);
    const again = await server.api('DELETE', `/groups/${id}`, { token: ann.token });
    assert.deepEqual(
      [again.status, again.body],
      [400, { message: 'Group has been already marked for deletion' }],
    );
    assert.equal((await make({ name: 'Gone', path: 'gone' })).status, 201);
  });

  it('is restored, or removed at once when it is named again', async () => {
    const { id } = (await make({ name: 'Back', path: 'back' })).body;
    const send = (method: string, path: string) => server.api<Body>(method, path, { token: ann.token });
    assert.deepEqual((await send('DELETE', `/groups/${id}?permanently_remove=true&full_path=back`)).body, {
      message: 'Group must be marked for deletion first.',
    });
    await send('DELETE', `/groups/${id}`);
    const today = new Date().toISOString().slice(0, 10);
    const marked = await server.api<Body[]>('GET', `/groups?marked_for_deletion_on=${today}`, {
      token: ann.token,
    });
    assert.ok(marked.body.some((group) => group.id === id));
    const restored = await send('POST', `/groups/${id}/restore`);
    assert.deepEqual([restored.status, restored.body.full_path], [201, 'back']);
    assert.equal((await send('POST', `/groups/${id}/restore`)).status, 400);
    await send('DELETE', `/groups/${id}`);
    const wrong = await send('DELETE', `/groups/${id}?permanently_remove=true&full_path=back`);
    assert.match(String(wrong.body.message), /^`full_path` is incorrect/);
    const full = encodeURIComponent(`back-deletion_scheduled-${id}`);
    const gone = await send('DELETE', `/groups/${id}?permanently_remove=true&full_path=${full}`);
    assert.deepEqual([gone.status, gone.body], [202, { message: '202 Accepted' }]);
    assert.equal((await send('GET', `/groups/${id}`)).status, 404);
  });

  it('is listed by a cursor, in the order of names', async () => {
    for (const path of ['kb', 'ka', 'kc']) await make({ name: path, path });
    let address = `/groups?pagination=keyset&per_page=2&search=k&skip_groups=0`;
    const names: unknown[] = [];
    for (;;) {
      const page = await server.api<Body[]>('GET', address, { token: ann.token });
      names.push(...page.body.map(({ name }) => name));
      const link = /<(.*)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
      if (link === undefined) break;
      address = link.slice(link.indexOf('/groups'));
    }
    assert.deepEqual(
      names.filter((name) => /^k[abc]$/.test(String(name))),
      ['ka', 'kb', 'kc'],
    );
    const deep = await server.api('GET', '/groups?page=5000&per_page=100', { token: ann.token });
    assert.equal(deep.status, 405);
  });

  it('lists tell administrators the sizes, and nobody else', async () => {
    const all = (await server.api<{ statistics?: Body }[]>('GET', '/groups?statistics=true')).body;
    assert.ok(all.length > 0 && all.every(({ statistics }) => statistics?.storage_size === 0));
    const own = (
      await server.api<{ statistics?: Body }[]>('GET', '/groups?statistics=true', { token: ann.token })
    ).body;
    assert.ok(own.length > 0 && own.every(({ statistics }) => statistics === undefined));
  });

  it('namespaces tell their maintainers what is in them', async () => {
    const { id } = (await make({ name: 'Counted', path: 'counted' })).body;
    await makeProject(server, 'one', { token: ann.token, body: { namespace_id: id } });
    const own = await server.api<Body>('GET', '/namespaces/counted', { token: ann.token });
    assert.deepEqual(
      [own.body.members_count_with_descendants, own.body.root_repository_size, own.body.projects_count],
      [1, 0, 1],
    );
    const top = await server.api<Body[]>('GET', '/namespaces?top_level_only=true&search=counted', {
      token: ann.token,
    });
    assert.deepEqual(
      top.body.map(({ full_path }) => full_path),
      ['counted'],
    );
  });

  it('namespaces are those one may create in', async () => {
    const list = await server.api<Body[]>('GET', '/namespaces', { token: bob.token });
    assert.deepEqual(
      list.body.map((namespace) => [namespace.kind, namespace.full_path]),
      [['user', 'bob']],
    );
    assert.equal((await server.api('GET', '/namespaces/bob', { token: bob.token })).status, 200);
    const foreign = await server.api('GET', '/namespaces/ann', { token: bob.token });
    assert.deepEqual([foreign.status, foreign.body], [404, { message: '404 Namespace Not Found' }]);
    const exists = await server.api('GET', '/namespaces/ann/exists', { token: bob.token });
    assert.deepEqual(exists.body, { exists: true, suggests: ['ann1'] });
  });
});
