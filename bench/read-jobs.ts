/**
 * Reads jobs over HTTP, 50 connections, from a project with 1,000 jobs and one with 1,000,000 in the same database, beside a bare
 * node:http server that sends the same bytes. Prints requests a second and the ratios (budgets: one job >= 0.12 of
 * node:http; any scope within 2 x of none; the same at 1,000 and 1,000,000).
 *
 *     node bench/read-jobs.ts [sqlite|postgres] [jobs of the large project] [seconds a round]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, type RequestOptions, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { encodeCursor } from '../src/api/pagination.ts';
import { type Database, openPostgresDatabase, openSqliteDatabase } from '../src/db/database.ts';
import { startServer } from '../src/server.ts';
import { readSettings } from '../src/settings.ts';
import { must } from '../test/conformance/jobs-api/target.ts';
import { type CaseProject, World } from '../test/conformance/jobs-api/world.ts';
import { startCluster } from '../test/postgres.ts';

const CONNECTIONS = 50;
const JOBS_A_PIPELINE = 10;
const TOKEN = 'glpat-root-token-of-the-benchmark';
const SMALL = 1000;

function settingsFor(data: string, databaseUrl: string | undefined) {
  const url = databaseUrl ? ['--database-url', databaseUrl] : [];
  const words = [
    '--port',
    '0',
    '--data',
    data,
    '--runner',
    'off',
    '--root-token',
    TOKEN,
    '--log-level',
    'error',
  ];
  return readSettings([...words, ...url], {});
}

async function serve(): Promise<void> {
  const server = await startServer(settingsFor(process.env.BENCH_DATA!, process.env.BENCH_DATABASE));
  console.log(new URL(server.url).port);
  process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
}

/** Sends whatever it was last given, for every path. */
async function serveBare(): Promise<void> {
  let body: Buffer = Buffer.alloc(0);
  const server = createServer((incoming, response) => {
    if (incoming.method === 'PUT') {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        body = Buffer.concat(parts);
        response.end();
      });
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  console.log((server.address() as AddressInfo).port);
}

async function main(engine: 'sqlite' | 'postgres', jobs: number, roundSeconds: number): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'teaspoon-read-jobs-'));
  const cluster = engine === 'postgres' ? await startCluster({ durable: true }) : null;
  const children: ChildProcess[] = [];
  try {
    const projects = await fill(data, cluster?.url, jobs);
    const env = { BENCH_DATA: data, BENCH_DATABASE: cluster?.url ?? '' };
    const ours = await start('serve', env, children);
    const bare = await start('bare', {}, children);
    await measureAll({ ours, bare, roundSeconds }, projects, engine);
  } finally {
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve))));
    cluster?.stop();
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function start(kind: string, env: Record<string, string>, children: ChildProcess[]): Promise<number> {
  const child = spawn(process.execPath, [import.meta.filename, kind], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return new Promise((resolve) => child.stdout!.once('data', (line) => resolve(Number(String(line)))));
}

interface Filled {
  id: number;
  jobs: number;
  firstJob: number;
  lastJob: number;
}

/** Two projects, each with one real finished job that is then copied. */
async function fill(data: string, databaseUrl: string | undefined, jobs: number): Promise<Filled[]> {
  const server = await startServer(settingsFor(data, databaseUrl));
  const target = { url: server.url, token: TOKEN };
  await must(target, 'PUT', '/application/settings', { project_jobs_api_rate_limit: 0 });
  const world = await World.open(target);
  const made: CaseProject[] = [];
  for (const _ of [SMALL, jobs]) {
    const project = await world.addProject();
    await project.pipeline('a: {script: [x], tags: []}', 'main');
    const job = await project.take('a');
    await project.runner.append(job, 'a line\n');
    await project.runner.succeed(job);
    await server.rooms.traces.archive(job.id, project.id, Date.now());
    made.push(project);
  }
  world.close();
  await server.close();
  const db = databaseUrl
    ? await openPostgresDatabase(databaseUrl)
    : openSqliteDatabase(join(data, 'teaspoon.sqlite'));
  const filled: Filled[] = [];
  for (const [index, count] of [SMALL, jobs].entries()) {
    const startedAt = performance.now();
    filled.push(await copyJobs(db, made[index]!, count));
    const took = Math.round((performance.now() - startedAt) / 1000);
    if (took > 1) console.log(`${count} jobs stored in ${took} s`);
  }
  // As autovacuum would after a while.
  if (databaseUrl) await db.transaction(async (tx) => void (await sql.raw('analyze').execute(tx.sql)));
  await db.close();
  return filled;
}

/** Copies the project's only job into pipelines of 10, nine of ten successful, each with an archived log. */
async function copyJobs(db: Database, project: CaseProject, count: number): Promise<Filled> {
  const { pipeline, a: job } = project.names;
  const pipelines = Math.ceil(count / JOBS_A_PIPELINE);
  const series = (n: number) =>
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${n})`;
  const insert = async (table: string, from: string, changed: Record<string, string>, prefix = '') => {
    const tables = await db.read.sql.introspection.getTables();
    const columns = tables.find(({ name }) => name === table)!.columns.map(({ name }) => name);
    const kept = columns.filter((name) => name !== 'id');
    const values = kept.map((name) => changed[name] ?? `t."${name}"`);
    const names = kept.map((name) => `"${name}"`).join(', ');
    const text = `insert into ${table} (${names}) ${prefix} select ${values.join(', ')} from ${from}`;
    await db.transaction(async (tx) => void (await sql.raw(text).execute(tx.sql)));
  };
  const copies = `pipelines p where p.project_id = ${project.id} and p.iid > 1000`;
  await insert(
    'pipelines',
    `pipelines t, n where t.id = ${pipeline} order by n.i`,
    { iid: '1000 + n.i', locked: '0' },
    series(pipelines),
  );
  await insert('stages', `stages t, ${copies} and t.pipeline_id = ${pipeline} order by p.id`, {
    pipeline_id: 'p.id',
  });
  const number = '((p.iid * 10 + n.i) % 100)';
  await insert(
    'jobs',
    `jobs t, n, stages s, ${copies} and t.id = ${job} and s.pipeline_id = p.id order by p.id, n.i`,
    {
      pipeline_id: 'p.id',
      stage_id: 's.id',
      status: `case when ${number} < 90 then 'success' when ${number} < 98 then 'failed' else 'canceled' end`,
      created_at: 't.created_at + p.iid',
    },
    series(JOBS_A_PIPELINE),
  );
  await insert(
    'artifacts',
    `artifacts t, jobs j where t.job_id = ${job} and j.project_id = ${project.id} and j.id <> ${job}`,
    {
      job_id: 'j.id',
      store_key: "'bench' || j.id",
    },
  );
  const { rows } = await sql
    .raw<{ first: number; last: number; jobs: number }>(
      `select min(case when id <> ${job} then id end) as first, max(id) as last, count(*) as jobs from jobs where project_id = ${project.id}`,
    )
    .execute(db.read.sql);
  const { first, last, jobs } = rows[0]!;
  return { id: project.id, jobs: Number(jobs), firstJob: Number(first), lastJob: Number(last) };
}

interface Bench {
  ours: number;
  bare: number;
  roundSeconds: number;
}

async function measureAll(bench: Bench, [small, big]: Filled[], engine: string): Promise<void> {
  console.log(`\n${engine}: ${small!.jobs} and ${big!.jobs} jobs, ${CONNECTIONS} connections`);
  console.log(
    'request'.padEnd(34),
    'small/s',
    ' large/s',
    'large/small',
    'node:http/s',
    'of node:http',
    'of no scope',
  );
  let unscoped = 0;
  for (const [name, path] of REQUESTS) {
    const rates: number[] = [];
    for (const project of [small!, big!])
      rates.push(await rate(bench.ours, () => path(project), bench.roundSeconds));
    await give(bench.bare, await get(bench.ours, path(big!)));
    const bare = await rate(bench.bare, () => '/', bench.roundSeconds);
    if (name === 'list') unscoped = rates[1]!;
    const scope = name.startsWith('list') ? (rates[1]! / unscoped).toFixed(2) : '';
    console.log(
      name.padEnd(34),
      rates[0]!.toFixed(0).padStart(7),
      rates[1]!.toFixed(0).padStart(8),
      (rates[1]! / rates[0]!).toFixed(2).padStart(11),
      bare.toFixed(0).padStart(11),
      (rates[1]! / bare).toFixed(3).padStart(12),
      scope.padStart(11),
    );
  }
}

const list = (query: string) => (project: Filled) => `/api/v4/projects/${project.id}/jobs?${query}`;

const REQUESTS: readonly [name: string, path: (project: Filled) => string][] = [
  ['one job', ({ id, firstJob, lastJob }) => `/api/v4/projects/${id}/jobs/${between(firstJob, lastJob)}`],
  ['list', list('per_page=20')],
  ['list, one scope', list('per_page=20&scope=success')],
  ['list, a rare scope', list('per_page=20&scope=canceled')],
  ['list, two scopes', list('per_page=20&scope[]=success&scope[]=failed')],
  ['list, a scope no job has', list('per_page=20&scope=preparing')],
  ['list, one there is and one not', list('per_page=20&scope[]=failed&scope[]=waiting_for_resource')],
  [
    'keyset page anywhere',
    (p) =>
      list(`pagination=keyset&per_page=20&cursor=${encodeCursor({ id: between(p.firstJob, p.lastJob) })}`)(p),
  ],
  [
    'keyset page at the end',
    (p) => list(`pagination=keyset&per_page=20&cursor=${encodeCursor({ id: p.firstJob + 30 })}`)(p),
  ],
];

function between(first: number, last: number): number {
  return first + Math.floor(Math.random() * (last - first));
}

/** Answers a second, all of them read whole. Throws when one is not 200. */
async function rate(port: number, path: () => string, roundSeconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  await round(port, agent, path, 0.5);
  const startedAt = performance.now();
  const answers = await round(port, agent, path, roundSeconds);
  const took = (performance.now() - startedAt) / 1000;
  agent.destroy();
  return answers / took;
}

async function round(port: number, agent: Agent, path: () => string, roundSeconds: number): Promise<number> {
  const until = performance.now() + roundSeconds * 1000;
  let answers = 0;
  const connection = async () => {
    while (performance.now() < until) {
      await get(port, path(), agent);
      answers++;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return answers;
}

function get(port: number, path: string, agent?: Agent): Promise<Buffer> {
  return ask({ port, path, headers: { 'private-token': TOKEN }, ...(agent ? { agent } : {}) });
}

async function give(port: number, body: Buffer): Promise<void> {
  await ask({ port, path: '/', method: 'PUT' }, body);
}

function ask(options: RequestOptions, body?: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', ...options }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const bytes = Buffer.concat(parts);
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`${response.statusCode} ${bytes}`));
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

const [mode = 'sqlite', large = '1000000', seconds = '2'] = process.argv.slice(2);
if (mode === 'serve') await serve();
else if (mode === 'bare') await serveBare();
else await main(mode as 'sqlite' | 'postgres', Number(large), Number(seconds));
