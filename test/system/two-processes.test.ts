import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startServer, type TeaspoonServer } from '../../src/server.ts';
import { readSettings } from '../../src/settings.ts';
import { ENGINES } from '../databases.ts';
import { compositeOf } from '../model/naive-pipeline.ts';
import { createPostgresDatabase } from '../postgres.ts';
import { ScriptedRunner } from '../scripted-runner.ts';
import { callApi, ROOT_TOKEN } from '../start-server.ts';
import { until } from '../until.ts';

/** Runners, half of them at each server. */
const RUNNERS = 8;
const LAYERS = 6;
const WIDTH = 12;
/** Jobs of a pipeline that is processed in parts. */
const LARGE = 1500;

type Status = Parameters<typeof compositeOf>[0][number]['status'];

interface Job {
  id: number;
  name: string;
  stage: string;
  status: Status;
  allow_failure: boolean;
}

/** Layers of stages; every third job needs two of the layer before, so that both ways of waiting meet. */
function configuration(): string {
  const stages = Array.from({ length: LAYERS }, (_, layer) => `s${layer}`);
  const jobs = stages.flatMap((stage, layer) =>
    Array.from({ length: WIDTH }, (_, index) => {
      const needs = [index, (index + 5) % WIDTH].map((other) => `j${layer - 1}-${other}`);
      const waits = layer > 0 && index % 3 === 0 ? `, needs: [${needs.join(', ')}]` : '';
      const group = index === 1 ? ', resource_group: site' : '';
      return `j${layer}-${index}: {stage: ${stage}, script: [make]${waits}${group}}`;
    }),
  );
  return `stages: [${stages.join(', ')}]\n${jobs.join('\n')}\n`;
}

describe('two servers on one database', { skip: !ENGINES.includes('postgres') }, () => {
  const servers: TeaspoonServer[] = [];
  let data: string;
  let drop: () => Promise<void>;
  before(async () => {
    data = mkdtempSync(join(tmpdir(), 'teaspoon-two-'));
    const database = await createPostgresDatabase();
    drop = database.drop;
    const words = ['--port', '0', '--data', data, '--runner', 'off', '--log-level', 'error'].concat(
      ['--root-token', ROOT_TOKEN, '--root-password', 'a password of the tests'],
      ['--database-url', database.url],
    );
    for (let count = 0; count < 2; count++) servers.push(await startServer(readSettings(words, {})));
  });
  after(async () => {
    for (const server of servers) await server.close();
    await drop();
    rmSync(data, { recursive: true, force: true });
  });

  let calls = 0;
  /** Asks one server, then the other. */
  async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { url } = servers[calls++ % 2]!;
    const answer = await callApi<T>(url, method, path, body === undefined ? {} : { body });
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
  async function jobsOf(path: string): Promise<Job[]> {
    return api<Job[]>('GET', `${path}/jobs?per_page=100`);
  }

  it('bring the same pipeline to its end together, with failures, retries and a cancel on the way', async () => {
    const { id } = await api<{ id: number }>('POST', '/projects', { name: 'app' });
    const actions = [{ action: 'create', file_path: '.gitlab-ci.yml', content: configuration() }];
    const commit = { branch: 'main', commit_message: '[skip ci]', actions };
    await api('POST', `/projects/${id}/repository/commits`, commit);
    const made = await api<{ id: number }>('POST', `/projects/${id}/pipeline`, { ref: 'main' });
    const path = `/projects/${id}/pipelines/${made.id}`;
    const { token } = await api<{ token: string }>('POST', '/user/runners', { runner_type: 'instance_type' });

    const handedOut = new Map<number, number>();
    const failedOnce = new Set<string>();
    let over = false;
    const work = async (index: number): Promise<void> => {
      const runner = new ScriptedRunner(servers[index % 2]!.url, token);
      while (!over) {
        runner.lastUpdate = null;
        const { job } = await runner.request();
        if (job === null) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          continue;
        }
        handedOut.set(job.id, (handedOut.get(job.id) ?? 0) + 1);
        const { name } = job.payload.job_info;
        // One job of each layer fails the first time; whoever saw it has the other server retry it.
        if (name.endsWith('-4') && !failedOnce.has(name)) {
          failedOnce.add(name);
          await runner.fail(job);
          await api('POST', `/projects/${id}/jobs/${job.id}/retry`);
        } else await runner.succeed(job);
      }
    };
    const working = Array.from({ length: RUNNERS }, (_, index) => work(index));
    const watching = (async () => {
      while (!over) {
        const { status } = await api<{ status: string }>('GET', path);
        if (status === 'success') over = true;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const canceled = (await jobsOf(path)).find(({ name }) => name === `j${LAYERS - 1}-7`)!;
    await api('POST', `/projects/${id}/jobs/${canceled.id}/cancel`);
    await api('POST', `/projects/${id}/jobs/${canceled.id}/retry`);
    await Promise.all([...working, watching]);

    const jobs = await jobsOf(path);
    assert.equal(jobs.length, LAYERS * WIDTH);
    assert.deepEqual(
      jobs.filter(({ status }) => status !== 'success'),
      [],
    );
    assert.equal(failedOnce.size, LAYERS);
    assert.deepEqual(
      [...handedOut].filter(([, times]) => times !== 1),
      [],
      'every attempt was handed out once',
    );
    const stages = await servers[0]!.rooms.db.read.sql
      .selectFrom('stages')
      .select(['name', 'status'])
      .where('pipeline_id', '=', made.id)
      .execute();
    for (const { name, status } of stages) {
      const own = jobs.filter(({ stage }) => stage === name);
      assert.equal(
        status,
        compositeOf(own.map((job) => ({ status: job.status, allowFailure: job.allow_failure }))),
      );
    }
    const waiting = await servers[1]!.rooms.db.read.sql.selectFrom('queue_entries').selectAll().execute();
    assert.deepEqual(waiting, []);
  });

  it('let in nobody whose token was revoked or whose membership ended, however many ask at this moment', async () => {
    const { id } = await api<{ id: number }>('POST', '/projects', { name: 'private' });
    const person = {
      username: 'ann',
      name: 'Ann',
      email: 'ann@example.com',
      password: 'a long password of ann',
    };
    const ann = await api<{ id: number }>('POST', '/users', { ...person, skip_confirmation: true });
    await api('POST', `/projects/${id}/members`, { user_id: ann.id, access_level: 30 });
    const made = { name: 'hers', scopes: ['api'] };
    const { id: tokenId, token } = await api<{ id: number; token: string }>(
      'POST',
      `/users/${ann.id}/personal_access_tokens`,
      made,
    );
    let expected = 200;
    let over = false;
    let asked = 0;
    const ask = async (index: number): Promise<void> => {
      while (!over) {
        const before = expected;
        const { status } = await callApi(servers[index % 2]!.url, 'GET', `/projects/${id}/jobs`, { token });
        // What was asked while the change was made may be answered either way.
        if (before === expected) assert.equal(status, expected);
        asked++;
      }
    };
    const people = Promise.all(Array.from({ length: 20 }, (_, index) => ask(index)));
    const untilAsked = async (): Promise<void> => {
      const enough = asked + 60;
      await Promise.race([people, until('60 more answers', async () => asked > enough || undefined)]);
    };
    const change = async (status: number, method: string, path: string): Promise<void> => {
      expected = Number.NaN;
      await api(method, path);
      expected = status;
      await untilAsked();
    };
    try {
      await untilAsked();
      await change(404, 'DELETE', `/projects/${id}/members/${ann.id}`);
      await change(401, 'DELETE', `/personal_access_tokens/${tokenId}`);
    } finally {
      over = true;
      await people;
    }
  });

  it('go on with the same large pipeline, and every job comes to the queue once', async () => {
    const { id } = await api<{ id: number }>('POST', '/projects', { name: 'large' });
    const jobs = Array.from({ length: LARGE }, (_, index) => `j${index}: {script: [make ${index}]}`);
    const actions = [{ action: 'create', file_path: '.gitlab-ci.yml', content: jobs.join('\n') }];
    const commit = { branch: 'main', commit_message: '[skip ci]', actions };
    await api('POST', `/projects/${id}/repository/commits`, commit);
    const made = await Promise.all(
      [0, 1].map(() => api<{ id: number }>('POST', `/projects/${id}/pipeline`, { ref: 'main' })),
    );
    const { sql } = servers[0]!.rooms.db.read;
    await until('all jobs to wait', async () => {
      const entries = await sql.selectFrom('queue_entries').select('job_id').execute();
      return entries.length === 2 * LARGE || undefined;
    });
    const rows = await sql
      .selectFrom('jobs')
      .select(['status', 'queued_at'])
      .where(
        'pipeline_id',
        'in',
        made.map((one) => one.id),
      )
      .execute();
    assert.equal(rows.length, 2 * LARGE);
    assert.ok(rows.every((row) => row.status === 'pending' && row.queued_at !== null));
    for (const one of made) await api('POST', `/projects/${id}/pipelines/${one.id}/cancel`);
    assert.deepEqual(await sql.selectFrom('queue_entries').selectAll().execute(), []);
  });
});
