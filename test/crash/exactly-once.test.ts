import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ENGINES, type Engine } from '../databases.ts';
import { GitClient } from '../git-client.ts';
import { createPostgresDatabase } from '../postgres.ts';
import { type Held, RUNNER_INFO, ScriptedRunner } from '../scripted-runner.ts';
import {
  freePort,
  type SpawnedServer,
  type SpawnOptions,
  spawnServer,
  temporaryDirectory,
} from '../spawn-server.ts';
import { until } from '../until.ts';

/** Jobs of one run; `DISPATCH_JOBS=20000` for more. A multiple of 2,000. */
const JOBS = Number(process.env.DISPATCH_JOBS ?? 2000);
const FULL_SIZE = JOBS > 2000;
/** One large pipeline is the hardest race; many of a usual size are what servers that share a database have. */
const JOBS_OF_PIPELINE = FULL_SIZE ? 200 : 2000;
const LIMIT_MS = FULL_SIZE ? 900_000 : 250_000;
/** Processes that share one PostgreSQL and one data directory. */
const SERVERS: Record<Engine, number> = { sqlite: 1, postgres: FULL_SIZE ? 3 : 2 };
const RUNNERS = 64;
const KILLS = 5;
/** Share of job requests whose connection the client cuts after sending. */
const CUT = 0.05;

const PROJECT = '/projects/root%2Fapp';
const PARALLEL = JOBS_OF_PIPELINE / 10;
const CONFIG = Array.from({ length: 10 }, (_, i) => `job ${i}: {script: [echo], parallel: ${PARALLEL}}`).join(
  '\n',
);

/** What runners know together. */
class Ledger {
  /** How often each job was handed to somebody. */
  readonly handedOut = new Map<number, number>();
  /** Jobs whose success the server has acknowledged. */
  readonly succeeded = new Set<number>();
  readonly odd: string[] = [];
  contended = 0;
  /** Connections hold from here on, so that what comes back to the queue is not lost again and again. */
  calm = false;
  stopped = false;

  /** Takes jobs and lets them succeed until it is stopped; a server that is away is asked again. */
  async work(runner: ScriptedRunner): Promise<void> {
    while (!this.stopped) {
      runner.lastUpdate = null;
      const asked = await runner.request(this.calm ? undefined : cutting()).catch(() => null);
      if (asked === null) await pause(5);
      else if (asked.job !== null) await this.#succeed(runner, asked.job);
      else if (asked.status === 409) this.contended++;
      else if (asked.status === 204) await pause(50);
      else if (asked.status < 500) this.odd.push(`a request: ${asked.status} ${asked.body}`);
    }
  }

  /** False when the job was taken back, because the answer that gave it was late. */
  async #accept(runner: ScriptedRunner, job: Held): Promise<boolean> {
    for (;;) {
      const said = await runner.update(job, { state: 'running' }).catch(() => null);
      if (said?.status === 200) return true;
      if (said?.status === 403) return false;
      if (said !== null && said.status < 500) this.odd.push(`accepting ${job.id}: ${said.status}`);
      await pause(20);
    }
  }

  async #succeed(runner: ScriptedRunner, job: Held): Promise<void> {
    if (acceptsFirst(runner) && !(await this.#accept(runner, job))) return;
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

/** Every second runner uses two-phase commit. */
function acceptsFirst(runner: ScriptedRunner): boolean {
  return runner.info.features?.two_phase_job_commit === true;
}

/** Mostly nothing; now and then the end of the connection while the server is at work. */
function cutting(): AbortSignal | undefined {
  return Math.random() < CUT ? AbortSignal.timeout(Math.floor(Math.random() * 60)) : undefined;
}

for (const engine of ENGINES) {
  describe(`${RUNNERS} racing runners, ${JOBS} jobs, ${KILLS} kills (${engine})`, () => {
    it(
      'each job goes to one runner, none to two, and none is forgotten',
      { timeout: LIMIT_MS + 30_000 },
      async (t) => t.diagnostic(await race(engine)),
    );
  });
}

/** Gives what happened in one line. */
async function race(engine: Engine): Promise<string> {
  const data = temporaryDirectory();
  const database = engine === 'postgres' ? await createPostgresDatabase() : null;
  const environment = database === null ? {} : { TEASPOON_DATABASE_URL: database.url };
  const options: SpawnOptions[] = [];
  for (let number = 0; number < SERVERS[engine]; number++)
    options.push({ data, port: await freePort(), environment });
  const servers: SpawnedServer[] = [];
  const ledger = new Ledger();
  try {
    for (const option of options) servers.push(await spawnServer(option));
    await pushPipelines(servers[0]!, join(data, 'work'));
    const begun = performance.now();
    const working = await startRunners(servers, ledger);
    for (let kill = 1; kill <= KILLS; kill++) {
      const share = (JOBS * kill) / (KILLS + 1);
      await until(`${share} jobs`, async () => ledger.handedOut.size >= share || undefined, {
        pauseMs: 5,
        limitMs: LIMIT_MS,
      });
      const which = kill % servers.length;
      await servers[which]!.end('SIGKILL');
      servers[which] = await spawnServer(options[which]!);
    }
    ledger.calm = true;
    await until('no job to wait', async () => (await waiting(servers[0]!)).length === 0 || undefined, {
      limitMs: LIMIT_MS,
      pauseMs: 1000,
    });
    const seconds = (performance.now() - begun) / 1000;
    ledger.stopped = true;
    await Promise.all(working);
    const lost = await check(servers[0]!, ledger);
    for (const server of servers) await server.end();
    await database?.drop();
    rmSync(data, { recursive: true, force: true });
    return `${seconds.toFixed(1)} s, ${servers.length} servers, ${ledger.contended} times 409, ${lost} hand-outs lost`;
  } finally {
    ledger.stopped = true;
    for (const server of servers) await server.end('SIGKILL');
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

async function startRunners(servers: SpawnedServer[], ledger: Ledger): Promise<Promise<void>[]> {
  const working: Promise<void>[] = [];
  for (let number = 0; number < RUNNERS; number++) {
    const server = servers[number % servers.length]!;
    const { body } = await server.api<{ token: string }>('POST', '/user/runners', {
      body: { runner_type: 'instance_type' },
    });
    const features = { ...RUNNER_INFO.features, two_phase_job_commit: number % 2 === 0 };
    const info = { ...RUNNER_INFO, features };
    working.push(ledger.work(new ScriptedRunner(server.url, body.token, { info })));
  }
  return working;
}

/** Gives how many hand-outs were lost on the wire. */
async function check(server: SpawnedServer, ledger: Ledger): Promise<number> {
  assert.deepEqual(ledger.odd, []);
  const twice = [...ledger.handedOut].filter(([, times]) => times > 1);
  assert.deepEqual(twice, [], 'jobs handed out twice');
  const succeeded = new Set((await jobsIn(server, 'success')).map(({ id }) => id));
  assert.deepEqual(succeeded, ledger.succeeded);
  // One that was lost on the wire runs and nobody knows of it, or waits to be accepted; the clock takes both back.
  const silent = [...(await jobsIn(server, 'running')), ...(await jobsIn(server, 'pending'))];
  assert.deepEqual(
    silent.filter(({ id }) => ledger.handedOut.has(id)),
    [],
    'jobs that were handed out and are not finished',
  );
  assert.equal(succeeded.size + silent.length, JOBS, 'jobs forgotten');
  assert.ok(silent.length <= RUNNERS * KILLS + JOBS * CUT * 2, `${silent.length} hand-outs were lost`);
  return silent.length;
}

/** Jobs that wait for a runner; in a run of full size also those that were given to one which never got them. */
async function waiting(server: SpawnedServer): Promise<unknown[]> {
  const pending = await jobsIn(server, 'pending');
  return FULL_SIZE ? pending : pending.filter(({ runner }) => runner === null);
}

interface SeenJob {
  id: number;
  runner: unknown;
}

async function jobsIn(server: SpawnedServer, status: string): Promise<SeenJob[]> {
  const seen: SeenJob[] = [];
  for (let next = ''; ; ) {
    const query = `scope[]=${status}&per_page=100&pagination=keyset${next}`;
    const answer = await server.api<SeenJob[]>('GET', `${PROJECT}/jobs?${query}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    seen.push(...answer.body.map(({ id, runner }) => ({ id, runner })));
    const cursor = /[?&]cursor=([^&>]+)/.exec(answer.headers.get('link') ?? '')?.[1];
    if (cursor === undefined) return seen;
    next = `&cursor=${cursor}`;
  }
}
