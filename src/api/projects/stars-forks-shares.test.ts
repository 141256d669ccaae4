import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { craftZip } from '../../../test/craft-zip.ts';
import { GitClient } from '../../../test/git-client.ts';
import { addTo, makePerson, makeProject, type Person } from '../../../test/people.ts';
import { ScriptedRunner } from '../../../test/scripted-runner.ts';
import { forEachServer, type TestServer } from '../../../test/start-server.ts';

type Body = Record<string, unknown>;

forEachServer('between projects and groups', (start) => {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-between-'));
  after(() => rmSync(directory, { recursive: true }));
  let server: TestServer;
  let ann: Person;
  let bob: Person;
  let cleo: Person;
  before(async () => {
    server = await start();
    ann = await makePerson(server, 'ann');
    bob = await makePerson(server, 'bob');
    cleo = await makePerson(server, 'cleo');
  });
  const call = (method: string, path: string, token: string | null, body?: Body) =>
    server.api<Body>(method, path, { token, ...(body === undefined ? {} : { body }) });
  const names = async (path: string, token: string) =>
    (await server.api<{ name: string }[]>('GET', path, { token })).body.map(({ name }) => name).sort();
  const group = async (path: string, body: Body = {}) =>
    (await server.api<{ id: number }>('POST', '/groups', { body: { name: path, path, ...body } })).body.id;

  describe('stars', () => {
    it('are given once and taken back once', async () => {
      const { id } = await makeProject(server, 'bright', { body: { visibility: 'public' } });
      assert.deepEqual([(await call('POST', `/projects/${id}/star`, ann.token)).body.star_count], [1]);
      const again = await call('POST', `/projects/${id}/star`, ann.token);
      assert.deepEqual([again.status, again.bytes.length], [304, 0]);
      assert.equal((await call('POST', `/projects/${id}/star`, bob.token)).body.star_count, 2);
      const starrers = await server.api<{ starred_since: string; user: Body }[]>(
        'GET',
        `/projects/${id}/starrers?search=BOB`,
        { token: null },
      );
      assert.deepEqual(
        starrers.body.map(({ user }) => user.username),
        ['bob'],
      );
      assert.deepEqual(await names('/projects?starred=true', ann.token), ['bright']);
      assert.deepEqual(await names(`/users/${bob.id}/starred_projects`, ann.token), ['bright']);
      assert.equal((await call('POST', `/projects/${id}/unstar`, ann.token)).body.star_count, 1);
      assert.equal((await call('POST', `/projects/${id}/unstar`, ann.token)).status, 304);
      assert.deepEqual(await names('/projects?starred=true', ann.token), []);
      const ordered = await server.api<{ id: number }[]>('GET', '/projects?order_by=star_count');
      assert.equal(ordered.body[0]?.id, id);
    });
  });

  describe('forks', () => {
    let source: { id: number; path_with_namespace: string };
    let client: GitClient;
    before(async () => {
      source = await makeProject(server, 'origin', { body: { visibility: 'internal' } });
      client = new GitClient(join(directory, `origin-${server.engine}`));
      await client.ok('init', '-q', '.');
      await client.commit({ 'a.txt': 'one' });
      await client.ok('tag', '-a', 'v1', '-m', 'one');
      await client.commit({ '.gitlab-ci.yml': 'a: {script: [echo a]}' });
      await client.ok(
        'push',
        '-q',
        server.gitUrl(source.path_with_namespace),
        'HEAD:main',
        'HEAD:work',
        'v1',
      );
    });

    it('have the branches, tags and history of what they come from, and nothing of its pipelines', async () => {
      const made = await call('POST', `/projects/${source.id}/fork`, ann.token);
      assert.equal(made.status, 201);
      const { path_with_namespace, visibility, empty_repo, import_status, forked_from_project } = made.body;
      assert.deepEqual(
        [path_with_namespace, visibility, empty_repo, import_status],
        ['ann/origin', 'internal', false, 'finished'],
      );
      assert.equal((forked_from_project as Body).id, source.id);
      const refs = async (path: string, token?: string) =>
        (await client.ok('ls-remote', server.gitUrl(path, token)))
          .split('\n')
          .filter((line) => !line.includes('refs/pipelines'));
      assert.deepEqual(await refs('ann/origin', ann.token), await refs(source.path_with_namespace));
      const pipelines = await server.api<unknown[]>('GET', '/projects/ann%2Forigin/pipelines', {
        token: ann.token,
      });
      assert.deepEqual(pipelines.body, []);
      const sha = await client.ok('rev-parse', 'HEAD');
      const commit = await call('GET', `/projects/ann%2Forigin/repository/commits/${sha}`, ann.token);
      assert.equal(commit.status, 200);
    });

    it('are counted and listed for those who may see them', async () => {
      assert.equal((await call('GET', `/projects/${source.id}`, ann.token)).body.forks_count, 1);
      const hidden = await call('POST', `/projects/${source.id}/fork`, bob.token, { visibility: 'private' });
      assert.equal(hidden.body.visibility, 'private');
      const seen = await server.api<Body[]>('GET', `/projects/${source.id}/forks`, { token: ann.token });
      assert.deepEqual(
        seen.body.map(({ path_with_namespace }) => path_with_namespace),
        ['ann/origin'],
      );
    });

    it('take what they are told, and are never more visible', async () => {
      const target = await group('forkers');
      const body = { namespace_path: 'forkers', name: 'Other', path: 'other', branches: 'work' };
      const made = await call('POST', `/projects/${source.id}/fork`, (await admin()).token, body);
      assert.deepEqual(
        [made.status, made.body.path_with_namespace, made.body.visibility],
        [201, 'forkers/other', 'private'],
      );
      assert.equal((made.body.namespace as Body).id, target);
      const branches = await server.api<{ name: string }[]>(
        'GET',
        `/projects/${made.body.id}/repository/branches`,
      );
      assert.deepEqual(
        branches.body.map(({ name }) => name),
        ['work'],
      );
      const open = { visibility: 'public', path: 'open', name: 'open' };
      const wider = await call('POST', `/projects/${source.id}/fork`, ann.token, open);
      assert.equal(wider.body.visibility, 'internal');
    });
    const admin = () => makePerson(server, 'chief', { admin: true });

    it('are refused where the name is taken, the place unknown or the code not to be read', async () => {
      const taken = await call('POST', `/projects/${source.id}/fork`, ann.token);
      assert.deepEqual(
        [taken.status, taken.body],
        [409, { message: { name: ['has already been taken'], path: ['has already been taken'] } }],
      );
      const nowhere = await call('POST', `/projects/${source.id}/fork`, ann.token, { namespace: 'nobody' });
      assert.deepEqual([nowhere.status, nowhere.body], [404, { message: '404 Target Namespace Not Found' }]);
      const closed = await makeProject(server, 'closed');
      await addTo(server, closed.id, cleo, 10);
      assert.equal((await call('POST', `/projects/${closed.id}/fork`, cleo.token)).status, 403);
      assert.equal((await call('POST', `/projects/${closed.id}/fork`, ann.token)).status, 404);
    });
  });

  describe('a share', () => {
    it('lets the members of a group in, at most with its level, until it ends', async () => {
      const { id } = await makeProject(server, 'shared');
      const crew = await group('crew');
      await call('POST', `/groups/${crew}/members`, (await root()).token, {
        user_id: ann.id,
        access_level: 50,
      });
      await server.api('POST', `/groups/${crew}/members`, { body: { user_id: bob.id, access_level: 20 } });
      assert.equal((await call('GET', `/projects/${id}`, ann.token)).status, 404);

      const shared = await server.api<Body>('POST', `/projects/${id}/share`, {
        body: { group_id: crew, group_access: 30 },
      });
      assert.equal(shared.status, 201);
      assert.deepEqual(
        { ...shared.body, id: 0 },
        { id: 0, project_id: id, group_id: crew, group_access: 30, expires_at: null },
      );
      const variables = { key: 'K', value: 'v' };
      assert.equal((await call('POST', `/projects/${id}/variables`, ann.token, variables)).status, 403);
      const branch = { branch: 'b', commit_message: 'm', content: 'x' };
      const push = (person: Person, name: string) =>
        call('POST', `/projects/${id}/repository/files/${name}`, person.token, { ...branch, branch: name });
      assert.equal((await push(ann, 'ann')).status, 201);
      assert.equal((await push(bob, 'bob')).status, 403);
      assert.equal((await call('GET', `/projects/${id}/jobs`, bob.token)).status, 200);
      assert.deepEqual(await names('/projects?membership=true&search=shared', bob.token), ['shared']);
      assert.deepEqual(await names('/projects?min_access_level=30&search=shared', bob.token), []);
      const all = await server.api<Body[]>('GET', `/projects/${id}/members/all`);
      assert.deepEqual(
        all.body.filter(({ username }) => username !== 'root').map((m) => [m.username, m.access_level]),
        [
          ['ann', 30],
          ['bob', 20],
        ],
      );
      const entity = await call('GET', `/projects/${id}`, ann.token);
      assert.deepEqual(entity.body.shared_with_groups, [
        {
          group_id: crew,
          group_name: 'crew',
          group_full_path: 'crew',
          group_access_level: 30,
          expires_at: null,
        },
      ]);
      assert.deepEqual(await names(`/groups/${crew}/projects`, ann.token), ['shared']);
      assert.deepEqual(await names(`/groups/${crew}/projects?with_shared=false`, ann.token), []);
      const detail = await server.api<{ shared_projects: Body[] }>('GET', `/groups/${crew}`);
      assert.deepEqual(
        detail.body.shared_projects.map((project) => project.id),
        [id],
      );

      assert.equal((await server.api('DELETE', `/projects/${id}/share/${crew}`)).status, 204);
      assert.equal((await call('GET', `/projects/${id}`, ann.token)).status, 404);
      const gone = await server.api('DELETE', `/projects/${id}/share/${crew}`);
      assert.deepEqual([gone.status, gone.body], [404, { message: '404 Group Link Not Found' }]);
    });
    const root = () => makePerson(server, 'second-root', { admin: true });

    it('of a group opens everything in it, and ends by its day', async () => {
      const inner = await group('inner');
      const guests = await group('guests');
      const { id } = await makeProject(server, 'deep', { body: { namespace_id: inner } });
      await server.api('POST', `/groups/${guests}/members`, { body: { user_id: cleo.id, access_level: 40 } });
      const share = { group_id: guests, group_access: 20 };
      const made = await server.api<Body>('POST', `/groups/${inner}/share`, { body: share });
      assert.deepEqual(
        [made.status, (made.body.shared_with_groups as Body[]).map(({ group_id }) => group_id)],
        [201, [guests]],
      );
      assert.equal((await call('GET', `/projects/${id}/jobs`, cleo.token)).status, 200);
      assert.equal((await call('GET', `/groups/${inner}`, cleo.token)).status, 200);
      assert.deepEqual(await names('/groups?min_access_level=20&search=inner', cleo.token), ['inner']);
      assert.equal((await call('GET', `/projects/${id}/variables`, cleo.token)).status, 403);
      const again = await server.api('POST', `/groups/${inner}/share`, { body: share });
      assert.equal(again.status, 409);
      assert.equal((await server.api('DELETE', `/groups/${inner}/share/${guests}`)).status, 204);
      assert.equal((await call('GET', `/projects/${id}`, cleo.token)).status, 404);
      const over = { ...share, expires_at: '2020-01-01' };
      assert.equal((await server.api('POST', `/groups/${inner}/share`, { body: over })).status, 201);
      assert.equal((await call('GET', `/projects/${id}`, cleo.token)).status, 404);
    });

    it('is refused above the own level, with a group above, and with one nobody may know', async () => {
      const home = await group('home');
      const { id } = await makeProject(server, 'own', { body: { namespace_id: home } });
      await addTo(server, id, ann, 40);
      const other = await group('secret');
      const give = (group_id: number, group_access: number) =>
        call('POST', `/projects/${id}/share`, ann.token, { group_id, group_access });
      assert.deepEqual((await give(other, 30)).body, { message: '404 Group Not Found' });
      await server.api('POST', `/groups/${other}/members`, { body: { user_id: ann.id, access_level: 10 } });
      assert.equal((await give(other, 50)).status, 403);
      assert.deepEqual((await give(other, 35)).body, { error: 'group_access does not have a valid value' });
      assert.equal((await give(other, 30)).status, 201);
      assert.deepEqual((await give(other, 30)).body, { message: 'Group already shared with this group' });
      assert.deepEqual((await give(home, 30)).body, {
        message: 'Project cannot be shared with the group it is in or one of its ancestors.',
      });
    });
  });

  describe('a transfer', () => {
    it('of a project keeps its former path, and asks for the right to make projects there', async () => {
      const { id } = await makeProject(server, 'mover', { token: ann.token });
      const target = await group('goal', { visibility: 'private' });
      await call('PUT', `/projects/${id}`, ann.token, { visibility: 'public' });
      const move = (namespace: string) => call('PUT', `/projects/${id}/transfer`, ann.token, { namespace });
      assert.deepEqual((await move('goal')).body, {
        message:
          'Failed to transfer project {:new_namespace=>["You don\'t have permission to transfer projects into that namespace."]}',
      });
      assert.deepEqual((await move('nowhere')).body, { message: '404 Namespace Not Found' });
      await server.api('POST', `/groups/${target}/members`, { body: { user_id: ann.id, access_level: 40 } });
      const moved = await move(String(target));
      assert.deepEqual(
        [moved.status, moved.body.path_with_namespace, moved.body.visibility],
        [200, 'goal/mover', 'private'],
      );
      const old = await call('GET', '/projects/ann%2Fmover', ann.token);
      assert.equal(old.status, 301);
      assert.match(String((await move('goal')).body.message), /already in this namespace/);
    });

    it('of a group moves all that is in it', async () => {
      const upper = await group('upper', { visibility: 'private' });
      const lower = await group('lower', { visibility: 'public' });
      await makeProject(server, 'inside', { body: { namespace_id: lower, visibility: 'public' } });
      const moved = await server.api<Body>('POST', `/groups/${lower}/transfer`, {
        body: { group_id: upper },
      });
      assert.deepEqual(
        [moved.status, moved.body.full_path, moved.body.visibility, moved.body.parent_id],
        [201, 'upper/lower', 'private', upper],
      );
      const inside = await server.api<Body>('GET', '/projects/upper%2Flower%2Finside');
      assert.deepEqual([inside.status, inside.body.visibility], [200, 'private']);
      const circle = await server.api('POST', `/groups/${upper}/transfer`, { body: { group_id: lower } });
      assert.deepEqual(
        [circle.status, circle.body],
        [400, { message: 'Transfer failed: Cannot transfer group to one of its subgroup.' }],
      );
      const top = await server.api<Body>('POST', `/groups/${lower}/transfer`);
      assert.deepEqual([top.status, top.body.full_path], [201, 'lower']);
    });

    it('into a group is for administrators', async () => {
      const { id } = await makeProject(server, 'taken', { token: bob.token });
      const target = await group('takers');
      assert.equal((await call('POST', `/groups/${target}/projects/${id}`, bob.token)).status, 403);
      const moved = await server.api<Body>('POST', `/groups/${target}/projects/bob%2Ftaken`);
      assert.deepEqual([moved.status, moved.body.id], [201, target]);
      assert.equal((await server.api('GET', '/projects/takers%2Ftaken')).status, 200);
    });
  });

  describe('statistics', () => {
    it('count what jobs leave, as it comes and goes', async () => {
      const { id } = await makeProject(server, 'counted', { body: { initialize_with_readme: true } });
      const content = 'a: {script: [x], artifacts: {paths: [x]}}';
      const file = { branch: 'main', commit_message: 'm', content };
      await server.api('POST', `/projects/${id}/repository/files/.gitlab-ci.yml`, { body: file });
      const made = await server.api<{ token: string }>('POST', '/user/runners', {
        body: { runner_type: 'project_type', project_id: id },
      });
      const runner = new ScriptedRunner(server.url, made.body.token);
      const job = await runner.take();
      const size = async () => {
        const { body } = await server.api<{ statistics: Body }>('GET', `/projects/${id}?statistics=true`);
        return Number(body.statistics.job_artifacts_size);
      };
      assert.equal(await size(), 0);
      const bytes = craftZip([{ name: 'x', data: 'some bytes' }]);
      assert.equal((await runner.upload(job, { bytes })).status, 201);
      assert.ok((await size()) >= bytes.length);
      assert.equal((await server.api('DELETE', `/projects/${id}/jobs/${job.id}/artifacts`)).status, 204);
      assert.equal(await size(), 0);
    });

    it('are the sizes of what is there, for reporters', async () => {
      const { id } = await makeProject(server, 'sized', { body: { initialize_with_readme: true } });
      const of = async (token?: string) =>
        (
          await server.api<Body>(
            'GET',
            `/projects/${id}?statistics=true`,
            token === undefined ? {} : { token },
          )
        ).body.statistics as Record<string, number> | undefined;
      const before = await of();
      assert.equal(before?.commit_count, 1);
      assert.ok((before.repository_size ?? 0) > 0);
      assert.equal(before.storage_size, before.repository_size);
      await addTo(server, id, bob, 10);
      assert.equal(await of(bob.token), undefined);
      const listed = await server.api<Body[]>('GET', '/projects?statistics=true&search=sized');
      assert.deepEqual(
        listed.body.map(({ statistics }) => (statistics as Body).commit_count),
        [1],
      );
    });
  });
});
