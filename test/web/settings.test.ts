import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import type { Page } from 'playwright-core';
import { openHookReceiver } from '../hook-receiver.ts';
import { addTo, makePerson } from '../people.ts';
import { ROOT_PASSWORD } from '../start-server.ts';
import { until } from '../until.ts';
import { makeRunner, Repository, run } from './seed.ts';
import { webSuite } from './web-suite.ts';

const CONFIG = 'build: {script: make, tags: [gpu]}\n';

webSuite('settings and whom they are for', (world) => {
  let app: Repository;
  before(async () => {
    app = await Repository.make(world().server, 'app');
    await app.push({ '.gitlab-ci.yml': CONFIG });
  });
  after(() => app.close());

  const api = async <T>(path: string) => (await world().server.api<T>('GET', path)).body;
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  /** Answers the question of whether something may be lost. */
  const sure = (page: Page, action: string) =>
    page.getByRole('dialog').getByRole('button', { name: action }).click();

  it('signing in says what is wrong beside the form, and leads back to where one wanted to go', async () => {
    const page = await world().visit(`/${app.path}/-/variables`, { as: null });
    await page.waitForURL(/users\/sign_in\?redirect_to=/);
    await page.getByLabel('Username or e-mail').fill('root');
    await page.getByLabel('Password').fill('wrong');
    await press(page, 'Sign in');
    await page.getByRole('alert').getByText('Name or password is not right.').waitFor();
    await page.getByLabel('Password').fill(ROOT_PASSWORD);
    await press(page, 'Sign in');
    await page.waitForURL(`**/${app.path}/-/variables`);
    await page.getByRole('heading', { name: 'No variables yet' }).waitFor();
    await page.getByLabel(/Signed in as/).click();
    await press(page, 'Sign out');
    await page.waitForURL('**/users/sign_in');
    await world().leave();
  });

  it('a runner is made with the command that registers it, paused, and deleted after a question', async () => {
    const page = await world().visit(`/${app.path}/-/runners`);
    await page.getByRole('heading', { name: 'No runner takes these jobs' }).waitFor();
    await press(page, 'New runner');
    await page.getByLabel('Description').fill('gpu box');
    await page.getByLabel('Tags', { exact: true }).fill('linux, amd64');
    await press(page, 'Make runner');
    const command = await page.getByText(/gitlab-runner register/).textContent();
    assert.match(command ?? '', new RegExp(`--url ${world().server.url} --token glrt-\\S+ `));
    await press(page, 'Done');
    assert.equal(await page.getByText(/glrt-/).count(), 0);
    await page.getByText('never contacted').waitFor();
    const [runner] = await api<{ id: number; paused: boolean }[]>(`/projects/${app.id}/runners`);
    await page.getByRole('button', { name: 'Pause gpu box' }).click();
    await page.getByText('paused', { exact: true }).waitFor();
    assert.equal((await api<{ paused: boolean }>(`/runners/${runner!.id}`)).paused, true);

    await page.getByRole('heading', { name: 'Jobs that wait for a runner' }).waitFor();
    await page.getByText(/lacks the tag gpu/).waitFor();

    await page.getByRole('button', { name: 'Delete gpu box' }).click();
    await sure(page, 'Keep');
    assert.equal((await api<unknown[]>(`/projects/${app.id}/runners`)).length, 1);
    await page.getByRole('button', { name: 'Delete gpu box' }).click();
    await sure(page, 'Delete');
    await page.getByRole('heading', { name: 'No runner takes these jobs' }).waitFor();
    await world().leave();
  });

  it('what a runner does now is told while it does it', async () => {
    const { server } = world();
    const runner = await makeRunner(server, 'busy box');
    const other = await Repository.make(server, 'busy');
    await other.push({ '.gitlab-ci.yml': 'long-job: {script: make}\n' });
    const page = await world().visit('/admin/runners');
    const row = page.getByRole('row').filter({ hasText: 'busy box' });
    await row.getByText('idle').waitFor();
    const [held] = await run(runner, () => 'hold');
    await row.getByRole('link', { name: 'long-job' }).waitFor();
    await runner.succeed(held!);
    await row.getByText('idle').waitFor();
    await server.api('DELETE', '/runners', { body: { token: runner.token } });
    other.close();
    await world().leave();
  });

  it('a variable that cannot be masked says so beside its value; then it is added, changed and deleted', async () => {
    const page = await world().visit(`/${app.path}/-/variables`);
    await press(page, 'Add variable');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Key').fill('DEPLOY KEY');
    await dialog.getByLabel('Value', { exact: true }).fill('short');
    await dialog.getByLabel('Visibility').selectOption('masked');
    await dialog.getByRole('button', { name: 'Add variable' }).click();
    await dialog.locator('[aria-invalid="true"]').first().waitFor();
    assert.equal(await dialog.locator('.field .error').count(), 2);
    await dialog.getByLabel('Key').fill('DEPLOY_KEY');
    await dialog.getByLabel('Value', { exact: true }).fill('long-enough-to-be-masked');
    await dialog.getByLabel('Environments').fill('review/*');
    await dialog.getByRole('button', { name: 'Add variable' }).click();
    await page.getByRole('cell', { name: 'DEPLOY_KEY', exact: true }).waitFor();
    assert.equal(await page.getByText('long-enough-to-be-masked').count(), 0);
    await press(page, 'Show values');
    await page.getByText('long-enough-to-be-masked').waitFor();
    await page.getByRole('button', { name: 'Edit DEPLOY_KEY of review/*' }).click();
    await dialog.getByLabel('Protected').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.locator('tbody').getByText('protected').waitFor();
    const [variable] = await api<Record<string, unknown>[]>(`/projects/${app.id}/variables`);
    assert.deepEqual(
      [variable?.key, variable?.masked, variable?.protected, variable?.environment_scope],
      ['DEPLOY_KEY', true, true, 'review/*'],
    );
    await page.getByRole('button', { name: 'Delete DEPLOY_KEY of review/*' }).click();
    await sure(page, 'Delete');
    await page.getByRole('heading', { name: 'No variables yet' }).waitFor();
    await world().leave();
  });

  it('a schedule tells in words when it runs, and is played', async () => {
    const page = await world().visit(`/${app.path}/-/pipeline_schedules`);
    await page.getByRole('link', { name: 'New schedule' }).first().click();
    await page.getByLabel('Description').fill('Nightly');
    await page.getByLabel('When, as cron').fill('61 * * * *');
    await press(page, 'Make schedule');
    await page.locator('.field .error').waitFor();
    await page.getByLabel('When, as cron').fill('30 4 * * 1-5');
    await page.getByText('At 04:30, on Monday to Friday').waitFor();
    await press(page, 'Make schedule');
    await page.getByRole('button', { name: 'Play Nightly' }).click();
    const link = page.locator('tbody').getByRole('link', { name: /Pending|Running|Created/ });
    await link.waitFor();
    await page.getByRole('link', { name: 'Edit Nightly' }).click();
    await page.getByLabel('Key', { exact: true }).fill('FULL');
    await page.getByLabel('Value', { exact: true }).fill('yes');
    await press(page, 'Add variable');
    await page.getByRole('button', { name: 'Remove FULL' }).waitFor();
    await world().leave();
  });

  it('the editor marks the line that is wrong, shows the jobs there would be, and commits', async () => {
    const page = await world().visit(`/${app.path}/-/ci/editor`);
    const field = page.getByLabel('.gitlab-ci.yml of main');
    await field.fill('build:\n  stage: nowhere\n  script: make\n');
    await page.locator('.code-field li.error').filter({ hasText: '2' }).waitFor();
    await press(page, 'line 2');
    assert.equal(
      await field.evaluate((area: HTMLTextAreaElement) =>
        area.value.slice(area.selectionStart, area.selectionEnd),
      ),
      '  stage: nowhere',
    );
    await field.fill('compile:\n  script: make\nunit:\n  stage: test\n  script: make test\n');
    await page.getByText('A pipeline now would have 2 jobs.').waitFor();
    await page.getByLabel('Commit message').fill('Compile, then test');
    await press(page, 'Commit');
    await page.getByText('.gitlab-ci.yml was committed to main.').waitFor();
    const jobs = await until('the jobs of the commit', async () => {
      const found = await api<{ name: string; commit: { title: string } }[]>(`/projects/${app.id}/jobs`);
      const names = found
        .filter(({ commit }) => commit.title === 'Compile, then test')
        .map(({ name }) => name);
      return names.length > 0 ? names : undefined;
    });
    assert.deepEqual(jobs.sort(), ['compile', 'unit']);

    await page.getByLabel('Branch', { exact: true }).last().fill('try/it');
    await field.fill('compile:\n  script: make all\n');
    await press(page, 'Commit');
    await page.waitForURL(/branch_name=try%2Fit/);
    await page.getByLabel('.gitlab-ci.yml of try/it').waitFor();
    await world().leave();
  });

  it('an access token is shown once, works, and is revoked', async () => {
    const page = await world().visit('/-/user_settings/personal_access_tokens');
    await press(page, 'Make token');
    assert.ok((await page.locator('.error, [role=alert]').count()) > 0);
    await page.getByLabel('Name', { exact: true }).fill('for a script');
    await page.getByLabel('read_api').check();
    await press(page, 'Make token');
    const token = (await page.locator('.secret code').textContent())!.trim();
    assert.match(token, /^glpat-/);
    const asToken = () => world().server.api('GET', '/user', { token });
    assert.equal((await asToken()).status, 200);
    await press(page, 'Done');
    assert.equal(await page.getByText(token).count(), 0);
    await page.getByRole('button', { name: 'Revoke for a script' }).click();
    await sure(page, 'Revoke');
    await until('the token to be dead', async () => ((await asToken()).status === 401 ? true : undefined));
    await world().leave();
  });

  it('a password that an administrator set is asked to be changed where one signs in', async () => {
    const { server } = world();
    const person = await makePerson(server, 'eva');
    await server.api('PUT', `/users/${person.id}`, { body: { password: 'set for her' } });
    const page = await world().visit('/-/user_settings/active_sessions', { as: null });
    await page.getByLabel('Username or e-mail').fill('eva');
    await page.getByLabel('Password', { exact: true }).fill('set for her');
    assert.equal(await page.getByLabel('New password').count(), 0);
    await press(page, 'Sign in');
    await page.getByRole('alert').getByText('Your password has expired.').waitFor();
    await page.getByLabel('New password').fill('short');
    await press(page, 'Sign in');
    await page.getByText('It is too short (minimum is 8 characters).').waitFor();
    await page.getByLabel('New password').fill('her own choice');
    await press(page, 'Sign in');
    await page.getByText('this one').waitFor();
    await world().leave();
  });

  it('sessions are ended, and a new password ends all others', async () => {
    const { server } = world();
    const first = 'first long password';
    await makePerson(server, 'ann', { password: first });
    const as = { login: 'ann', password: first };
    const page = await world().visit('/-/user_settings/active_sessions', { as });
    await page.getByText('this one').waitFor();
    const other = await world().visit('/-/user_settings/password', { as });
    await other.getByLabel('Present password').fill('not this');
    await other.getByLabel('New password').fill('second long password');
    await press(other, 'Change password');
    await other.getByText('It is not right.').waitFor();
    await other.getByLabel('Present password').fill(first);
    await press(other, 'Change password');
    await other.getByText('this one').waitFor();
    await page.reload();
    await page.waitForURL(/users\/sign_in/);
    await world().leave();
  });

  it('a project is given members, protected branches, trigger tokens and webhooks', async () => {
    const { server } = world();
    await makePerson(server, 'ben');
    const page = await world().visit(`/${app.path}/-/project_members`);
    await page.getByLabel('Username').fill('ben');
    await press(page, 'Add member');
    await page.getByLabel('Role of Person ben').selectOption('40');
    await until('the role', async () => {
      const members = await api<{ username: string; access_level: number }[]>(`/projects/${app.id}/members`);
      return (
        members.some(({ username, access_level }) => username === 'ben' && access_level === 40) || undefined
      );
    });

    await page.getByRole('link', { name: 'Protected refs' }).click();
    await page.getByLabel('Branch', { exact: true }).fill('release/*');
    await press(page, 'Protect branch');
    await page.getByRole('button', { name: 'Unprotect release/*' }).click();
    await sure(page, 'Unprotect');
    await page.getByText('release/* is no longer protected.').waitFor();

    await page.getByRole('link', { name: 'CI/CD' }).click();
    await page.getByLabel('Timeout, minutes').fill('5');
    await press(page, 'Save');
    await page.locator('.field .error, [role=alert]').first().waitFor();
    await page.getByLabel('Timeout, minutes').fill('90');
    await press(page, 'Save');
    await page.getByText('The settings were saved.').waitFor();
    assert.equal((await api<{ build_timeout: number }>(`/projects/${app.id}`)).build_timeout, 5400);
    await page.getByLabel('Description').fill('deploy bot');
    await press(page, 'Make trigger token');
    await page.getByText(/trigger\/pipeline/).waitFor();

    await page.getByRole('link', { name: 'Webhooks' }).click();
    await press(page, 'New webhook');
    const receiver = await openHookReceiver();
    await page.getByLabel('Address').fill('not an address');
    await press(page, 'Make webhook');
    await page.locator('.field .error, [role=alert]').first().waitFor();
    await page.getByLabel('Address').fill(`${receiver.url}/chat`);
    await page.getByLabel('Name', { exact: true }).fill('chat');
    await server.api('PUT', '/application/settings', {
      body: { allow_local_requests_from_web_hooks_and_services: true },
    });
    await press(page, 'Make webhook');
    await page.getByRole('link', { name: 'chat' }).click();
    await page.getByText('It was told of nothing yet.').waitFor();
    await press(page, 'Test: push');
    await page.getByText('It was told, and took it.').waitFor();
    await press(page, 'Show');
    await page.getByText('"object_kind": "push"').waitFor();
    await page.locator('.delivery').getByText('heard').waitFor();
    receiver.status = 500;
    await press(page, 'Send again');
    await page.locator('.pill').getByText('500').waitFor();
    assert.deepEqual(
      receiver.told.map(({ path }) => path),
      ['/chat', '/chat'],
    );
    await receiver.close();
    await world().leave();
  });

  it('who may not change settings is told who may; a stranger finds nothing', async () => {
    const { server } = world();
    const password = 'a long password';
    for (const [login, level] of [
      ['dev', 30],
      ['other', 0],
    ] as const) {
      const person = await makePerson(server, login, { password });
      if (level > 0) await addTo(server, app.id, person, level);
    }
    const page = await world().visit(`/${app.path}/-/variables`, { as: { login: 'dev', password } });
    await page.getByText('Ask a maintainer of the project for the role that may do this.').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Settings' }).count(), 0);
    await page.getByRole('link', { name: 'Schedules' }).click();
    await page.getByRole('button', { name: 'Play Nightly' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Edit Nightly' }).count(), 0);
    const theirs = await world().visit(`/${app.path}/-/variables`, { as: { login: 'other', password } });
    await theirs.getByRole('heading', { name: 'Not found' }).waitFor();
    await world().leave();
  });

  it('an administrator makes and blocks users, and others find nothing there', async () => {
    const { server } = world();
    const page = await world().visit('/admin/users');
    await press(page, 'New user');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Cleo P.');
    await dialog.getByLabel('Username').fill('cleo');
    await dialog.getByLabel('E-mail').fill('cleo@example.com');
    await dialog.getByLabel('Password').fill('short');
    await press(page, 'Make user');
    await dialog.getByText(/too short/).waitFor();
    await dialog.getByLabel('Password').fill('a long password');
    await press(page, 'Make user');
    await page.getByRole('button', { name: 'Block Cleo P.' }).waitFor();
    const cleo = { login: 'cleo', password: 'a long password' };
    const hers = await world().visit('/admin/users', { as: cleo });
    await hers.getByRole('heading', { name: 'Not found' }).waitFor();
    await page.getByRole('button', { name: 'Block Cleo P.' }).click();
    await page.getByRole('button', { name: 'Unblock Cleo P.' }).waitFor();
    await hers.reload();
    await hers.getByRole('link', { name: 'Sign in' }).first().waitFor();

    await page.goto('/admin/application_settings');
    await page.getByLabel('Largest archive, MiB').fill('250');
    await press(page, 'Save');
    await page.getByText('The settings were saved.').waitFor();
    assert.equal(
      (await server.api<{ max_artifacts_size: number }>('GET', '/application/settings')).body
        .max_artifacts_size,
      250,
    );
    await world().leave();
  });
});
