import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { addTo, makePerson, makeProject, type Person } from '../../../test/people.ts';
import { forEachServer, type TestServer } from '../../../test/start-server.ts';

type Body = Record<string, unknown>;

/** Keys of a project as a maintainer gets it, in GitLab's order (rest-resources 1.4). */
const PROJECT_KEYS =
  'id description name name_with_namespace path path_with_namespace created_at default_branch tag_list topics ssh_url_to_repo http_url_to_repo web_url readme_url forks_count avatar_url star_count last_activity_at visibility namespace _links marked_for_deletion_at marked_for_deletion_on packages_enabled empty_repo archived owner resolve_outdated_diff_discussions repository_object_format issues_enabled merge_requests_enabled wiki_enabled jobs_enabled snippets_enabled container_registry_enabled service_desk_enabled service_desk_address can_create_merge_request_in issues_access_level repository_access_level merge_requests_access_level forking_access_level wiki_access_level builds_access_level snippets_access_level pages_access_level analytics_access_level container_registry_access_level security_and_compliance_access_level releases_access_level environments_access_level feature_flags_access_level infrastructure_access_level monitor_access_level model_experiments_access_level model_registry_access_level package_registry_access_level emails_disabled emails_enabled show_diff_preview_in_email shared_runners_enabled lfs_enabled creator_id import_url import_type import_status import_error description_html updated_at ci_default_git_depth ci_delete_pipelines_in_seconds ci_forward_deployment_enabled ci_forward_deployment_rollback_allowed ci_job_token_scope_enabled ci_separated_caches ci_allow_fork_pipelines_to_run_in_parent_project ci_id_token_sub_claim_components build_git_strategy keep_latest_artifact restrict_user_defined_variables ci_pipeline_variables_minimum_override_role runner_token_expiration_interval group_runners_enabled resource_group_default_process_mode auto_cancel_pending_pipelines build_timeout auto_devops_enabled auto_devops_deploy_strategy ci_push_repository_for_job_token_allowed runners_token ci_config_path public_jobs shared_with_groups only_allow_merge_if_pipeline_succeeds allow_merge_on_skipped_pipeline request_access_enabled only_allow_merge_if_all_discussions_are_resolved remove_source_branch_after_merge printing_merge_request_link_enabled merge_method merge_request_title_regex merge_request_title_regex_description squash_option enforce_auth_checks_on_uploads suggestion_commit_message merge_commit_template squash_commit_template issue_branch_template warn_about_potentially_unwanted_characters autoclose_referenced_issues max_artifacts_size permissions'.split(
    ' ',
  );

forEachServer('projects', (start) => {
  let server: TestServer;
  let ann: Person;
  let bob: Person;
  before(async () => {
    server = await start();
    ann = await makePerson(server, 'ann');
    bob = await makePerson(server, 'bob');
  });

  describe('POST /projects', () => {
    it('makes a private project in the own namespace, with its default branch protected', async () => {
      const made = await server.api<Body>('POST', '/projects', {
        token: ann.token,
        body: { name: 'My App' },
      });
      assert.equal(made.status, 201);
      const { path, path_with_namespace, visibility, default_branch, empty_repo } = made.body;
      assert.deepEqual([path, path_with_namespace], ['my-app', 'ann/my-app']);
      assert.deepEqual([visibility, default_branch, empty_repo], ['private', 'main', true]);
      assert.equal('permissions' in made.body, false);
      const rules = await server.api<Body[]>('GET', '/projects/ann%2Fmy-app/protected_branches', {
        token: ann.token,
      });
      assert.equal(rules.body.length, 1);
      const [rule] = rules.body as {
        name: string;
        push_access_levels: Body[];
        merge_access_levels: Body[];
      }[];
      assert.equal(rule?.name, 'main');
      assert.deepEqual(
        rule?.push_access_levels.map((level) => level.access_level),
        [40],
      );
      assert.deepEqual(
        rule?.merge_access_levels.map((level) => level.access_level),
        [30],
      );
    });

    const foreign: [body: Body, status: number, answer: unknown][] = [
      [{ import_url: 'https://example.com/x.git' }, 403, { message: '403 Forbidden' }],
      [{ template_name: 'rails' }, 400, { message: { template_name: ["'rails' is unknown or invalid"] } }],
      [
        { template_name: 'rails', import_url: 'x' },
        400,
        { error: 'import_url, template_name are mutually exclusive' },
      ],
    ];
    for (const [body, status, answer] of foreign) {
      it(`makes nothing of ${Object.keys(body).join(' and ')}`, async () => {
        const refused = await server.api('POST', '/projects', { body: { name: 'foreign', ...body } });
        assert.deepEqual([refused.status, refused.body], [status, answer]);
      });
    }

    it('makes the repository, which git can read at once', async () => {
      const { id } = await makeProject(server, 'with-git');
      assert.equal(await server.rooms.repositories.exists(id), true);
    });

    it('makes the first commit when asked for a readme', async () => {
      const body = { name: 'With readme', description: 'What it is.', initialize_with_readme: true };
      const made = await server.api<Body>('POST', '/projects', { token: ann.token, body });
      assert.deepEqual([made.status, made.body.empty_repo, made.body.default_branch], [201, false, 'main']);
      const path = `/projects/${made.body.id}/repository/files/README.md/raw`;
      const file = await server.api('GET', path, { token: ann.token });
      assert.equal(file.body, '# With readme\n\nWhat it is.\n');
    });

    const refusals: [name: string, body: Body, status: number, answer: unknown][] = [
      [
        'neither name nor path',
        { description: 'x' },
        400,
        { error: 'name, path are missing, at least one parameter must be provided' },
      ],
      [
        'a bad path',
        { path: '-x' },
        400,
        {
          message: {
            name: [
              "can contain only letters, digits, emoji, '_', '.', '+', dashes, or spaces. It must start with a letter, digit, emoji, or '_'.",
            ],
            path: [
              "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'",
            ],
          },
        },
      ],
      [
        'a foreign namespace',
        { name: 'x', namespace_id: 1 },
        400,
        { message: { namespace: ['is not valid'] } },
      ],
      [
        'a timeout out of range',
        { name: 'x', build_timeout: 5 },
        400,
        { message: { build_timeout: ['needs to be between 10 minutes and 1 month'] } },
      ],
      [
        'a configuration path that climbs',
        { name: 'x', ci_config_path: '../x.yml' },
        400,
        { message: { ci_config_path: ['cannot include leading slash or directory traversal.'] } },
      ],
      [
        'an unknown visibility',
        { name: 'x', visibility: 'secret' },
        400,
        { error: 'visibility does not have a valid value' },
      ],
      ['a list for a name', { name: ['x'] }, 400, { error: 'name is invalid' }],
    ];
    for (const [name, body, status, answer] of refusals) {
      it(`refuses ${name}`, async () => {
        const refused = await server.api('POST', '/projects', { token: ann.token, body });
        assert.deepEqual([refused.status, refused.body], [status, answer]);
      });
    }

    it('refuses a taken name, whatever its case', async () => {
      await makeProject(server, 'taken', { token: ann.token });
      const refused = await server.api('POST', '/projects', { token: ann.token, body: { name: 'Taken' } });
      assert.deepEqual(refused.body, {
        message: { name: ['has already been taken'], path: ['has already been taken'] },
      });
    });

    it('ignores what a client may not choose', async () => {
      const body = { name: 'chosen', id: 4242, creator_id: 1, created_at: '2001-01-01', archived: true };
      const made = await server.api<Body>('POST', '/projects', { token: ann.token, body });
      assert.notEqual(made.body.id, 4242);
      assert.deepEqual([made.body.creator_id, made.body.archived], [ann.id, false]);
    });
  });

  describe('GET /projects/:id', () => {
    it('has every key in GitLab’s order for its owner', async () => {
      await makeProject(server, 'keys', { token: ann.token });
      const { body } = await server.api<Body>('GET', '/projects/ann%2Fkeys', { token: ann.token });
      assert.deepEqual(Object.keys(body), PROJECT_KEYS);
      assert.deepEqual(body.permissions, {
        project_access: { access_level: 50, notification_level: 3 },
        group_access: null,
      });
      assert.equal(body.name_with_namespace, 'Person ann / keys');
    });

    it('is found by id, by path in any case, and with an encoded dot', async () => {
      const { id } = await makeProject(server, 'find.me', { token: ann.token, body: { path: 'find.me' } });
      for (const name of [String(id), 'ann%2Ffind.me', 'ANN%2fFIND%2EME', `${id}/`]) {
        const found = await server.api<Body>('GET', `/projects/${name}`, { token: ann.token });
        assert.deepEqual([found.status, found.body.id], [200, id], name);
      }
    });

    it('hides a private project exactly as one that does not exist', async () => {
      const { id } = await makeProject(server, 'hidden', { token: ann.token });
      for (const token of [bob.token, null]) {
        const hidden = await server.api('GET', `/projects/${id}`, { token });
        const missing = await server.api('GET', '/projects/999999', { token });
        assert.deepEqual([hidden.status, hidden.body], [404, { message: '404 Project Not Found' }]);
        assert.deepEqual([missing.status, missing.body], [hidden.status, hidden.body]);
        assert.deepEqual([...missing.headers.keys()], [...hidden.headers.keys()]);
      }
    });

    it('shows an anonymous caller the short form of a public project', async () => {
      const { id } = await makeProject(server, 'open', { body: { visibility: 'public' } });
      const { body } = await server.api<Body>('GET', `/projects/${id}`, { token: null });
      assert.deepEqual(Object.keys(body), PROJECT_KEYS.slice(0, PROJECT_KEYS.indexOf('_links')));
    });

    it('keeps a reporter from the settings of maintainers', async () => {
      const { id } = await makeProject(server, 'settings');
      await addTo(server, id, ann, 20);
      const { body } = await server.api<Body>('GET', `/projects/${id}`, { token: ann.token });
      for (const key of ['build_timeout', 'runners_token', 'import_error', 'ci_separated_caches']) {
        assert.equal(key in body, false, key);
      }
      assert.equal('ci_config_path' in body, true);
    });
  });

  describe('PUT /projects/:id', () => {
    it('is for maintainers, visibility for owners', async () => {
      const { id } = await makeProject(server, 'edited');
      await addTo(server, id, ann, 40);
      await addTo(server, id, bob, 30);
      const edit = (token: string, body: Body) => server.api<Body>('PUT', `/projects/${id}`, { token, body });
      assert.equal((await edit(bob.token, { description: 'x' })).status, 403);
      const edited = await edit(ann.token, { description: 'x', public_jobs: false, build_timeout: 700 });
      assert.deepEqual(
        [edited.status, edited.body.description, edited.body.public_jobs, edited.body.build_timeout],
        [200, 'x', false, 700],
      );
      assert.equal((await edit(ann.token, { visibility: 'public' })).status, 403);
      assert.deepEqual((await edit(ann.token, {})).status, 400);
    });

    it('keeps a renamed project’s former path: 301 for reads, 405 for others', async () => {
      const { id } = await makeProject(server, 'old-name', { token: ann.token });
      await server.api('PUT', `/projects/${id}`, { token: ann.token, body: { path: 'new-name' } });
      const read = await server.api('GET', '/projects/ann%2Fold-name?simple=1', { token: ann.token });
      assert.equal(read.status, 301);
      assert.equal(
        read.headers.get('location'),
        `${new URL(server.url).origin}/api/v4/projects/${id}?simple=1`,
      );
      const write = await server.api('DELETE', '/projects/ann%2Fold-name', { token: ann.token });
      assert.deepEqual(
        [write.status, write.body],
        [405, { message: 'Non GET methods are not allowed for moved projects' }],
      );
      const stranger = await server.api('GET', '/projects/ann%2Fold-name', { token: bob.token });
      assert.equal(stranger.status, 404);
    });
  });

  describe('DELETE /projects/:id', () => {
    it('marks first, renames, refuses twice, removes for good when asked so, and restores', async () => {
      const { id } = await makeProject(server, 'gone', { token: ann.token });
      const remove = (query = '') => server.api('DELETE', `/projects/${id}${query}`, { token: ann.token });
      assert.deepEqual((await remove('?permanently_remove=true&full_path=ann/gone')).body, {
        message: 'Project must be marked for deletion first.',
      });
      const marked = await remove();
      assert.deepEqual([marked.status, marked.body], [202, { message: '202 Accepted' }]);
      const { body } = await server.api<Body>('GET', `/projects/${id}`, { token: ann.token });
      const today = new Date().toISOString().slice(0, 10);
      assert.equal(body.path_with_namespace, `ann/gone-deletion_scheduled-${id}`);
      assert.deepEqual([body.marked_for_deletion_at, body.marked_for_deletion_on], [today, today]);
      const again = await remove();
      assert.deepEqual(
        [again.status, again.body],
        [400, { message: 'Project has been already marked for deletion' }],
      );
      assert.equal((await server.api('GET', '/projects/ann%2Fgone', { token: ann.token })).status, 301);
      const restored = await server.api<Body>('POST', `/projects/${id}/restore`, { token: ann.token });
      assert.deepEqual([restored.status, restored.body.path_with_namespace], [201, 'ann/gone']);
      await remove();
      assert.equal((await remove('?permanently_remove=true&full_path=ann/gone')).status, 400);
      const path = `ann/gone-deletion_scheduled-${id}`;
      assert.equal((await remove(`?permanently_remove=true&full_path=${path}`)).status, 202);
      assert.equal((await server.api('GET', `/projects/${id}`, { token: ann.token })).status, 404);
    });

    it('is for owners', async () => {
      const { id } = await makeProject(server, 'kept');
      await addTo(server, id, ann, 40);
      const refused = await server.api('DELETE', `/projects/${id}`, { token: ann.token });
      assert.deepEqual([refused.status, refused.body], [403, { message: '403 Forbidden' }]);
    });
  });

  describe('GET /projects', () => {
    let cleo: Person;
    before(async () => {
      cleo = await makePerson(server, 'cleo');
      for (const name of ['one', 'two', 'three']) await makeProject(server, name, { token: cleo.token });
      await makeProject(server, 'four', { token: cleo.token, body: { visibility: 'internal' } });
      await makeProject(server, '100%_done', {
        token: cleo.token,
        body: { path: 'percent', name: '100 full' },
      });
    });
    const names = (body: unknown) => (body as { path: string }[]).map(({ path }) => path);

    it('counts and shows only what the caller may see', async () => {
      const own = await server.api('GET', '/projects?owned=true&order_by=id', { token: cleo.token });
      assert.deepEqual(names(own.body), ['percent', 'four', 'three', 'two', 'one']);
      assert.equal(own.headers.get('x-total'), '5');
      const other = await server.api('GET', '/users/cleo/projects', { token: bob.token });
      assert.deepEqual(names(other.body), ['four']);
      assert.equal(other.headers.get('x-total'), '1');
      const stranger = await server.api('GET', '/users/cleo/projects', { token: null });
      assert.deepEqual([names(stranger.body), stranger.headers.get('x-total')], [[], '0']);
    });

    it('takes signs of a search literally', async () => {
      const search = async (text: string) =>
        names((await server.api('GET', `/projects?owned=1&search=${text}`, { token: cleo.token })).body);
      assert.deepEqual(await search('o%25e'), []);
      assert.deepEqual(await search('o_e'), []);
      assert.deepEqual(await search('ONE'), ['one']);
      assert.deepEqual(await search("'%20or%201=1"), []);
    });

    it('pages with a keyset, by id only', async () => {
      const query = '/projects?owned=1&pagination=keyset&per_page=2&sort=asc';
      const seen: string[] = [];
      let next: string | null = `${query}&order_by=id`;
      while (next !== null) {
        const page: Awaited<ReturnType<TestServer['api']>> = await server.api('GET', next, {
          token: cleo.token,
        });
        seen.push(...names(page.body));
        assert.equal(page.headers.get('x-total'), null);
        const link = /^<http:\/\/[^/]+\/api\/v4([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '');
        next = link?.[1] ?? null;
      }
      assert.deepEqual(seen, ['one', 'two', 'three', 'four', 'percent']);
      const refused = await server.api('GET', `${query}&order_by=name`, { token: cleo.token });
      assert.deepEqual(
        [refused.status, refused.body],
        [405, { error: 'Keyset pagination is not yet available for this type of request' }],
      );
    });

    it('does not go deeper than 50,000 rows by offset', async () => {
      const refused = await server.api('GET', '/projects?page=501&per_page=100', { token: cleo.token });
      assert.equal(refused.status, 200);
      const deeper = await server.api('GET', '/projects?page=502&per_page=100', { token: cleo.token });
      assert.deepEqual(
        [deeper.status, deeper.body],
        [
          405,
          {
            error:
              'Offset pagination has a maximum allowed offset of 50000 for requests that return objects of type Project. Remaining records can be retrieved using keyset pagination.',
          },
        ],
      );
    });
  });
});
