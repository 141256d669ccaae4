import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CuttableProxy } from '../clients/cuttable-proxy.ts';
import { craftZip } from '../craft-zip.ts';
import { ENGINES } from '../databases.ts';
import { makeProject } from '../people.ts';
import { createPostgresDatabase } from '../postgres.ts';
import { type Held, type Reply, ScriptedRunner } from '../scripted-runner.ts';
import { startTestServer, type TestServer } from '../start-server.ts';
import { until } from '../until.ts';

describe('a database that is away', { skip: !ENGINES.includes('postgres') && 'SQLite is never away' }, () => {
  const cleanups: (() => Promise<void>)[] = [];
  let server: TestServer;
  let wire: CuttableProxy;
  let runner: ScriptedRunner;
  let held: Held;
  before(async () => {
    const database = await createPostgresDatabase();
    const url = new URL(database.url);
    wire = await CuttableProxy.open(Number(url.port));
    url.port = new URL(wire.url).port;
    const started = await startTestServer('postgres', { 'database-url': url.href, 'log-level': 'silent' });
    cleanups.push(database.drop, () => wire.close(), started.drop);
    server = started.server;
    const { id } = await makeProject(server, 'app');
    const made = await server.api<{ token: string }>('POST', '/user/runners', {
      body: { runner_type: 'project_type', project_id: id },
    });
    runner = new ScriptedRunner(server.url, made.body.token);
    const actions = [{ action: 'create', file_path: '.gitlab-ci.yml', content: 'a: {script: [echo]}' }];
    await server.api('POST', `/projects/${id}/repository/commits`, {
      body: { branch: 'main', commit_message: 'Files', actions },
    });
    held = await until('a job', async () => {
      runner.lastUpdate = null;
      return (await runner.request()).job ?? undefined;
    });
    assert.equal((await runner.append(held, 'hello')).status, 202);
  });
  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  const calls: Record<string, () => Promise<Pick<Reply, 'status' | 'headers'>>> = {
    'to ask for a job': () =>
      server.api('POST', '/jobs/request', { token: null, body: { token: runner.token } }),
    'to verify itself': () => runner.verify(),
    'to verify itself by a token that nobody gave it': () =>
      new ScriptedRunner(server.url, 'glrt-x').verify(),
    'to send a log': () => runner.patch(held, held.log.length, Buffer.from('!')),
    'to tell that its job runs': () => runner.update(held, { state: 'running' }),
    'to end its job': () => runner.succeed(held),
    'to send files': () => runner.upload(held, { bytes: craftZip([{ name: 'a' }]) }),
    'to fetch files': () =>
      server.api('GET', `/jobs/${held.id}/artifacts`, { token: null, headers: { 'JOB-TOKEN': held.token } }),
  };
  for (const [what, call] of Object.entries(calls)) {
    it(`lets a runner try again ${what}`, async () => {
      wire.cut();
      for (let time = 0; time < 3; time++) {
        const { status, headers } = await call();
        assert.deepEqual([status, headers.get('retry-after')], [503, '5']);
      }
      wire.mend();
      await until('the database to be back', async () => (await runner.verify()).status === 200 || undefined);
    });
  }

  it('has cost nothing when it is back', async () => {
    assert.equal((await runner.append(held, ' world')).range, '0-11');
    assert.equal((await runner.succeed(held)).jobStatus, 'success');
  });
});
