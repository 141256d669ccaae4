import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, it } from 'node:test';
import { type ApiAnswer, forEachServer, ROOT_TOKEN } from '../start-server.ts';
import { until } from '../until.ts';
import { GitlabRunner, WITHOUT_GITLAB_RUNNER } from './gitlab-runner-program.ts';
import { RunnerSite } from './runner-site.ts';

forEachServer('the unmodified gitlab-runner', (start) => {
  let opened: Promise<RunnerSite<GitlabRunner>> | undefined;
  /** The server is started by the first test that is not skipped. */
  const site = () => {
    opened ??= start().then((server) => new RunnerSite(server, () => new GitlabRunner()));
    return opened;
  };
  after(async () => (await opened)?.leave());
  const test = (promise: string, work: () => Promise<void>) => {
    it(promise, { skip: WITHOUT_GITLAB_RUNNER, timeout: 180_000 }, work);
  };

  test('registers with the token that a user made, is verified and unregistered', async () => {
    const { server, ...made } = await registered(await site());
    const { runner, token } = made;
    const verified = await runner.run('verify', '--config', runner.config);
    assert.match(verified.output, /Verifying runner\.\.\. is (alive|valid)/);
    const managers = () => server.api<{ system_id: string }[]>('GET', `${made.path}/managers`);
    assert.match((await managers()).body[0]!.system_id, /^[sr]_\w{12}$/);
    const gone = await runner.run('unregister', '--config', runner.config, '--all-runners');
    assert.equal(gone.code, 0, gone.output);
    // With a user's token only the machine goes, the runner stays.
    assert.deepEqual((await managers()).body, []);
    assert.equal((await server.api('GET', made.path)).status, 200);
    await server.api('DELETE', made.path);
    const late = await runner.run('register', ...registerWords(server.url, token, runner.config));
    assert.match(late.output, /Verifying runner\.\.\. (is removed|is not valid|failed)/);
    assert.notEqual(late.code, 0);
  });

  test('registers the old way where that is allowed, and is gone when it unregisters', async () => {
    const here = await site();
    const { api, url } = here.server;
    const body = { allow_runner_registration_token: true };
    assert.equal((await api('PUT', '/application/settings', { body })).status, 200);
    const made = await api<{ token: string }>('POST', '/runners/reset_registration_token');
    const runner = here.runner();
    const words = ['-n', '--url', url, '--executor', 'shell', '--config', runner.config];
    const old = ['--registration-token', made.body.token, '--name', 'old way', '--tag-list', 'b,a'];
    const registered = await runner.run('register', ...words, ...old);
    assert.equal(registered.code, 0, registered.output);
    assert.match(readFileSync(runner.config, 'utf8'), /token = "glrtr-/);
    const find = async () => {
      const all = await api<{ id: number; description: string }[]>('GET', '/runners/all');
      return all.body.find(({ description }) => description === 'old way');
    };
    const details = await api<{ tag_list: string[] }>('GET', `/runners/${(await find())!.id}`);
    assert.deepEqual(details.body.tag_list, ['a', 'b']);
    const gone = await runner.run('unregister', '--config', runner.config, '--all-runners');
    assert.equal(gone.code, 0, gone.output);
    assert.equal(await find(), undefined);
  });

  test('runs one job with run-single and leaves', async () => {
    const here = await site();
    await here.push('single', { '.gitlab-ci.yml': 'only: {script: "echo alone $CI_RUNNER_DESCRIPTION"}' });
    const runner = here.runner();
    const token = await here.runnerToken({ description: 'passing by' });
    const words = ['--url', here.server.url, '--token', token, '--executor', 'shell', '--shell', 'bash'];
    const ran = await runner.run(
      'run-single',
      ...words,
      '--max-builds',
      '1',
      '--wait-timeout',
      '30',
      ...runner.places,
    );
    assert.equal(ran.code, 0, ran.output);
    const job = await here.job('single', 'only', 'success');
    assert.equal(job.runner?.description, 'passing by');
    assert.match(await here.log('single', job.id), /\nalone passing by\r?\n/);
  });

  test('takes a job whose secrets are in a vault, and asks the vault itself', async () => {
    const here = await site();
    const secrets = { PASSWORD: { vault: 'db/password@ops' }, KEY: { aws_secrets_manager: 'key' } };
    // Nothing listens there: what counts is that the runner understood where to ask.
    const variables = { VAULT_SERVER_URL: 'http://127.0.0.1:9', AWS_REGION: 'none', GIT_STRATEGY: 'none' };
    const config = { asks: { id_tokens: { ID: { aud: 'vault' } }, secrets, variables, script: 'exit 1' } };
    const runner = await here.start();
    await here.push('vaulted', { '.gitlab-ci.yml': JSON.stringify(config) });
    const { id } = await here.job('vaulted', 'asks', 'failed');
    assert.match(await here.log('vaulted', id), /Resolving secret "(PASSWORD|KEY)"/);
    await runner.stop();
  });

  test('gets a new token by its old one, and by a personal token, and works with it', async () => {
    const { server, runner, token, path } = await registered(await site());
    const inFile = () => /token = "(glrt-[^"]+)"/.exec(readFileSync(runner.config, 'utf8'))?.[1];
    const words = ['reset-token', '--config', runner.config, '--name', 'real'];
    let last: string | undefined = token;
    for (const how of [[], ['--pat', ROOT_TOKEN]]) {
      const reset = await runner.run(...words, ...how);
      assert.equal(reset.code, 0, reset.output);
      const fresh = inFile();
      assert.notEqual(fresh, last);
      const old: ApiAnswer = await server.api('POST', '/runners/verify', {
        token: null,
        body: { token: last },
      });
      assert.equal(old.status, 403);
      const verified = await runner.run('verify', '--config', runner.config);
      assert.match(verified.output, /Verifying runner\.\.\. is (alive|valid)/);
      last = fresh;
    }
    assert.equal((await server.api('DELETE', path)).status, 204);
    const gone = await runner.run('verify', '--config', runner.config, '--delete');
    assert.match(gone.output, /Verifying runner\.\.\. is (removed|not valid)/);
    assert.equal(inFile(), undefined);
  });

  test('gets itself a new token before its old one expires, and works on', async () => {
    const here = await site();
    const { api, url } = here.server;
    const set = (seconds: number | null) =>
      api('PUT', '/application/settings', { body: { runner_token_expiration_interval: seconds } });
    assert.equal((await set(7200)).status, 200);
    const runner = here.runner();
    const token = await here.runnerToken();
    // As a runner that has had its token for three quarters of its life.
    const [got, ends] = [-6000, 1200].map((s) => new Date(Date.now() + s * 1000).toISOString());
    runner.configure({ url, token, more: `token_obtained_at = ${got}\n  token_expires_at = ${ends}` });
    await runner.start();
    const inFile = await until('a new token', async () => {
      const [, found] = /token = "(glrt-[^"]+)"/.exec(readFileSync(runner.config, 'utf8')) ?? [];
      return found !== token ? found : undefined;
    });
    await set(null);
    assert.match(readFileSync(runner.config, 'utf8'), /token_expires_at = 2/);
    const verify = (one: string) => api('POST', '/runners/verify', { token: null, body: { token: one } });
    assert.deepEqual([(await verify(token)).status, (await verify(inFile)).status], [403, 200]);
    await here.push('rotated', { '.gitlab-ci.yml': 'job: {script: echo, variables: {GIT_STRATEGY: none}}' });
    await here.job('rotated', 'job', 'success');
    await runner.stop();
  });
});

function registerWords(url: string, token: string, config: string): string[] {
  return ['-n', '--url', url, '--token', token, '--executor', 'shell', '--name', 'real', '--config', config];
}

async function registered(here: RunnerSite<GitlabRunner>) {
  const { server } = here;
  const token = await here.runnerToken();
  const runner = here.runner();
  const { code, output } = await runner.run('register', ...registerWords(server.url, token, runner.config));
  assert.equal(code, 0, output);
  assert.match(readFileSync(runner.config, 'utf8'), new RegExp(`token = "${token}"`));
  const all = await server.api<{ id: number }[]>('GET', '/runners/all');
  return { server, runner, token, path: `/runners/${all.body[0]!.id}` };
}
