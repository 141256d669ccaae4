import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ENGINES, type Engine } from '../databases.ts';
import { GitClient } from '../git-client.ts';
import { createPostgresDatabase } from '../postgres.ts';
import { type Held, ScriptedRunner } from '../scripted-runner.ts';
import { freePort, type SpawnedServer, spawnServer, temporaryDirectory } from '../spawn-server.ts';
import { until } from '../until.ts';

/** Jobs of one run; `DISPATCH_JOBS=20000` for more. A multiple of 2,000. */
const JOBS = Number(process.env.DISPATCH_JOBS ?? 2000);
const JOBS_OF_PIPELINE = 2000;
const RUNNERS = 64;
const KILLS = 5;
/** Share of job requests whose connection the client cuts after sending. */
const CUT = 0.05;

const PROJECT = '/projects/root%2Fapp';
const CONFIG = Array.from({ length: 10 }, (_, i) => `job ${i}: {script: [echo], parallel: 200}`).join('\n');

/** What runners know together. */
class Ledger {
  /** How often each job was handed to somebody. */
  readonly handedOut = new Map<number, number>();
  /** Jobs whose success the server has acknowledged. */
  readonly succeeded = new Set<number>();
  readonly odd: string[] = [];
  contended = 0;
  stopped = false;

  /** Takes jobs and lets them succeed until it is stopped; a server that is away is asked again. */
  async work(runner: ScriptedRunner): Promise<void> {
    while (!this.stopped) {
      runner.lastUpdate = null;
      const asked = await runner.request(cutting()).catch(() => null);
      if (asked === null) await pause(5);
      else if (asked.job !== null) await this.#succeed(runner, asked.job);
      else if (asked.status === 409) this.contended++;
      else if (asked.status === 204) await pause(50);
      else if (asked.status < 500) this.odd.push(`a request: ${asked.status} ${asked.body}`);
    }
  }

  async #succeed(runner: ScriptedRunner, job: Held): Promise<void> {
    this.handedOut.set(job.id, (this.handedOut.get(job.id) ?? 0) + 1);
    for (;;) {
      const said = await runner.succeed(job).catch(() => null);
      // 403: it was stored, and the answer was lost.
      if (said?.status === 200 || said?.jobStatus === 'success') break;
      if (said !== null && said.status < 500)
        this.odd.push(`job ${job.id}: ${said.status} ${said.jobStatus}`);
      await pause(20);
    }
    this.succeeded.add(job.id);
  }
}

/** Mostly nothing; now and then the end of the connection while the server is at work. */
function cutting(): AbortSignal | undefined {
  return Math.random() < CUT ? AbortSignal.timeout(Math.floor(Math.random() * 60)) : undefined;
}

for (const engine of ENGINES) {
  describe(`${RUNNERS} racing runners, ${JOBS} jobs, ${KILLS} kills (${engine})`, () => {
    it('each job goes to one runner, none to two, and none is forgotten', { timeout: 280_000 }, () =>
      race(engine),
    );
  });
}

async function race(engine: Engine): Promise<void> {
  const data = temporaryDirectory();
  const database = engine === 'postgres' ? await createPostgresDatabase() : null;
  const environment = database === null ? {} : { TEASPOON_DATABASE_URL: database.url };
  const options = { data, port: await freePort(), environment };
  let server = await spawnServer(options);
  const ledger = new Ledger();
  try {
    await pushPipelines(server, join(data, 'work'));
    const working = await startRunners(server, ledger);
    for (let kill = 1; kill <= KILLS; kill++) {
      const share = (JOBS * kill) / (KILLS + 1);
      await until(`${share} jobs`, async () => ledger.handedOut.size >= share || undefined, {
        pauseMs: 5,
        limitMs: 250_000,
      });
      await server.end('SIGKILL');
      server = await spawnServer(options);
    }
    await until('no job to wait', async () => (await jobsIn(server, 'pending')).length === 0 || undefined, {
      limitMs: 250_000,
      pauseMs: 500,
    });
    ledger.stopped = true;
    await Promise.all(working);
    await check(server, ledger);
    await server.end();
    await database?.drop();
    rmSync(data, { recursive: true, force: true });
  } finally {
    ledger.stopped = true;
    await server.end('SIGKILL');
  }
}

async function pushPipelines(server: SpawnedServer, directory: string): Promise<void> {
  const git = new GitClient(directory);
  await git.ok('init', '-q', '.');
  for (let number = 0; number < JOBS / JOBS_OF_PIPELINE; number++) {
    await git.commit({ '.gitlab-ci.yml': CONFIG, number: String(number) });
    await git.ok('push', '-q', server.gitUrl('root/app'), `HEAD:refs/heads/b${number}`);
  }
  await until('all jobs to wait', async () => (await jobsIn(server, 'pending')).length === JOBS || undefined);
}

async function startRunners(server: SpawnedServer, ledger: Ledger): Promise<Promise<void>[]> {
  const working: Promise<void>[] = [];
  for (let number = 0; number < RUNNERS; number++) {
    const { body } = await server.api<{ token: string }>('POST', '/user/runners', {
      body: { runner_type: 'instance_type' },
    });
    working.push(ledger.work(new ScriptedRunner(server.url, body.token)));
  }
  return working;
}

async function check(server: SpawnedServer, ledger: Ledger): Promise<void> {
  assert.deepEqual(ledger.odd, []);
  const twice = [...ledger.handedOut].filter(([, times]) => times > 1);
  assert.deepEqual(twice, [], 'jobs handed out twice');
  const succeeded = new Set(await jobsIn(server, 'success'));
  assert.deepEqual(succeeded, ledger.succeeded);
  // A hand-out that was lost on the wire leaves a running job that nobody knows of; the clock takes it back.
  const silent = await jobsIn(server, 'running');
  assert.deepEqual(
    silent.filter((id) => ledger.handedOut.has(id)),
    [],
    'jobs that were handed out and are not finished',
  );
  assert.equal(succeeded.size + silent.length, JOBS, 'jobs forgotten');
  assert.ok(silent.length <= RUNNERS * KILLS + JOBS * CUT * 2, `${silent.length} hand-outs were lost`);
}

async function jobsIn(server: SpawnedServer, status: string): Promise<number[]> {
  const ids: number[] = [];
  for (let next = ''; ; ) {
    const query = `scope[]=${status}&per_page=100&pagination=keyset${next}`;
    const answer = await server.api<{ id: number }[]>('GET', `${PROJECT}/jobs?${query}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    ids.push(...answer.body.map(({ id }) => id));
    const cursor = /[?&]cursor=([^&>]+)/.exec(answer.headers.get('link') ?? '')?.[1];
    if (cursor === undefined) return ids;
    next = `&cursor=${cursor}`;
  }
}
