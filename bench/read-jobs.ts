/**
 * Reads jobs over HTTP, 50 connections, from a project with 1,000 jobs and one with 1,000,000 in the same database, beside a bare
 * node:http server that sends the same headers and bytes; each server is a process of its own, this one is the client. Prints
 * requests a second with the ratios (budgets: one job >= 0.12 of node:http; any scope within 2 x of none; the same at 1,000 and
 * 1,000,000), and what one answer costs in microseconds of the servers' and of PostgreSQL's processor time, which says more when
 * the machine is busy.
 *
 *     node bench/read-jobs.ts [sqlite|postgres] [jobs of the large project] [seconds a round] [part of a request's name]
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeCursor } from '../src/api/pagination.ts';
import { startCluster } from '../test/postgres.ts';
import { processorMsBelow, processorMsOf } from '../test/processor-time.ts';
import { CONNECTIONS, get, put, rate } from './read-jobs/client.ts';
import { type Filled, fill } from './read-jobs/fill.ts';
import { type Asked, repeated, start } from './read-jobs/servers.ts';

async function main(
  engine: 'sqlite' | 'postgres',
  jobs: number,
  seconds: number,
  some: string,
): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'teaspoon-read-jobs-'));
  const cluster = engine === 'postgres' ? await startCluster({ durable: true }) : null;
  const children: ChildProcess[] = [];
  try {
    const projects = await fill(data, cluster?.url, jobs);
    const env = { BENCH_DATA: data, BENCH_DATABASE: cluster?.url ?? '' };
    const ours = await start('ours', env, children);
    const bare = await start('bare', {}, children);
    const bench = { ours, bare, postgres: cluster?.pid ?? null, seconds, some };
    await measureAll(bench, projects, engine);
  } finally {
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve))));
    cluster?.stop();
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  }
}

interface Bench {
  ours: Asked;
  bare: Asked;
  postgres: number | null;
  seconds: number;
  some: string;
}

const HEADINGS = [
  'request'.padEnd(30),
  ...['small/s', 'large/s', 'large/small', 'node:http/s', 'of node:http', 'of no scope'],
  ...['us: ours', 'database', 'node:http'],
];

async function measureAll(bench: Bench, [small, big]: Filled[], engine: string): Promise<void> {
  console.log(`\n${engine}: ${small!.jobs} and ${big!.jobs} jobs, ${CONNECTIONS} connections`);
  console.log(HEADINGS.join('  '));
  let unscoped = 0;
  for (const [name, path] of REQUESTS) {
    if (!name.includes(bench.some)) continue;
    const few = await measure(bench, bench.ours, () => path(small!));
    const many = await measure(bench, bench.ours, () => path(big!));
    await put(bench.bare.port, repeated(await get(bench.ours.port, path(big!))));
    const bare = await measure(bench, bench.bare, () => '/');
    if (name === 'list') unscoped = many.perSecond;
    const row = [
      few.perSecond.toFixed(0),
      many.perSecond.toFixed(0),
      (many.perSecond / few.perSecond).toFixed(2),
      bare.perSecond.toFixed(0),
      (many.perSecond / bare.perSecond).toFixed(3),
      unscoped === 0 ? '' : (many.perSecond / unscoped).toFixed(2),
      many.serverUs.toFixed(0),
      many.databaseUs.toFixed(0),
      bare.serverUs.toFixed(0),
    ];
    const cells = row.map((text, at) => text.padStart(HEADINGS[at + 1]!.length));
    console.log([name.padEnd(HEADINGS[0]!.length), ...cells].join('  '));
  }
}

interface Measured {
  perSecond: number;
  /** Microseconds of a processor for each answer: of the server's process, and of PostgreSQL's. */
  serverUs: number;
  databaseUs: number;
}

async function measure(bench: Bench, { port, pid }: Asked, path: () => string): Promise<Measured> {
  const spent = () =>
    [processorMsOf(pid), bench.postgres === null ? 0 : processorMsBelow(bench.postgres)] as const;
  let before = spent();
  const { answers, perSecond } = await rate(port, path, bench.seconds, () => {
    before = spent();
  });
  const [serverUs, databaseUs] = spent().map((ms, at) => ((ms - before[at]!) * 1000) / answers);
  return { perSecond, serverUs: serverUs!, databaseUs: databaseUs! };
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

const [engine = 'sqlite', jobs = '1000000', seconds = '2', some = ''] = process.argv.slice(2);
await main(engine as 'sqlite' | 'postgres', Number(jobs), Number(seconds), some);
