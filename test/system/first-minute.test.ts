import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { GitClient } from '../git-client.ts';
import { forEachServer, type TestServer } from '../start-server.ts';
import { untilPipelineIs } from '../until.ts';
import { unzip } from '../unzip.ts';

const SAMPLE = new URL('./first-minute/', import.meta.url).pathname;

interface Job {
  id: number;
  name: string;
  stage: string;
  status: string;
  failure_reason?: string;
  artifacts_file?: { filename: string; size: number };
  user: { username: string };
  runner: { description: string; is_shared: boolean };
  tag_list: string[];
}

/** A log without what differs from run to run: times, ids and places. */
function steady(log: Buffer, server: TestServer): string {
  return log
    .toString()
    .replaceAll(server.dataDirectory, '<data>')
    .replace(/section_(start|end):\d+:/g, 'section_$1:0:')
    .replace(/teaspoon-runner [\d.]+/, 'teaspoon-runner <version>')
    .replace(/on built-in \S+, system ID: \S+/, 'on built-in <token>, system ID: <id>')
    .replace(/Running on \S+\.\.\./, 'Running on <host>...')
    .replace(/Checking out [0-9a-f]{8}/, 'Checking out <sha>')
    .replace(/process-\d+\/builds\/(protected|open)\/\d+/g, '<slot>');
}

function section(name: string, header: string, body: string): string {
  return `section_start:0:${name}\r\x1b[0K\x1b[0K\x1b[36;1m${header}\x1b[0;m\n${body}section_end:0:${name}\r\x1b[0K`;
}

const green = (text: string) => `\x1b[32;1m${text}\x1b[0;m\n`;

const BEGIN =
  'Running with teaspoon-runner <version>\n  on built-in <token>, system ID: <id>\n' +
  section('prepare_executor', 'Preparing the "shell" executor', 'Using Shell (bash) executor...\n') +
  section('prepare_script', 'Preparing environment', 'Running on <host>...\n');

forEachServer('the first minute', (start) => {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-first-minute-'));
  let server: TestServer;
  let sha: string;
  let pushed: string;
  let jobs: Map<string, Job>;
  const project = '/projects/root%2Fapp';

  const trace = async (name: string) =>
    (await server.api('GET', `${project}/jobs/${jobs.get(name)!.id}/trace`)).bytes;

  before(async () => {
    server = await start({ runner: 'on', 'runner-concurrency': '2' });
    cpSync(SAMPLE, directory, { recursive: true });
    const git = new GitClient(directory);
    await git.ok('init', '--quiet', '.');
    sha = await git.commit({}, 'First minute');
    pushed = (await git.run('push', server.gitUrl('root/app'), 'main')).stderr;
    await untilPipelineIs(server, project, 1, 'success');
    const list = await server.api<Job[]>('GET', `${project}/pipelines/1/jobs`);
    jobs = new Map(list.body.map((job) => [job.name, job]));
  });
  after(() => rmSync(directory, { recursive: true }));

  it('tells on the push where the pipeline is', () => {
    assert.match(pushed, new RegExp(`remote: .*${server.url}/root/app/-/pipelines/1`));
  });

  it('makes a private project of the pushed repository', async () => {
    const { body } = await server.api<Record<string, unknown>>('GET', project);
    assert.equal(body.path_with_namespace, 'root/app');
    assert.equal(body.visibility, 'private');
    assert.equal(body.default_branch, 'main');
  });

  it('ends each job as its configuration says', () => {
    const statuses = Object.fromEntries([...jobs].map(([name, job]) => [name, job.status]));
    assert.deepEqual(statuses, {
      build: 'success',
      check: 'success',
      'without artifacts': 'success',
      flaky: 'failed',
      later: 'manual',
      last: 'success',
    });
    assert.equal(jobs.get('flaky')?.failure_reason, 'script_failure');
    assert.equal(jobs.get('build')?.user.username, 'root');
    assert.equal(jobs.get('build')?.runner.is_shared, true);
  });

  it('keeps the log of a job that made artifacts, byte for byte', async () => {
    const expected =
      BEGIN +
      section(
        'get_sources',
        'Getting source from Git repository',
        green('Fetching changes with git depth set to 20...').trimEnd() +
          '\nCreated fresh repository.\n' +
          green('Checking out <sha> as detached HEAD (ref is main)...') +
          green('Skipping Git submodules setup'),
      ) +
      section(
        'step_script',
        'Executing "step_script" stage of the job script',
        green('$ mkdir out') +
          green('$ echo "$GREETING" > out/greeting.txt') +
          green("$ printf '\\000\\001\\377' > out/bytes.bin") +
          green('$ cat out/greeting.txt') +
          'Hello, world\n',
      ) +
      section(
        'upload_artifacts_on_success',
        'Uploading artifacts for successful job',
        green('Uploading artifacts...') +
          'out/: found 3 matching artifact files and directories\n' +
          `Uploading artifacts as "archive" to coordinator... 201 Created  id=${jobs.get('build')!.id}\n`,
      ) +
      green('Job succeeded');
    assert.equal(steady(await trace('build'), server), expected);
  });

  it('hands artifacts on to a job that needs them, and runs after_script', async () => {
    const log = steady(await trace('check'), server);
    assert.match(log, /Downloading artifacts for build \(\d+\)\.\.\./);
    assert.ok(log.includes(`${green('$ cat out/greeting.txt')}Hello, world\n`), log);
    assert.ok(
      log.includes(
        section(
          'after_script',
          'Running after_script',
          `${green('$ echo "after $CI_JOB_STATUS"')}after success\n`,
        ),
      ),
      log,
    );
  });

  it('hands nothing on to a job that asks for nothing', async () => {
    assert.ok((await trace('without artifacts')).includes('nothing was handed on\n'));
  });

  it('says how a failing job failed', async () => {
    const log = steady(await trace('flaky'), server);
    assert.ok(log.includes(`${green('$ echo "about to fail"')}about to fail\n${green('$ exit 42')}`), log);
    assert.ok(log.endsWith('\x1b[31;1mERROR: Job failed: exit status 42\x1b[0;m\n'), log);
  });

  it('gives rules, variables and predefined variables to the script', async () => {
    assert.ok((await trace('last')).includes(`on the default branch at ${sha.slice(0, 8)}\n`));
  });

  it('serves the archive and each of its files, byte for byte', async () => {
    const build = jobs.get('build')!;
    const archive = await server.api('GET', `${project}/jobs/${build.id}/artifacts`);
    assert.equal(archive.status, 200);
    assert.equal(archive.bytes.length, build.artifacts_file?.size);
    const files = await unzip(archive.bytes);
    assert.deepEqual([...files.keys()], ['out/', 'out/bytes.bin', 'out/greeting.txt']);
    assert.deepEqual(files.get('out/bytes.bin'), Buffer.from([0, 1, 255]));
    const one = await server.api('GET', `${project}/jobs/${build.id}/artifacts/out/bytes.bin`);
    assert.deepEqual(one.bytes, Buffer.from([0, 1, 255]));
    const byRef = await server.api('GET', `${project}/jobs/artifacts/main/raw/out/greeting.txt?job=build`);
    assert.equal(byRef.bytes.toString(), 'Hello, world\n');
  });

  it('plays a manual job with a variable', async () => {
    const { id } = jobs.get('later')!;
    const played = await server.api<Job>('POST', `${project}/jobs/${id}/play`, {
      body: { job_variables_attributes: [{ key: 'WHO', value: 'pleasure' }] },
    });
    assert.equal(played.status, 200);
    await untilPipelineIs(server, project, 1, 'success');
    assert.ok((await trace('later')).includes('played with pleasure\n'));
  });
});
