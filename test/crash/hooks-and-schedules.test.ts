import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Database, openPostgresDatabase, openSqliteDatabase } from '../../src/db/database.ts';
import { ENGINES, type Engine } from '../databases.ts';
import { openHookReceiver, type Told } from '../hook-receiver.ts';
import { createPostgresDatabase } from '../postgres.ts';
import { ScriptedRunner } from '../scripted-runner.ts';
import { freePort, type SpawnedServer, spawnServer, temporaryDirectory } from '../spawn-server.ts';
import { until } from '../until.ts';

const ROUNDS = 4;
/** Long enough that a killed server leaves events unsent, milliseconds. */
const SLOW_MS = 30;
const CONFIG = 'a: {script: [x]}\nb: {script: [x]}\nc: {script: [x], stage: deploy}\n';

/** A place whose server is killed and started again; `open` reads and writes its database while it is down. */
interface Place {
  start(): Promise<SpawnedServer>;
  open(): Promise<Database>;
}

for (const engine of ENGINES) {
  describe(`a server killed again and again (${engine})`, () => {
    it('tells webhooks of every change of a job, in order', () => inPlace(engine, hooksAreTold));
    it('runs each schedule once for each time it was due', () => inPlace(engine, schedulesRunOnce));
  });
}

async function inPlace(engine: Engine, work: (place: Place) => Promise<void>): Promise<void> {
  const data = temporaryDirectory();
  const port = await freePort();
  const database = engine === 'postgres' ? await createPostgresDatabase() : null;
  const environment: Record<string, string> =
    database === null ? {} : { TEASPOON_DATABASE_URL: database.url };
  const started: SpawnedServer[] = [];
  try {
    await work({
      start: async () => {
        const server = await spawnServer({ data, port, environment });
        started.push(server);
        return server;
      },
      open: async () =>
        database === null
          ? openSqliteDatabase(join(data, 'teaspoon.sqlite'))
          : openPostgresDatabase(database.url),
    });
  } finally {
    for (const server of started) await server.end('SIGKILL');
    await database?.drop();
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A project with a configuration; its id. */
async function makeProject(server: SpawnedServer): Promise<number> {
  const made = await server.api<{ id: number }>('POST', '/projects', { body: { name: 'app' } });
  const path = `/projects/${made.body.id}/repository/files/.gitlab-ci.yml`;
  const body = { branch: 'main', content: CONFIG, commit_message: 'A change' };
  assert.equal((await server.api('POST', path, { body })).status, 201);
  return made.body.id;
}

async function hooksAreTold(place: Place): Promise<void> {
  const receiver = await openHookReceiver(SLOW_MS);
  try {
    let server = await place.start();
    await server.api('PUT', '/application/settings', {
      body: { allow_local_requests_from_web_hooks_and_services: true },
    });
    const project = await makeProject(server);
    await server.api('POST', `/projects/${project}/pipelines/1/cancel`);
    const hook = { url: receiver.url, push_events: false, job_events: true };
    assert.equal((await server.api('POST', `/projects/${project}/hooks`, { body: hook })).status, 201);
    const made = await server.api<{ token: string }>('POST', '/user/runners', {
      body: { runner_type: 'project_type', project_id: project, run_untagged: true },
    });
    const runner = new ScriptedRunner(server.url, made.body.token);
    const jobs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await server.api('POST', `/projects/${project}/pipeline`, { body: { ref: 'main' } });
      for (let job = 0; job < 3; job++) {
        const held = await runner.take();
        await runner.succeed(held);
        jobs.push(held.id);
      }
      await server.end('SIGKILL');
      server = await place.start();
    }
    const changes = jobs.length * 4;
    const distinct = await until('every change', async () => {
      const seen = firstOfEach(receiver.told);
      return seen.length >= changes ? seen : undefined;
    });
    for (const id of jobs) {
      const statuses = distinct
        .filter(({ json }) => json.build_id === id)
        .map(({ json }) => json.build_status);
      assert.deepEqual(statuses, ['created', 'pending', 'running', 'success'], `job ${id}`);
    }
    assert.equal(distinct.length, changes);
  } finally {
    await receiver.close();
  }
}

/** What is told twice has the same key and the same body. */
function firstOfEach(told: readonly Told[]): Told[] {
  const byKey = new Map<string, Told>();
  for (const one of told) {
    const key = String(one.headers['idempotency-key']);
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, one);
    else assert.equal(one.text, known.text);
  }
  return [...byKey.values()];
}

async function schedulesRunOnce(place: Place): Promise<void> {
  const first = await place.start();
  const project = await makeProject(first);
  const made = await first.api<{ id: number }>('POST', `/projects/${project}/pipeline_schedules`, {
    body: { description: 'd', ref: 'main', cron: '0 0 1 1 *' },
  });
  await first.end('SIGKILL');
  let moved = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await inDatabase(place, (db) => makeDue(db, made.body.id));
    const server = await place.start();
    // Somewhere around the first round of the duty.
    await setTimeout(2900 + round * 120);
    await server.end('SIGKILL');
    await inDatabase(place, async (db) => {
      const { nextRunAt, runs, pipelines } = await stateOf(db, made.body.id, project);
      if (nextRunAt > 1) moved++;
      assert.deepEqual([runs, pipelines], [moved, moved], `round ${round}`);
    });
  }
  await inDatabase(place, (db) => makeDue(db, made.body.id));
  const last = await place.start();
  const path = `/projects/${project}/pipeline_schedules/${made.body.id}/pipelines`;
  await until('the last run', async () => {
    const listed = await last.api<unknown[]>('GET', path);
    return listed.body.length === moved + 1 || undefined;
  });
}

async function inDatabase(place: Place, work: (db: Database) => Promise<void>): Promise<void> {
  const db = await place.open();
  await work(db).finally(() => db.close());
}

async function makeDue(db: Database, id: number): Promise<void> {
  await db.transaction(async ({ sql }) => {
    await sql.updateTable('pipeline_schedules').set({ next_run_at: 1 }).where('id', '=', id).execute();
    await sql.updateTable('duties').set({ last_run_at: 0, claimed_until: 0 }).execute();
  });
}

async function stateOf(db: Database, id: number, projectId: number) {
  const { sql } = db.read;
  const schedule = await sql
    .selectFrom('pipeline_schedules')
    .select('next_run_at')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const runs = await sql.selectFrom('pipeline_schedule_runs').selectAll().execute();
  const pipelines = await sql
    .selectFrom('pipelines')
    .select('id')
    .where('project_id', '=', projectId)
    .where('source', '=', 'schedule')
    .execute();
  return { nextRunAt: schedule.next_run_at, runs: runs.length, pipelines: pipelines.length };
}
