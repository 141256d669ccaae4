import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { describe } from 'node:test';
import { ENGINES } from '../databases.ts';
import { createPostgresDatabase } from '../postgres.ts';
import {
  freePort,
  type SpawnedServer,
  type SpawnOptions,
  spawnServer,
  temporaryDirectory,
} from '../spawn-server.ts';
import { until } from '../until.ts';
import { countedLines, countingScript, expectedLines } from './counted-log.ts';
import { CuttableProxy } from './cuttable-proxy.ts';
import { MAKES, type Make, testOf } from './runner-makes.ts';
import { RunnerSite, saidIn } from './runner-site.ts';

const SERVERS = 3;
const JOBS = 16;
const LINES = 100;

const CONFIG = JSON.stringify({
  stages: ['make', 'collect'],
  make: {
    stage: 'make',
    parallel: JOBS,
    // gitlab-runner tries everything again but the fetching of sources.
    variables: { GIT_STRATEGY: 'none' },
    script: [
      countingScript(LINES, 0.05),
      'rm -rf out && mkdir out && head -c 100000 /dev/urandom > out/$CI_NODE_INDEX',
      '(cd out && sha256sum $CI_NODE_INDEX > $CI_NODE_INDEX.sum)',
    ],
    artifacts: { paths: ['out/'] },
  },
  collect: {
    stage: 'collect',
    script: [`test "$(ls out/*.sum | wc -l)" = ${JOBS}`, 'cd out && sha256sum -c *.sum'],
  },
});

interface Job {
  id: number;
  name: string;
  status: string;
}

for (const make of MAKES) {
  // SQLite belongs to one process.
  for (const engine of ENGINES.filter((one) => one === 'postgres')) {
    describe(`${make.name} and ${SERVERS} servers on one database (${engine})`, () => {
      testOf(make)('get jobs, logs and artifacts right, whoever is asked, though one is killed', () =>
        share(make),
      );
    });
  }
}

async function share({ make }: Make): Promise<void> {
  const database = await createPostgresDatabase();
  const data = temporaryDirectory();
  const environment = { TEASPOON_DATABASE_URL: database.url };
  const options: SpawnOptions[] = [];
  for (let number = 0; number < SERVERS; number++)
    options.push({ data, port: await freePort(), environment });
  const servers: SpawnedServer[] = [];
  for (const option of options) servers.push(await spawnServer(option));
  const proxy = await CuttableProxy.open(...options.map(({ port }) => port));
  const site = new RunnerSite(servers[0]!, make);
  try {
    await site.push('shared', { '.gitlab-ci.yml': CONFIG });
    for (let runner = 0; runner < 2; runner++) await site.start({ url: proxy.url, concurrent: JOBS / 2 });
    await until('jobs to count', async () => {
      const running = (await jobsOf(servers[0]!)).filter(({ status }) => status === 'running');
      const logs = await Promise.all(running.map(({ id }) => site.log('shared', id)));
      return logs.filter((log) => log.includes('\nline 1 ')).length >= JOBS / 4 || undefined;
    });
    await servers[1]!.end('SIGKILL');
    servers[1] = await spawnServer(options[1]!);
    const { status } = await site.pipeline('shared');
    const failed = (await jobsOf(servers[0]!)).filter((job) => job.status === 'failed');
    const logs = await Promise.all(failed.map(({ id }) => site.log('shared', id)));
    assert.equal(status, 'success', logs.join('\n-----\n'));
    const jobs = await jobsOf(servers[0]!);
    assert.equal(jobs.length, JOBS + 1);
    for (const { id, name } of jobs) {
      const logs = await Promise.all(servers.map((server) => bytesOf(server, `/jobs/${id}/trace`)));
      assert.ok(
        logs.every((log) => log.equals(logs[0]!)),
        `${name} has another log on another server`,
      );
      if (name === 'collect') continue;
      assert.deepEqual(countedLines(saidIn(logs[0]!)), expectedLines(LINES), name);
      const archives = await Promise.all(servers.map((server) => bytesOf(server, `/jobs/${id}/artifacts`)));
      assert.equal(new Set(archives.map(digest)).size, 1, name);
    }
  } finally {
    await site.leave();
    await proxy.close();
    for (const server of servers) await server.end('SIGKILL');
    await database.drop();
    rmSync(data, { recursive: true, force: true });
  }
}

async function jobsOf(server: SpawnedServer): Promise<Job[]> {
  return (await server.api<Job[]>('GET', '/projects/root%2Fshared/jobs?per_page=100')).body;
}

async function bytesOf(server: SpawnedServer, path: string): Promise<Buffer> {
  const { status, bytes } = await server.api('GET', `/projects/root%2Fshared${path}`);
  assert.equal(status, 200);
  return bytes;
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
