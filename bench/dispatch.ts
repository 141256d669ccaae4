/**
 * Jobs handed out per second over HTTP, durably, to 64 scripted runners with mixed tags, by how many wait beside 1,000,000
 * finished ones, next to what the disk or the database could do at best in the same run (design 7), and what runners cost
 * that wait. `node bench/dispatch.ts [sqlite|postgres|all] [waiting …]`; `HISTORY`, `CLAIMS`, `IDLE` are other sizes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { buildHttp } from '../src/api/http.ts';
import { Metrics } from '../src/api/metrics.ts';
import type { Rooms } from '../src/api/rooms.ts';
import { routes } from '../src/api/routes.ts';
import { type Database, openPostgresDatabase, openSqliteDatabase } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { RunnerWaiting } from '../src/queue/wait.ts';
import { registerRunner } from '../src/runner/register.ts';
import { startCluster } from '../test/postgres.ts';
import { History, TAGS } from './dispatch/history.ts';
import { measureIdle } from './dispatch/idle.ts';
import { appendLoop, bareHandler, graphileWorker, skipLockedLoop } from './dispatch/peers.ts';
import { claimJobs } from './dispatch/runners.ts';

const RUNNERS = 64;
const CLAIMS = Number(process.env.CLAIMS ?? 4000);
const WARM_UP = 1000;
const HISTORY = Number(process.env.HISTORY ?? 1_000_000);
const IDLE = Number(process.env.IDLE ?? 5000);

const words = process.argv.slice(2);
const engine = words.find((word) => /^[a-z]+$/.test(word)) ?? 'all';
const numbers = words.map(Number).filter((n) => n > 0);
const sizes = numbers.length > 0 ? numbers : [100, 1000, 10_000, 100_000];
if (engine !== 'postgres') await measureSqlite();
if (engine !== 'sqlite') await measurePostgres();

async function measureSqlite(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bench-'));
  try {
    const db = openSqliteDatabase(join(directory, 'teaspoon.sqlite'));
    const limit = () => appendLoop(join(directory, 'append'));
    await measure(db, 'append + fdatasync', async () => limit());
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measurePostgres(): Promise<void> {
  const cluster = await startCluster({ durable: true });
  try {
    const db = await openPostgresDatabase(cluster.url);
    const bytes = await measure(db, 'raw SKIP LOCKED, 16 connections', (waiting) =>
      skipLockedLoop(cluster.url, waiting),
    );
    const tokens = Array<string>(RUNNERS).fill('bench');
    const bare = await bareHandler(cluster.url, { tokens, claims: CLAIMS, bytes });
    console.log(
      `postgres, a node:http handler around the raw statement, ${bytes} bytes: ${bare.toFixed(0)}/s`,
    );
    const rate = await graphileWorker(cluster.url, 10_000);
    console.log(`postgres, graphile-worker by default, empty tasks: ${rate.toFixed(0)}/s`);
  } finally {
    cluster.stop();
  }
}

/** Gives the bytes of the last payload. */
async function measure(
  db: Database,
  peer: string,
  limitAt: (waiting: number) => Promise<number>,
): Promise<number> {
  await migrate(db);
  const history = await History.open(db);
  await history.addFinished(HISTORY);
  const { world } = history;
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
  const tokens = await Promise.all(Array.from({ length: RUNNERS }, (_, n) => makeRunner(db, n)));
  const name = db.capabilities.engine;
  let payload = 0;
  for (const waiting of sizes) {
    await history.addWaiting(Math.max(100, waiting + CLAIMS + WARM_UP - (await history.waiting())));
    await history.settle();
    await claimJobs({ port, tokens, claims: WARM_UP });
    const before = await limitAt(waiting);
    const cpu = process.threadCpuUsage();
    const { seconds, p50, p95, bytes, client } = await claimJobs({ port, tokens, claims: CLAIMS });
    const { user, system } = process.threadCpuUsage(cpu);
    const limit = (before + (await limitAt(waiting))) / 2;
    const rate = CLAIMS / seconds;
    payload = bytes;
    console.log(
      `${name}, ${waiting} waiting, ${HISTORY} finished: ${rate.toFixed(0)} claims/s (p50 ${p50.toFixed(1)}, ` +
        `p95 ${p95.toFixed(1)} ms; ${((user + system) / CLAIMS).toFixed(0)} us of the server's thread each, ${client.toFixed(0)} of the client; ${bytes} bytes); ` +
        `${peer}: ${limit.toFixed(0)}/s; ratio ${(rate / limit).toFixed(2)}`,
    );
  }
  if (IDLE > 0) await measureIdle({ rooms, port, count: IDLE, makeRunner: (n) => makeRunner(db, n) });
  rooms.waiting.close();
  await http.close();
  world.close();
  await db.close();
  return payload;
}

/** Runner `n`: every second takes untagged jobs; each serves one or two of the kinds of tags. */
async function makeRunner(db: Database, n: number): Promise<string> {
  const tags = [...new Set([...TAGS[n % TAGS.length]!, ...TAGS[(n >> 3) % TAGS.length]!])].sort();
  const attributes = { runUntagged: n % 2 === 0 || tags.length === 0, tags };
  const made = await db.transaction((tx) =>
    registerRunner(tx, { type: 'instance_type' }, attributes, { creatorId: null, now: Date.now() }),
  );
  if (!made.ok) throw new Error('no runner');
  return made.token;
}
