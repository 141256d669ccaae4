import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { JobPayload } from '../../src/runner/protocol.ts';
import { ENGINES, type Engine } from '../databases.ts';
import { GitClient } from '../git-client.ts';
import { createPostgresDatabase } from '../postgres.ts';
import { freePort, type SpawnedServer, spawnServer, temporaryDirectory } from '../spawn-server.ts';
import { until } from '../until.ts';

/** Kills of one run; `CRASH_ROUNDS` for more. */
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 50);
/** Runners that take jobs all the time. */
const RUNNERS = 3;
/** The server lives between these, milliseconds. */
const LIFE_MS = [50, 700] as const;
/** A hand-out whose runner does not know of it after this was lost on the wire, milliseconds. */
const LOST_AFTER_MS = 5000;

const CONFIG = `
stages: [one, two]
a: {stage: one, script: echo a, artifacts: {paths: [x]}}
b: {stage: one, script: echo b}
c: {stage: two, script: echo c}
`;

/** What the server has acknowledged: it must hold for ever. */
class Acknowledged {
  /** Commits whose push was answered. */
  readonly pushes: string[] = [];
  /** Bytes of logs, by job. */
  readonly traces = new Map<number, Buffer>();
  /** SHA-256 of archives, by job. */
  readonly artifacts = new Map<number, string>();
  /** Final states, by job. */
  readonly finals = new Map<number, string>();
  /** Attempts by runner: each job is handed out once. */
  readonly handedOut = new Map<number, number>();
}

/** Runs jobs over HTTP and remembers what it was told; a server that is away is asked again. */
class CrashRunner {
  readonly #url: string;
  readonly #token: string;
  readonly #known: Acknowledged;
  #stopped = false;

  constructor(url: string, token: string, known: Acknowledged) {
    this.#url = url;
    this.#token = token;
    this.#known = known;
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      const answer = await this.#send('POST', '/jobs/request', {
        'content-type': 'application/json',
        body: JSON.stringify({ token: this.#token, system_id: 's_crash' }),
      });
      if (answer?.status !== 201) continue;
      const job = (await answer.json().catch(() => null)) as JobPayload | null;
      // The answer was cut off: nobody knows of the job, its silence will end it.
      if (job !== null) await this.#work(job);
    }
  }

  async #work(job: JobPayload): Promise<void> {
    const times = this.#known.handedOut.get(job.id) ?? 0;
    this.#known.handedOut.set(job.id, times + 1);
    let sent = 0;
    for (let chunk = 0; chunk < 4; chunk++) {
      const bytes = Buffer.from(`job ${job.id} chunk ${chunk} ${'x'.repeat(500)}\n`);
      sent = await this.#append(job, sent, bytes);
    }
    if (job.job_info.name === 'a') await this.#upload(job);
    await this.#finish(job);
  }

  async #append(job: JobPayload, offset: number, bytes: Buffer<ArrayBuffer>): Promise<number> {
    for (;;) {
      const answer = await this.#send('PATCH', `/jobs/${job.id}/trace`, {
        'job-token': job.token,
        'content-type': 'text/plain',
        'content-range': `${offset}-${offset + bytes.length - 1}`,
        body: bytes,
      });
      if (answer === null) continue;
      if (answer.status === 202) {
        const before = this.#known.traces.get(job.id) ?? Buffer.alloc(0);
        this.#known.traces.set(job.id, Buffer.concat([before.subarray(0, offset), bytes]));
        return offset + bytes.length;
      }
      assert.equal(answer.status, 416, `PATCH answered ${answer.status}`);
      // The answer to the same bytes was lost: they are there, and no more than was sent.
      const stored = Number(answer.headers.get('range')?.split('-')[1]);
      assert.equal(stored, offset + bytes.length);
      this.#known.traces.set(
        job.id,
        Buffer.concat([this.#known.traces.get(job.id) ?? Buffer.alloc(0), bytes]),
      );
      return stored;
    }
  }

  async #upload(job: JobPayload): Promise<void> {
    const content = await archiveOf(`artifact of ${job.id}`);
    for (;;) {
      const form = new FormData();
      form.set('file', new Blob([new Uint8Array(content)]), 'artifacts.zip');
      const answer = await this.#send('POST', `/jobs/${job.id}/artifacts`, {
        'job-token': job.token,
        body: form,
      });
      if (answer === null) continue;
      assert.equal(answer.status, 201);
      this.#known.artifacts.set(job.id, createHash('sha256').update(content).digest('hex'));
      return;
    }
  }

  async #finish(job: JobPayload): Promise<void> {
    for (;;) {
      const answer = await this.#send('PUT', `/jobs/${job.id}`, {
        'content-type': 'application/json',
        body: JSON.stringify({ token: job.token, state: 'success' }),
      });
      if (answer === null) continue;
      // 403: it was stored, and the answer was lost.
      assert.ok(
        answer.status === 200 || answer.headers.get('job-status') === 'success',
        String(answer.status),
      );
      this.#known.finals.set(job.id, 'success');
      return;
    }
  }

  /** Null when the server was killed under the request, or is away. */
  async #send(
    method: string,
    path: string,
    { body, ...headers }: { body: string | Buffer<ArrayBuffer> | FormData } & Record<string, unknown>,
  ): Promise<Response | null> {
    try {
      const response = await fetch(`${this.#url}/api/v4${path}`, {
        method,
        headers: headers as Record<string, string>,
        body: body instanceof Buffer ? new Uint8Array(body) : body,
        signal: AbortSignal.timeout(5000),
      });
      if (response.status < 500) return response;
      await response.body?.cancel();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return null;
  }
}

async function archiveOf(text: string): Promise<Buffer> {
  const { ZipFile } = await import('yazl');
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(text), 'x');
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

for (const engine of ENGINES) {
  describe(`a server that is killed under load, ${ROUNDS} times (${engine})`, () => {
    it(
      'loses nothing that it acknowledged, hands no job out twice, and every pipeline ends',
      { timeout: 280_000 },
      () => killAndCheck(engine),
    );
  });
}

async function killAndCheck(engine: Engine): Promise<void> {
  const data = temporaryDirectory();
  const database = engine === 'postgres' ? await createPostgresDatabase() : null;
  const options = {
    data,
    port: await freePort(),
    environment: database === null ? {} : { TEASPOON_DATABASE_URL: database.url },
  };
  let server: SpawnedServer = await spawnServer(options);
  const known = new Acknowledged();
  const { body } = await server.api<{ token: string }>('POST', '/user/runners', {
    body: { runner_type: 'instance_type' },
  });
  const runners = Array.from({ length: RUNNERS }, () => new CrashRunner(server.url, body.token, known));
  const running = runners.map((runner) => runner.run());
  const pusher = new Pusher(join(data, 'work'), server.gitUrl('root/app'), known);
  const pushing = pusher.run();

  try {
    for (let round = 0; round < ROUNDS; round++) {
      const life = LIFE_MS[0] + Math.random() * (LIFE_MS[1] - LIFE_MS[0]);
      await new Promise((resolve) => setTimeout(resolve, life));
      await server.end('SIGKILL');
      server = await spawnServer(options);
    }
    pusher.stop();
    await pushing;
    await check(server, known, runners, running);
    await server.end();
    await database?.drop();
    rmSync(data, { recursive: true, force: true });
  } finally {
    // After a failure everything ends and the data stays, to be looked at.
    pusher.stop();
    for (const runner of runners) runner.stop();
    await server.end('SIGKILL');
  }
}

/** Commits and pushes all the time; a push counts when git says that it went well. */
class Pusher {
  readonly #git: GitClient;
  readonly #url: string;
  readonly #known: Acknowledged;
  #stopped = false;

  constructor(directory: string, url: string, known: Acknowledged) {
    this.#git = new GitClient(directory);
    this.#url = url;
    this.#known = known;
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    await this.#git.ok('init', '-q', '.');
    await this.#git.commit({ '.gitlab-ci.yml': CONFIG });
    for (let number = 0; !this.#stopped; number++) {
      const sha = await this.#git.commit({ number: String(number) }, `Commit ${number}`);
      const { code } = await this.#git.run('push', '-q', this.#url, `HEAD:refs/heads/b${number}`);
      if (code === 0) this.#known.pushes.push(sha);
    }
  }
}

interface Listed {
  id: number;
  status: string;
  sha: string;
  started_at: string;
}

async function check(
  server: SpawnedServer,
  known: Acknowledged,
  runners: CrashRunner[],
  running: Promise<void>[],
): Promise<void> {
  const project = '/projects/root%2Fapp';
  assert.ok(known.pushes.length > 0 && known.finals.size > 0, 'there was load');
  const pipelines = await all<Listed>(server, `${project}/pipelines`);
  const shas = new Set(pipelines.map((pipeline) => pipeline.sha));
  assert.deepEqual(
    known.pushes.filter((sha) => !shas.has(sha)),
    [],
    'pushes without a pipeline',
  );
  assert.equal(shas.size, pipelines.length, 'pushes with two pipelines');

  // A job whose hand-out was lost on the wire is silent; a user ends it, as the clock would after an hour.
  await until(
    'every pipeline to end',
    async () => {
      const open = (await all<Listed>(server, `${project}/jobs`)).filter((job) => job.status === 'running');
      for (const job of open) {
        const lost = Date.now() - Date.parse(job.started_at) > LOST_AFTER_MS && !known.handedOut.has(job.id);
        if (lost) await server.api('POST', `${project}/jobs/${job.id}/cancel`);
      }
      const left = (await all<Listed>(server, `${project}/pipelines`)).filter(
        (pipeline) => !['success', 'canceled', 'failed'].includes(pipeline.status),
      );
      return left.length === 0 || undefined;
    },
    { limitMs: 120_000, pauseMs: 1000 },
  );
  for (const runner of runners) runner.stop();
  await Promise.all(running);

  assert.deepEqual(
    [...known.handedOut].filter(([, times]) => times > 1),
    [],
    'jobs handed out twice',
  );
  const jobs = new Map((await all<Listed>(server, `${project}/jobs`)).map((job) => [job.id, job]));
  for (const [id, state] of known.finals) assert.equal(jobs.get(id)?.status, state);
  for (const [id, bytes] of known.traces) {
    const stored = (await server.api('GET', `${project}/jobs/${id}/trace`)).bytes;
    assert.deepEqual(stored, bytes, `log of job ${id}`);
  }
  for (const [id, sha256] of known.artifacts) {
    const stored = (await server.api('GET', `${project}/jobs/${id}/artifacts`)).bytes;
    assert.equal(createHash('sha256').update(stored).digest('hex'), sha256, `archive of job ${id}`);
  }
}

async function all<T>(server: SpawnedServer, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1; ; page++) {
    const { status, body } = await server.api<T[]>('GET', `${path}?per_page=100&page=${page}`);
    assert.equal(status, 200, `${JSON.stringify(body)} ${server.output()}`);
    items.push(...body);
    if (body.length < 100) return items;
  }
}
