/**
 * 50 jobs PATCH their logs in chunks of 64 KiB, each durable before its answer, beside a bare node:http handler that
 * appends to a file and calls fdatasync. Alternating rounds in one run; prints both and their ratio (budget: >= 0.6).
 *
 *     node bench/trace-append.ts [seconds per round] [rounds]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fdatasync, mkdtempSync, openSync, rmSync, write } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JobWorld } from '../test/job-world.ts';

const JOBS = 50;
const CHUNK = Buffer.alloc(64 * 1024, 'a line of a log, as a job may print it\n');

interface Target {
  port: number;
  jobs: { id: number; token: string; size: number }[];
}

/** Our server with 50 running jobs, in memory only what it needs. */
async function serveOurs(): Promise<Target> {
  const world = await JobWorld.open('sqlite');
  world.api.rooms.logger.level = 'info';
  const names = Array.from({ length: JOBS }, (_, n) => `job${n}: {script: exit}`);
  const jobs = await world.pipeline(names.join('\n'));
  const target: Target = { port: Number(new URL(world.api.url).port), jobs: [] };
  for (const job of Object.values(jobs))
    target.jobs.push({ id: job.id, token: await world.run(job), size: 0 });
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

async function start(kind: string): Promise<{ child: ChildProcess; target: Target }> {
  const child = spawn(process.execPath, [import.meta.filename, kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const target = await new Promise<Target>((resolve) =>
    child.stdout!.once('data', (line) => resolve(JSON.parse(String(line)))),
  );
  return { child, target };
}

/** Acknowledged chunks per second of all jobs together. */
async function measure(target: Target, agent: Agent, seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000;
  let acknowledged = 0;
  const runJob = async (job: Target['jobs'][number]) => {
    while (performance.now() < until) {
      await patch(target.port, agent, job);
      job.size += CHUNK.length;
      acknowledged++;
    }
  };
  await Promise.all(target.jobs.map(runJob));
  return acknowledged / seconds;
}

function patch(port: number, agent: Agent, job: Target['jobs'][number]): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      'job-token': job.token,
      'content-type': 'text/plain',
      'content-length': CHUNK.length,
      'content-range': `${job.size}-${job.size + CHUNK.length - 1}`,
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
    sent.end(CHUNK);
  });
}

const kind = process.argv[2];
if (kind === 'ours' || kind === 'bare') {
  process.stdout.write(`${JSON.stringify(await (kind === 'ours' ? serveOurs() : serveBare()))}\n`);
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
}
