import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { craftZip } from '../craft-zip.ts';
import { openTestDatabase } from '../databases.ts';
import { GitClient } from '../git-client.ts';
import { RunnerWorld } from '../runner-world.ts';
import { type Held, type Reply, ScriptedRunner } from '../scripted-runner.ts';
import { freePort, type SpawnedServer, spawnServer, temporaryDirectory } from '../spawn-server.ts';
import { until } from '../until.ts';

const MIB = 1024 * 1024;
/** Size from which on a file of the server grows no more, as on a disk that is full. */
const LIMIT_MIB = 4;

// Files are the same with either database.
describe('a disk without room', () => {
  const data = temporaryDirectory();
  let server: SpawnedServer;
  let runner: ScriptedRunner;
  before(async () => {
    server = await spawnServer({ data, port: await freePort(), fileLimitMib: LIMIT_MIB });
    const git = new GitClient(join(data, 'work'));
    await git.ok('init', '-q', '.');
    await git.commit({ '.gitlab-ci.yml': 'job: {script: [echo], parallel: 3}' });
    await git.ok('push', '-q', server.gitUrl('root/app'), 'HEAD:refs/heads/main');
    const { body } = await server.api<{ token: string }>('POST', '/user/runners', {
      body: { runner_type: 'instance_type' },
    });
    runner = new ScriptedRunner(server.url, body.token);
  });
  after(async () => {
    await server.end('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  });

  const take = (): Promise<Held> => {
    runner.lastUpdate = null;
    return until('a job', async () => (await runner.request()).job ?? undefined);
  };
  const zip = (mib: number) => craftZip([{ name: 'a', data: randomBytes(mib * MIB) }]);
  const said = ({ status, headers, body }: Reply) => [status, headers.get('retry-after'), body];
  const full = [503, '5', '{"message":"503 Service Unavailable - No space left on the server"}'];

  it('asks runners to try again what they upload, and keeps nothing of it', async () => {
    const job = await take();
    assert.deepEqual(said(await runner.upload(job, { bytes: zip(LIMIT_MIB + 1) })), full);
    assert.deepEqual(readdirSync(join(data, 'artifacts/tmp')), []);
    assert.equal((await runner.upload(job, { bytes: zip(1) })).status, 201);
    assert.equal((await runner.succeed(job)).status, 200);
  });

  it('asks runners to try again what they log, from where it ended', async () => {
    const job = await take();
    await runner.append(job, Buffer.alloc(LIMIT_MIB * MIB - 5, 'x'));
    assert.deepEqual(said(await runner.append(job, 'too long')), full);
    assert.equal((await runner.append(job, 'short')).range, `0-${LIMIT_MIB * MIB}`);
    assert.equal((await runner.succeed(job)).status, 200);
  });

  it('is named in the log of the server where it keeps a duty from being done', async () => {
    const job = await take();
    await runner.append(job, 'log');
    // No room for the archived log, as good as.
    const temporary = join(data, 'artifacts/tmp');
    rmSync(temporary, { recursive: true });
    writeFileSync(temporary, '');
    await runner.succeed(job);
    await until('the failure to be logged', async () => server.output().includes('duty failed') || undefined);
    assert.match(server.output(), /"error":".*ENOTDIR: .*"duty":"trace-archive"/);
  });
});

describe('a database without room', () => {
  it('asks clients to try again, and takes what they send when there is room', async (test) => {
    const { database, drop } = await openTestDatabase('sqlite');
    const world = await RunnerWorld.open(database);
    test.after(async () => {
      await world.close();
      await drop();
    });
    const pages = (most: number) =>
      database.transaction(async (tx) => {
        await sql`pragma max_page_count = ${sql.lit(most)}`.execute(tx.sql);
      });
    const token = await world.token();
    let sent = 0;
    const send = async (): Promise<[number, string | null]> => {
      const key = `LARGE_${sent++}`;
      const response = await fetch(`${world.api.url}/api/v4/projects/${world.world.project.id}/variables`, {
        method: 'POST',
        headers: { 'private-token': token, 'content-type': 'application/json' },
        body: JSON.stringify({ key, value: 'x'.repeat(9000) }),
      });
      return [response.status, response.headers.get('retry-after')];
    };
    // No fewer than there are.
    await pages(1);
    const answers = [await send()];
    while (answers.at(-1)![0] === 201 && sent < 50) answers.push(await send());
    assert.deepEqual(answers.at(-1), [503, '5']);
    await pages(1_000_000);
    assert.deepEqual(await send(), [201, null]);
  });
});
