import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { craftZip } from '../craft-zip.ts';
import { ScriptedRunner } from '../scripted-runner.ts';
import { freePort, type SpawnedServer, spawnServer, teaspoon, temporaryDirectory } from '../spawn-server.ts';
import { ROOT_TOKEN } from '../start-server.ts';
import { until } from '../until.ts';

const CONFIG = `
a: {script: [echo a], artifacts: {paths: [x]}}
b: {script: [echo b]}
`;
const ENDED = ['success', 'failed', 'canceled'];

interface Job {
  id: number;
  status: string;
  commit: { id: string };
  artifacts: { file_type: string }[];
}

/** Everything a client may read of a server's jobs: logs and archives by their SHA-256. */
async function readAll(server: SpawnedServer, project: string) {
  const jobs: Job[] = [];
  for (let page = 1; ; page++) {
    const { body } = await server.api<Job[]>('GET', `${project}/jobs?per_page=100&page=${page}`);
    jobs.push(...(JSON.parse(JSON.stringify(body).replaceAll(server.url, '')) as Job[]));
    if (body.length < 100) break;
  }
  const read = new Map<number, { job: Job; log: string; archive: string }>();
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  for (const job of jobs) {
    if (!ENDED.includes(job.status)) Object.assign(job, { queued_duration: null, duration: null }); // they go on
    const log = await server.api('GET', `${project}/jobs/${job.id}/trace`);
    const archive = await server.api('GET', `${project}/jobs/${job.id}/artifacts`);
    read.set(job.id, { job, log: digest(log.bytes), archive: `${archive.status} ${digest(archive.bytes)}` });
  }
  return read;
}

describe('teaspoon backup and restore', () => {
  const directories: string[] = [];
  const directory = () => {
    const path = temporaryDirectory();
    directories.push(path);
    return path;
  };
  const servers: SpawnedServer[] = [];
  const serve = async (data: string) => {
    const server = await spawnServer({ data, port: await freePort() });
    servers.push(server);
    return server;
  };
  const backup = (data: string, file: string) => teaspoon(['backup', file], { TEASPOON_DATA: data });
  const restore = (file: string, data: string) => teaspoon(['restore', file, '--data', data]);
  after(async () => {
    for (const server of servers) await server.end();
    for (const path of directories) rmSync(path, { recursive: true, force: true });
  });

  const data = directory();
  const target = directory();
  let server: SpawnedServer;
  let stopped = false;
  let work: Promise<void>[] = [];
  const project = '/projects/root%2Fapp';

  /** Takes jobs and ends them with a log and, where it is asked for, an archive, as fast as the server goes. */
  async function run(token: string): Promise<void> {
    const runner = new ScriptedRunner(server.url, token);
    const archive = craftZip([{ name: 'x', data: 'x'.repeat(2000) }]);
    while (!stopped) {
      const { job } = await runner.request();
      if (job === null) continue;
      for (let line = 0; line < 3; line++) await runner.append(job, `line ${line} of ${job.id}\n`);
      if (job.payload.artifacts !== undefined && job.payload.artifacts.length > 0) {
        await runner.upload(job, { bytes: archive });
      }
      await runner.succeed(job);
    }
  }

  async function push(): Promise<void> {
    for (let count = 0; !stopped; count++) {
      const body = { branch: 'main', content: `${count}`, commit_message: `Commit ${count}` };
      await server.api('POST', `${project}/repository/files/f${count}`, { body });
    }
  }

  before(async () => {
    server = await serve(data);
    await server.api('POST', '/projects', { body: { name: 'app', initialize_with_readme: true } });
    await server.api('POST', `${project}/variables`, { body: { key: 'KEY', value: 'a secret value' } });
    const body = { branch: 'main', content: CONFIG, commit_message: 'Configuration' };
    await server.api('POST', `${project}/repository/files/.gitlab-ci.yml`, { body });
    const made = await server.api<{ token: string }>('POST', '/user/runners', {
      body: { runner_type: 'instance_type' },
    });
    work = [push(), run(made.body.token), run(made.body.token)];
  });

  it('under load loses nothing that was acknowledged before it began', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const before = await server.api<Job[]>('GET', `${project}/jobs?scope[]=success&per_page=100`);
    const file = join(target, 'under-load.zip');
    const made = await backup(data, file);
    assert.deepEqual([made.code, statSync(file).mode & 0o777], [0, 0o600], made.output);
    await new Promise((resolve) => setTimeout(resolve, 300));
    stopped = true;
    await Promise.all(work);
    const original = await readAll(server, project);

    const place = join(directory(), 'restored');
    const unpacked = await restore(file, place);
    assert.equal(unpacked.code, 0, unpacked.output);
    assert.equal(statSync(place).mode & 0o777, 0o700);
    const restored = await serve(place);
    const kept = await readAll(restored, project);
    assert.ok(kept.size < original.size, 'the backup was made before the end of the load');
    for (const { id } of before.body) assert.ok(kept.has(id), `job ${id} is not in the backup`);
    for (const [id, { job, log, archive }] of kept) {
      const now = original.get(id);
      if (!ENDED.includes(job.status)) continue;
      assert.deepEqual([job.status, log, archive], [now?.job.status, now?.log, now?.archive], `job ${id}`);
      const commit = await restored.api('GET', `${project}/repository/commits/${job.commit.id}`);
      assert.equal(commit.status, 200, `commit ${job.commit.id}`);
    }
    const repository = join(place, 'repositories', '1.git');
    execFileSync('git', ['-C', repository, '-c', `safe.directory=${repository}`, 'fsck', '--strict']);
    await restored.end();
  });

  it('of a quiet server is the same server, keys and all', async () => {
    await until('every log to be archived', async () => {
      const all = [...(await readAll(server, project)).values()].map(({ job }) => job);
      const ended = all.filter(({ status }) => ENDED.includes(status));
      return ended.every(({ artifacts }) => artifacts.some((one) => one.file_type === 'trace')) || undefined;
    });
    const file = join(target, 'quiet.zip');
    assert.equal((await backup(data, file)).code, 0);
    assert.deepEqual(
      readdirSync(data).filter((name) => name.startsWith('backup-')),
      [],
    );
    const place = directory();
    assert.equal((await restore(file, place)).code, 0);
    const restored = await serve(place);
    assert.deepEqual(await readAll(restored, project), await readAll(server, project));
    for (const path of [
      '/variables',
      '/pipelines?per_page=100',
      '/repository/branches',
      '/repository/commits',
    ]) {
      const bodies = await Promise.all(
        [server, restored].map(async (one) =>
          JSON.stringify((await one.api('GET', project + path)).body).replaceAll(one.url, ''),
        ),
      );
      assert.equal(bodies[1], bodies[0], path);
    }
    const body = { branch: 'main', content: 'more', commit_message: 'It goes on' };
    assert.equal((await restored.api('POST', `${project}/repository/files/more`, { body })).status, 201);
    await restored.end();
  });

  it('refuse what cannot be done, in one sentence', async () => {
    const nothing = join(directory(), 'nothing');
    const missing = await backup(nothing, join(target, 'x.zip'));
    assert.deepEqual([missing.code, missing.output], [1, `There is no ${nothing}, the data directory.\n`]);
    const empty = directory();
    assert.equal((await backup(empty, join(target, 'x.zip'))).code, 1);
    assert.equal(existsSync(join(target, 'x.zip')), false);
    assert.equal((await backup(data, join(nothing, 'x.zip'))).code, 1);
    assert.equal((await teaspoon(['backup'], { TEASPOON_DATA: data })).code, 2);

    const full = await restore(join(target, 'quiet.zip'), data);
    assert.equal(full.code, 1);
    assert.match(full.output, /is not empty/);
    const torn = join(target, 'torn.zip');
    writeFileSync(torn, readFileSync(join(target, 'quiet.zip')).subarray(0, 5000));
    const broken = await restore(torn, directory());
    assert.equal(broken.code, 1);
    assert.match(broken.output, /^.*torn\.zip cannot be read as a backup \(.*\)\.\n$/);
    const foreign = join(target, 'foreign.zip');
    writeFileSync(foreign, craftZip([{ name: '../../evil', data: 'x' }]));
    const evil = await restore(foreign, directory());
    assert.equal(evil.code, 1);
  });

  it('write no half a backup where there is no room for a whole one', async () => {
    const closed = directory();
    chmodSync(closed, 0o500);
    const { code } = await backup(data, join(closed, 'x.zip'));
    chmodSync(closed, 0o700);
    assert.deepEqual([code, readdirSync(closed)], process.getuid?.() === 0 ? [0, ['x.zip']] : [1, []]);
  });
});

describe('teaspoon token', () => {
  const data = temporaryDirectory();
  after(() => rmSync(data, { recursive: true, force: true }));

  it('makes, lists and revokes tokens beside the server', async () => {
    const server = await spawnServer({ data, port: await freePort() });
    const run = (...words: string[]) => teaspoon(['token', ...words], { TEASPOON_DATA: data });
    const made = await run('make', '--name', 'found again');
    assert.equal(made.code, 0, made.output);
    const token = /^glpat-\S+/m.exec(made.output)?.[0] ?? '';
    assert.equal((await server.api<{ username: string }>('GET', '/user', { token })).body.username, 'root');
    const id = /Token (\d+) of root/.exec(made.output)?.[1] ?? '';
    const listed = await run('list', '--user', 'root');
    assert.match(listed.output, new RegExp(`^${id}\troot\tactive\t.*found again$`, 'm'));
    assert.equal(listed.output.includes(token), false);
    assert.equal((await run('revoke', id)).code, 0);
    assert.equal((await server.api('GET', '/user', { token })).status, 401);
    assert.equal((await server.api('GET', '/user', { token: ROOT_TOKEN })).status, 200);
    const acts = await server.api<{ event_name: string; details: object }[]>('GET', '/audit_events');
    assert.deepEqual(
      acts.body.map(({ event_name }) => event_name),
      ['personal_access_token_revoked', 'personal_access_token_created'],
    );
    await server.end();
  });

  const wrong: [words: string[], code: number, says: RegExp][] = [
    [['make', '--user', 'nobody'], 1, /There is no user "nobody"/],
    [['make', '--scopes', 'all'], 2, /There is no scope "all"/],
    [['make', '--expires', 'soon'], 2, /--expires soon: Write YYYY-MM-DD/],
    [['revoke', '9999'], 1, /There is no token 9999/],
    [['revoke'], 2, /teaspoon token --help/],
    [['burn'], 2, /teaspoon token --help/],
    [['list', '--colour'], 2, /--colour/],
  ];
  for (const [words, code, says] of wrong) {
    it(`refuses ${words.join(' ')}`, async () => {
      const answer = await teaspoon(['token', ...words], { TEASPOON_DATA: data });
      assert.equal(answer.code, code, answer.output);
      assert.match(answer.output, says);
    });
  }

  it('says so where there is no server', async () => {
    const answer = await teaspoon(['token', 'list'], { TEASPOON_DATA: join(data, 'elsewhere') });
    assert.equal(answer.code, 1);
    assert.match(answer.output, /There is no Teaspoon server in/);
  });
});
