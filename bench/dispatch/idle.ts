/** Runners in long poll, in a process of their own: what they cost the server while nothing happens. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Rooms } from '../../src/api/rooms.ts';

const WATCHED_MS = 12_000;

/** What is held counts, not what was thrown away and not yet collected: that it would collect sooner or later. */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

export interface Idle {
  rooms: Rooms;
  port: number;
  count: number;
  makeRunner: (n: number) => Promise<string>;
}

/** Prints memory and database reads of `count` requests that are held. */
export async function measureIdle({ rooms, port, count, makeRunner }: Idle): Promise<void> {
  const { db, waiting } = rooms;
  await db.transaction(async (tx) => {
    for (const table of ['queue_offers', 'queue_entries', 'queue_lanes'] as const) {
      await tx.sql.deleteFrom(table).execute();
    }
  });
  const tokens = await Promise.all(Array.from({ length: 64 }, (_, n) => makeRunner(n)));
  collect();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const before = process.memoryUsage.rss();
  const child = spawn(process.execPath, [import.meta.filename, String(port), String(count)], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.end(JSON.stringify(tokens));
  while (waiting.asleep < count) await new Promise((resolve) => setTimeout(resolve, 50));
  const { read } = db;
  const rows = read.rows;
  let reads = 0;
  read.rows = (text, parameters) => {
    reads += 1;
    return rows(text, parameters);
  };
  const cpu = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
  const { user, system } = process.cpuUsage(cpu);
  read.rows = rows;
  collect();
  const mib = (process.memoryUsage.rss() - before) / 2 ** 20;
  console.log(
    `${db.capabilities.engine}, ${waiting.asleep} runners held: ${mib.toFixed(0)} MiB more, ${reads} database reads and ` +
      `${((user + system) / 1000).toFixed(0)} ms of processor time in ${WATCHED_MS / 1000} s`,
  );
  child.kill();
  await once(child, 'exit');
}

if (process.argv[1] === import.meta.filename) {
  const tokens = JSON.parse(String(await process.stdin.toArray().then(Buffer.concat))) as string[];
  const [port, count] = process.argv.slice(2).map(Number) as [number, number];
  const agent = new Agent({ keepAlive: true });
  for (let n = 0; n < count; n++) {
    const token = tokens[n % tokens.length]!;
    void hold(agent, port, { token, system_id: `s_${n}` });
    if (n % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Asks until it is held: the second request carries the version that the first was told. */
async function hold(agent: Agent, port: number, body: object): Promise<void> {
  let version: string | undefined;
  for (;;) {
    const sent = JSON.stringify({ ...body, info: { features: {} }, last_update: version });
    version = await new Promise<string | undefined>((resolve) => {
      const asked = request(
        { agent, host: '127.0.0.1', port, method: 'POST', path: '/api/v4/jobs/request' },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.headers['x-gitlab-last-update'] as string | undefined));
        },
      );
      asked.setHeader('content-type', 'application/json');
      asked.on('error', () => resolve(undefined));
      asked.end(sent);
    });
  }
}
