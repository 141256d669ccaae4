/**
 * 50 jobs PATCH their logs in chunks of 64 KiB, each durable before its answer, beside a bare node:http handler that
 * appends to a file and calls fdatasync. Alternating rounds in one run; prints both and their ratio (budget: >= 0.6). Then
 * 1,000 slow jobs at once, each with a line a second: how long a PATCH takes and what the server works for it.
 *
 *     node bench/trace-append.ts [seconds per round] [rounds]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fdatasync, mkdtempSync, openSync, rmSync, write } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { JobWorld } from '../test/job-world.ts';
import { processorMsOf } from '../test/processor-time.ts';

const JOBS = 50;
const SLOW_JOBS = 1000;
const SLOW_SECONDS = 10;
const LINE = Buffer.from('a line of a slow job\n');
const CHUNK = Buffer.alloc(64 * 1024, 'a line of a log, as a job may print it\n');

interface Target {
  port: number;
  jobs: { id: number; token: string; size: number }[];
}

/** Our server with so many running jobs, in memory only what it needs. */
async function serveOurs(count: number): Promise<Target> {
  const world = await JobWorld.open('sqlite');
  world.api.rooms.logger.level = 'info';
  const target: Target = { port: Number(new URL(world.api.url).port), jobs: [] };
  while (target.jobs.length < count) {
    const size = Math.min(250, count - target.jobs.length);
    const names = Array.from({ length: size }, (_, n) => `job${n}: {script: exit}`);
    for (const job of Object.values(await world.pipeline(names.join('\n'))))
      target.jobs.push({ id: job.id, token: await world.run(job), size: 0 });
  }
  process.once('SIGTERM', () => {
    for (const line of world.api.log.filter((text) => text.includes('request failed')).slice(0, 3))
      console.error(line);
    void world.close().then(() => process.exit(0));
  });
  return target;
}

async function serveBare(): Promise<Target> {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bare-'));
  const files = Array.from({ length: JOBS }, (_, n) => openSync(join(directory, `${n}.log`), 'a'));
  const server = createServer((incoming, response) => {
    const file = files[Number(incoming.url!.split('/')[4])]!;
    const parts: Buffer[] = [];
    incoming.on('data', (part: Buffer) => parts.push(part));
    incoming.on('end', () => {
      write(file, Buffer.concat(parts), () => fdatasync(file, () => response.writeHead(202).end()));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  process.once('SIGTERM', () => {
    rmSync(directory, { recursive: true });
    process.exit(0);
  });
  const jobs = Array.from({ length: JOBS }, (_, id) => ({ id, token: '', size: 0 }));
  return { port: (server.address() as AddressInfo).port, jobs };
}

async function start(kind: string, count = JOBS): Promise<{ child: ChildProcess; target: Target }> {
  const child = spawn(process.execPath, [import.meta.filename, kind, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  const target = JSON.parse(line) as Target;
  return { child, target };
}

/** Acknowledged chunks per second of all jobs together. */
async function measure(target: Target, agent: Agent, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000;
  let acknowledged = 0;
  const runJob = async (job: Target['jobs'][number]) => {
    while (performance.now() < until) {
      await patch(target.port, agent, job, CHUNK);
      acknowledged++;
    }
  };
  await Promise.all(target.jobs.map(runJob));
  return acknowledged / seconds;
}

/** All slow jobs print a line a second, each at its own moment. */
async function measureSlow(): Promise<void> {
  const { child, target } = await start('ours', SLOW_JOBS);
  const agent = new Agent({ keepAlive: true });
  const times: number[] = [];
  const before = processorMsOf(child.pid!);
  await Promise.all(
    target.jobs.map(async (job, n) => {
      await new Promise((resolve) => setTimeout(resolve, n % 1000));
      for (let second = 0; second < SLOW_SECONDS; second++) {
        const asked = performance.now();
        await patch(target.port, agent, job, LINE);
        times.push(performance.now() - asked);
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, 1000 - (performance.now() - asked))));
      }
    }),
  );
  const cores = (processorMsOf(child.pid!) - before) / 1000 / (SLOW_SECONDS + 1);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)]!.toFixed(1);
  console.log(
    `${SLOW_JOBS} slow jobs, a line a second each: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)} ms; ${cores.toFixed(2)} cores`,
  );
  agent.destroy();
  child.kill('SIGTERM');
}

function patch(port: number, agent: Agent, job: Target['jobs'][number], bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      'job-token': job.token,
      'content-type': 'text/plain',
      'content-length': bytes.length,
      'content-range': `${job.size}-${job.size + bytes.length - 1}`,
    };
    const sent = request({
      host: '127.0.0.1',
      port,
      path: `/api/v4/jobs/${job.id}/trace`,
      method: 'PATCH',
      headers,
      agent,
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.resume();
      if (response.statusCode !== 202) reject(new Error(`answered ${response.statusCode}`));
      else response.on('end', resolve);
    });
    sent.end(bytes);
    job.size += bytes.length;
  });
}

const kind = process.argv[2];
if (kind === 'ours' || kind === 'bare') {
  process.stdout.write(
    `${JSON.stringify(await (kind === 'ours' ? serveOurs(Number(process.argv[3])) : serveBare()))}\n`,
  );
} else {
  const seconds = Number(process.argv[2] ?? 1);
  const rounds = Number(process.argv[3] ?? 9);
  const agent = new Agent({ keepAlive: true, maxSockets: JOBS });
  const bare = await start('bare');
  const ours = await start('ours');
  const ratios: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const peer = await measure(bare.target, agent, seconds);
    const own = await measure(ours.target, agent, seconds);
    if (round < 0) continue; // both are warm now
    ratios.push(own / peer);
    console.log(
      `bare ${peer.toFixed(0)}, ours ${own.toFixed(0)} durable 64 KiB chunks/s: ${(own / peer).toFixed(2)}`,
    );
  }
  const median = ratios.sort((a, b) => a - b)[ratios.length >> 1]!;
  console.log(`median ratio ours/bare: ${median.toFixed(2)} (budget >= 0.6)`);
  agent.destroy();
  for (const { child } of [bare, ours]) child.kill('SIGTERM');
  await measureSlow();
}
