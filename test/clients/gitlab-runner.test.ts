import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { forEachServer } from '../start-server.ts';
import { until } from '../until.ts';
import { unzip } from '../unzip.ts';
import { itWithRunner } from './gitlab-runner-program.ts';
import { RunnerSite } from './runner-site.ts';

const CONFIG = readFileSync(new URL('./every-part/.gitlab-ci.yml', import.meta.url), 'utf8');
const MASKED = 'M4sk3d-Value_of-a-Project';

forEachServer('the unmodified gitlab-runner', (start) => {
  let opened: Promise<RunnerSite> | undefined;
  /** The server is started by the first test that is not skipped. */
  const site = () => {
    opened ??= start().then((server) => new RunnerSite(server));
    return opened;
  };
  after(async () => (await opened)?.leave());

  itWithRunner('registers with the token that a user made, is verified and unregistered', async () => {
    const { server, ...made } = await registered(await site());
    const { runner, token } = made;
    const verified = await runner.command('verify', '--config', runner.config);
    assert.match(verified.output, /Verifying runner\.\.\. is (alive|valid)/);
    const managers = () => server.api<{ system_id: string }[]>('GET', `${made.path}/managers`);
    assert.match((await managers()).body[0]!.system_id, /^[sr]_\w{12}$/);
    const gone = await runner.command('unregister', '--config', runner.config, '--all-runners');
    assert.equal(gone.code, 0, gone.output);
    // With a user's token only the machine goes, the runner stays.
    assert.deepEqual((await managers()).body, []);
    assert.equal((await server.api('GET', made.path)).status, 200);
    await server.api('DELETE', made.path);
    const late = await runner.command('register', ...registerWords(server.url, token, runner.config));
    assert.match(late.output, /Verifying runner\.\.\. (is removed|is not valid|failed)/);
    assert.notEqual(late.code, 0);
  });

  itWithRunner('registers the old way where that is allowed, and is gone when it unregisters', async () => {
    const here = await site();
    const { api, url } = here.server;
    const body = { allow_runner_registration_token: true };
    assert.equal((await api('PUT', '/application/settings', { body })).status, 200);
    const made = await api<{ token: string }>('POST', '/runners/reset_registration_token');
    const runner = here.runner();
    const words = ['-n', '--url', url, '--executor', 'shell', '--config', runner.config];
    const old = ['--registration-token', made.body.token, '--name', 'old way', '--tag-list', 'b,a'];
    const registered = await runner.command('register', ...words, ...old);
    assert.equal(registered.code, 0, registered.output);
    assert.match(readFileSync(runner.config, 'utf8'), /token = "glrtr-/);
    const find = async () => {
      const all = await api<{ id: number; description: string }[]>('GET', '/runners/all');
      return all.body.find(({ description }) => description === 'old way');
    };
    const details = await api<{ tag_list: string[] }>('GET', `/runners/${(await find())!.id}`);
    assert.deepEqual(details.body.tag_list, ['a', 'b']);
    const gone = await runner.command('unregister', '--config', runner.config, '--all-runners');
    assert.equal(gone.code, 0, gone.output);
    assert.equal(await find(), undefined);
  });

  itWithRunner('runs one job with run-single and leaves', async () => {
    const here = await site();
    await here.push('single', { '.gitlab-ci.yml': 'only: {script: "echo alone $CI_RUNNER_DESCRIPTION"}' });
    const runner = here.runner();
    const token = await here.runnerToken({ description: 'passing by' });
    const words = ['--url', here.server.url, '--token', token, '--executor', 'shell', '--shell', 'bash'];
    const ran = await runner.command(
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

  itWithRunner('runs a pipeline with every part of the payload', async () => {
    const here = await site();
    await pushEveryPart(here);
    const runner = await here.start({ concurrent: 4 });
    const pipeline = await here.pipeline('every');
    const jobs = await here.jobs('every');
    const bad: string[] = [];
    for (const job of jobs.values()) {
      if (job.status !== 'success') bad.push(`${job.name}: ${job.status} ${job.failure_reason}`);
    }
    const logs = await Promise.all(
      [...jobs.values()].filter((job) => job.status === 'failed').map((job) => here.log('every', job.id)),
    );
    assert.deepEqual(
      bad.sort(),
      ['exit code allowed: failed script_failure', 'too long: failed job_execution_timeout'],
      logs.join('\n-----\n'),
    );
    assert.equal(pipeline.status, 'success');
    await runner.stop();
  });

  itWithRunner('shows what scripts and hooks said, in order', async () => {
    const here = await site();
    const { id } = await here.job('every', 'steps', 'success');
    const log = await here.log('every', id);
    const order = [
      'hook of steps',
      '\nbefore',
      '\nscript',
      'after: success, nothing from before',
      'Job succeeded',
    ];
    const places = order.map((text) => log.indexOf(text));
    assert.ok(
      places.every((place, at) => place > (places[at - 1] ?? 0)),
      `${places} in ${log}`,
    );
  });

  itWithRunner('never shows a masked value or a job token', async () => {
    const here = await site();
    const { id } = await here.job('every', 'variables:of all kinds', 'success');
    const log = await here.log('every', id);
    assert.match(log, /masked \[\[MASKED\]\] \[\[MASKED\]\[MASKED\]\]/);
    assert.match(log, /\n\[MASKED\]\r?\n/);
    assert.match(log, /token \[MASKED\]/);
    assert.match(log, /protected \[on main\]/);
    for (const job of (await here.jobs('every')).values()) {
      const text = await here.log('every', job.id);
      assert.ok(!text.includes(MASKED) && !/glcbt-\w{12}/.test(text), job.name);
    }
  });

  itWithRunner('hands over archive and reports as they were made', async () => {
    const here = await site();
    const job = await here.job('every', 'archive', 'success');
    assert.deepEqual(job.artifacts.map(({ file_type, filename }) => [file_type, filename]).sort(), [
      ['archive', 'of-main.zip'],
      ['dotenv', '.env.gz'],
      ['junit', 'junit.xml.gz'],
      ['metadata', 'metadata.gz'],
      ['sast', 'gl-sast-report.json'],
      ['trace', 'job.log'],
    ]);
    const left = Date.parse(job.artifacts_expire_at!) - Date.parse(job.finished_at!);
    assert.ok(Math.abs(left - 2 * 86_400_000) < 60_000, String(left));
    const archive = await here.server.api('GET', `/projects/root%2Fevery/jobs/${job.id}/artifacts`);
    const files = await unzip(archive.bytes);
    assert.deepEqual(files.get('out/deep/bytes'), Buffer.from([0, 255]));
    assert.ok(files.has('untracked.txt') && !files.has('out/left.log'));
    const pipeline = await here.pipeline('every');
    const report = await here.server.api<{ total_count: number; failed_count: number }>(
      'GET',
      `/projects/root%2Fevery/pipelines/${pipeline.id}/test_report`,
    );
    assert.deepEqual([report.body.total_count, report.body.failed_count], [2, 1]);
  });

  itWithRunner('retries by exit code, and a matrix tells its jobs apart', async () => {
    const here = await site();
    const { body } = await here.server.api<{ name: string; status: string }[]>(
      'GET',
      '/projects/root%2Fevery/jobs?per_page=100',
    );
    const attempts = body.filter(({ name }) => name === 'retried').map(({ status }) => status);
    assert.deepEqual(attempts, ['success', 'failed']);
    for (const kind of ['small', 'big']) {
      const { id } = await here.job('every', `matrix: [${kind}, left]`, 'success');
      assert.match(await here.log('every', id), new RegExp(`\\n${kind} left \\d/2`));
    }
    assert.equal((await here.job('every', 'exit code allowed', 'failed')).allow_failure, true);
  });

  itWithRunner('runs twenty jobs at once, each once', async () => {
    const here = await site();
    const config =
      'many: {parallel: 20, variables: {GIT_STRATEGY: none}, script: ["echo job $CI_NODE_INDEX", "sleep 3"]}';
    await here.push('many', { '.gitlab-ci.yml': config });
    const runner = await here.start({ concurrent: 20 });
    let most = 0;
    await until('the pipeline to end', async () => {
      const jobs = [...(await here.jobs('many')).values()];
      most = Math.max(most, jobs.filter((job) => job.status === 'running').length);
      return jobs.every((job) => job.status === 'success') || undefined;
    });
    await runner.stop();
    const jobs = [...(await here.jobs('many')).values()];
    assert.equal(jobs.length, 20);
    for (const job of jobs) {
      const log = await here.log('many', job.id);
      assert.equal(log.match(/\njob \d+\r?\n/g)?.length, 1, log);
    }
    assert.ok(most >= 10, `${most} at once`);
  });
});

function registerWords(url: string, token: string, config: string): string[] {
  return ['-n', '--url', url, '--token', token, '--executor', 'shell', '--name', 'real', '--config', config];
}

async function registered(here: RunnerSite) {
  const { server } = here;
  const token = await here.runnerToken();
  const runner = here.runner();
  const { code, output } = await runner.command(
    'register',
    ...registerWords(server.url, token, runner.config),
  );
  assert.equal(code, 0, output);
  assert.match(readFileSync(runner.config, 'utf8'), new RegExp(`token = "${token}"`));
  const all = await server.api<{ id: number }[]>('GET', '/runners/all');
  return { server, runner, token, path: `/runners/${all.body[0]!.id}` };
}

/** The project with its variables, and the project of its submodule, which lets its job tokens in. */
async function pushEveryPart(here: RunnerSite): Promise<void> {
  const { api } = here.server;
  const made = await api<{ id: number }>('POST', '/projects', { body: { name: 'every' } });
  const part = await here.push('part', { 'part.txt': 'a part\n' });
  const scope = await api('POST', '/projects/root%2Fpart/job_token_scope/allowlist', {
    body: { target_project_id: made.body.id },
  });
  assert.equal(scope.status, 201);
  const variables = [
    { key: 'A_FILE', value: 'content of a file', variable_type: 'file' },
    { key: 'EXPANDED_SECRET', value: '$GREETING secret' },
    { key: 'RAW_SECRET', value: '$GREETING secret', raw: true },
    { key: 'MASKED_SECRET', value: MASKED, masked: true },
    { key: 'PROTECTED_SECRET', value: 'on main', protected: true },
  ];
  for (const body of variables) {
    assert.equal((await api('POST', '/projects/root%2Fevery/variables', { body })).status, 201);
  }
  const git = await here.prepare({ 'one.txt': '1' }, { 'two.txt': '2' });
  await git.ok('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', part.directory, 'part');
  await git.ok('config', '-f', '.gitmodules', 'submodule.part.url', '../part.git');
  await git.commit({ '.gitlab-ci.yml': CONFIG }, 'Every part');
  await git.ok('push', '-q', here.server.gitUrl('root/every'), 'main');
}
