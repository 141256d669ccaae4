/**
 * Jobs handed out per second over HTTP, durably, by how many wait and how much has finished, beside what the disk or the
 * database could do at best in the same run (design 7). `node bench/dispatch.ts [sqlite|postgres|all] [waiting …]`
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { sql } from 'kysely';
import pg from 'pg';
import pino from 'pino';
import { buildHttp } from '../src/api/http.ts';
import { Metrics } from '../src/api/metrics.ts';
import type { Rooms } from '../src/api/rooms.ts';
import { routes } from '../src/api/routes.ts';
import { type Database, openPostgresDatabase, openSqliteDatabase } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import type { Tx } from '../src/db/transaction.ts';
import { enqueue } from '../src/queue/enqueue.ts';
import { RunnerWaiting } from '../src/queue/wait.ts';
import { registerRunner } from '../src/runner/register.ts';
import { PipelineWorld } from '../test/pipeline-world.ts';
import { startCluster } from '../test/postgres.ts';

const PIPELINE = 100;
const CLAIMS = Number(process.env.CLAIMS ?? 600);
const CLIENTS = 8;
const HISTORY = Number(process.env.HISTORY ?? 100_000);

interface Load {
  port: number;
  tokens: string[];
  claims: number;
}

if (isMainThread) await main();
else parentPort!.postMessage(await drive(workerData as Load));

async function main(): Promise<void> {
  const words = process.argv.slice(2);
  const engine = words.find((word) => /^[a-z]+$/.test(word)) ?? 'sqlite';
  const numbers = words.map(Number).filter((n) => n > 0);
  const sizes = numbers.length > 0 ? numbers : [100, 1000, 10_000, 100_000];
  if (engine !== 'postgres') await measure('sqlite', sizes);
  if (engine !== 'sqlite') await measure('postgres', sizes);
}

async function measure(engine: 'sqlite' | 'postgres', sizes: number[]): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bench-'));
  const cluster = engine === 'postgres' ? await startCluster({ durable: true }) : null;
  try {
    for (const waiting of sizes) {
      const db =
        cluster === null
          ? openSqliteDatabase(join(directory, `${waiting}.sqlite`))
          : await openPostgresDatabase(await freshDatabase(cluster.url, waiting));
      await migrate(db);
      const limit =
        cluster === null ? appendLoop(join(directory, 'append')) : await skipLockedLoop(cluster.url, waiting);
      const rate = await dispatchRate(db, waiting);
      const peer = engine === 'sqlite' ? 'append+fdatasync' : 'raw SKIP LOCKED, 16 connections';
      console.log(
        `${engine}, ${waiting} waiting, ${HISTORY} finished: ${rate.toFixed(0)} claims/s; ` +
          `${peer}: ${limit.toFixed(0)}/s; ratio ${(rate / limit).toFixed(2)}`,
      );
      await db.close();
    }
  } finally {
    cluster?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function dispatchRate(db: Database, waiting: number): Promise<number> {
  const world = await PipelineWorld.open(db);
  const names = Array.from({ length: PIPELINE }, (_, i) => `job ${i}: {script: [echo ${i}]}`);
  await world.push({ '.gitlab-ci.yml': names.join('\n') });
  const made = await world.create();
  if (made.kind !== 'created') throw new Error(JSON.stringify(made));
  await copyPipelines(db, made.pipelineId, Math.ceil(HISTORY / PIPELINE), 'success');
  await copyPipelines(db, made.pipelineId, Math.ceil((waiting + CLAIMS) / PIPELINE), 'pending');
  if (db.capabilities.engine === 'postgres')
    await db.transaction((tx) => sql`analyze`.execute(tx.sql).then(() => {}));
  const rooms = {
    db,
    settings: { url: null },
    logger: pino({ level: 'error' }),
    encryption: world.encryption,
    repositories: world.repositories,
    waiting: new RunnerWaiting(db),
    metrics: new Metrics(),
  } as unknown as Rooms;
  const http = buildHttp(rooms, routes);
  await http.listen({ host: '127.0.0.1', port: 0 });
  const { port } = http.server.address() as AddressInfo;
  const tokens = await Promise.all(Array.from({ length: CLIENTS }, () => makeRunner(db)));
  await load({ port, tokens, claims: 100 });
  const seconds = await load({ port, tokens, claims: CLAIMS - 100 });
  rooms.waiting.close();
  await http.close();
  world.close();
  return (CLAIMS - 100) / seconds;
}

/** Copies a pipeline with its jobs in SQL, so that 100,000 jobs take seconds; pending copies go to the queue as ours do. */
async function copyPipelines(db: Database, pipelineId: number, count: number, status: string): Promise<void> {
  for (let done = 0; done < count; done += 50) {
    await db.transaction(async (tx) => {
      for (let i = done; i < Math.min(count, done + 50); i++) await copyPipeline(tx, pipelineId, status);
    });
  }
}

async function copyPipeline(tx: Tx, pipelineId: number, status: string): Promise<void> {
  const { id: _, ...pipeline } = await tx.sql
    .selectFrom('pipelines')
    .selectAll()
    .where('id', '=', pipelineId)
    .executeTakeFirstOrThrow();
  const { last } = await tx.sql
    .selectFrom('pipelines')
    .select((eb) => eb.fn.max('iid').as('last'))
    .executeTakeFirstOrThrow();
  const { id } = await tx.sql
    .insertInto('pipelines')
    .values({ ...pipeline, iid: Number(last) + 1, status: status === 'pending' ? 'pending' : 'success' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: __, ...stage } = await tx.sql
    .selectFrom('stages')
    .selectAll()
    .where('pipeline_id', '=', pipelineId)
    .executeTakeFirstOrThrow();
  const { id: stageId } = await tx.sql
    .insertInto('stages')
    .values({ ...stage, pipeline_id: id, status })
    .returning('id')
    .executeTakeFirstOrThrow();
  const jobs = await tx.sql.selectFrom('jobs').selectAll().where('pipeline_id', '=', pipelineId).execute();
  const copies = jobs.map(({ id: ___, ...job }) => ({ ...job, pipeline_id: id, stage_id: stageId, status }));
  for (let at = 0; at < copies.length; at += 20) {
    const rows = await tx.sql
      .insertInto('jobs')
      .values(copies.slice(at, at + 20))
      .returning(['id', 'project_id'])
      .execute();
    if (status !== 'pending') continue;
    const place = { groupIds: [], instanceRunners: true, groupRunners: true, protected: true, tags: [] };
    await enqueue(
      tx,
      rows.map((row) => ({ ...place, jobId: row.id, projectId: row.project_id, queuedAt: 0 })),
    );
  }
}

async function makeRunner(db: Database): Promise<string> {
  const attributes = {
    description: null,
    maintenanceNote: null,
    paused: false,
    locked: false,
    accessLevel: 'not_protected' as const,
    runUntagged: true,
    tags: [],
    maximumTimeoutSeconds: null,
  };
  const made = await db.transaction((tx) =>
    registerRunner(tx, { type: 'instance_type' }, attributes, { creatorId: null, now: Date.now() }),
  );
  if (!made.ok) throw new Error('no runner');
  return made.token;
}

/** Runs the clients in a thread of their own; gives seconds. */
function load(workerInput: Load): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: workerInput });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function drive({ port, tokens, claims }: Load): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const begun = performance.now();
  let left = claims;
  const client = async (token: string) => {
    while (left > 0) {
      left -= 1;
      const status = await post(agent, port, token);
      if (status !== 201) left += 1;
      if (status !== 201 && status !== 409) throw new Error(`answered ${status}`);
    }
  };
  await Promise.all(tokens.map(client));
  agent.destroy();
  return (performance.now() - begun) / 1000;
}

function post(agent: Agent, port: number, token: string): Promise<number> {
  const body = JSON.stringify({ token, system_id: 's_bench', info: { version: '19.4.0', features: {} } });
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const sent = request(
      { agent, host: '127.0.0.1', port, method: 'POST', path: '/api/v4/jobs/request', headers },
      (response) => {
        response.on('error', reject);
        response.on('end', () => resolve(response.statusCode!));
        response.resume();
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The best that a durable write after another can be: 1 KiB appended and synced, as often as it goes in 2 seconds. */
function appendLoop(path: string): number {
  const file = openSync(path, 'a');
  const bytes = Buffer.alloc(1024);
  const begun = performance.now();
  let count = 0;
  while (performance.now() - begun < 2000) {
    writeSync(file, bytes);
    fdatasyncSync(file);
    count += 1;
  }
  closeSync(file);
  return count / ((performance.now() - begun) / 1000);
}

async function freshDatabase(url: string, name: number): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create database bench_${name}`);
  await client.end();
  const fresh = new URL(url);
  fresh.pathname = `/bench_${name}`;
  return fresh.href;
}

/** A bare queue table and nothing else: how often 16 connections delete its first free row, durably. */
async function skipLockedLoop(url: string, waiting: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: 16 });
  await pool.query('drop table if exists bare; create table bare (id bigint primary key)');
  await pool.query('insert into bare select generate_series(1, $1::int)', [waiting + 20_000]);
  const begun = performance.now();
  let count = 0;
  const loop = async () => {
    while (performance.now() - begun < 2000) {
      await pool.query({
        name: 'take',
        text: 'delete from bare where id = (select id from bare order by id limit 1 for update skip locked)',
      });
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, loop));
  const rate = count / ((performance.now() - begun) / 1000);
  await pool.end();
  return rate;
}
