/**
 * 1,000 readers of the event stream of one server: what they cost while nothing happens, beside the same server without
 * readers, and how long after a job was changed the last of them knows.
 *
 *     node bench/event-stream.ts [readers] [jobs]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { World } from '../test/conformance/jobs-api/world.ts';
import { processorMsOf } from '../test/processor-time.ts';
import { freePort, spawnServer } from '../test/spawn-server.ts';
import { ROOT_TOKEN } from '../test/start-server.ts';

const [readers = 1000, jobs = 100] = process.argv.slice(2).map(Number);
/** Streams that one user may have. */
const PER_USER = 30;
const QUIET_MS = 10_000;

const data = mkdtempSync(join(tmpdir(), 'teaspoon-events-'));
const server = await spawnServer({ data, port: await freePort() });
const pid = server.process.pid!;
const world = await World.open({ url: server.url, token: ROOT_TOKEN });
const project = await world.addProject({ visibility: 'internal' });
const names = Array.from({ length: jobs }, (_, n) => `job-${n}`);
await project.pipeline(names.map((name) => `${name}: {script: [x]}`).join('\n'), 'main');

/** Processor milliseconds and MiB of the server. */
function usage(): { cpu: number; memory: number } {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return { cpu: processorMsOf(pid), memory: Number(kilobytes) / 1024 };
}

async function idle(): Promise<{ cpu: number; memory: number }> {
  const before = usage();
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  const after = usage();
  return { cpu: after.cpu - before.cpu, memory: after.memory };
}

/** When each job was first told of as running, by reader. */
const toldAt = Array.from({ length: readers }, () => new Map<number, number>());
const agent = new Agent({ maxSockets: readers });

async function watch(token: string, told: Map<number, number>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const url = `${server.url}/api/v4/events/stream`;
  const opened = request(url, { agent, headers: { 'private-token': token } }, (response) => {
    if (response.statusCode === 200) resolve();
    else reject(new Error(`the stream was answered with ${response.statusCode}`));
    response.on('data', (chunk: Buffer) => {
      const now = performance.now();
      for (const [, job] of String(chunk).matchAll(/"job_id":(\d+),"status":"running"/g)) {
        if (!told.has(Number(job))) told.set(Number(job), now);
      }
    });
  });
  opened.on('error', reject).end();
  await promise;
}

const alone = await idle();
for (let first = 0; first < readers; first += PER_USER) {
  const username = `reader-${first}`;
  const user = { username, name: username, email: `${username}@example.com`, force_random_password: true };
  const { body } = await server.api<{ id: number }>('POST', '/users', { body: user });
  const made = await server.api<{ token: string }>('POST', `/users/${body.id}/personal_access_tokens`, {
    body: { name: 'bench', scopes: ['read_api'] },
  });
  const theirs = toldAt.slice(first, first + PER_USER);
  await Promise.all(theirs.map((told) => watch(made.body.token, told)));
}
await new Promise((resolve) => setTimeout(resolve, 4000));
const watched = await idle();

const delays: number[] = [];
for (let count = 0; count < jobs; count++) {
  const held = await project.runner.take();
  const changedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 400));
  for (const told of toldAt) delays.push((told.get(held.id) ?? Number.POSITIVE_INFINITY) - changedAt);
}
delays.sort((a, b) => a - b);
const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))]!;
const round = (value: number) => Math.round(value * 10) / 10;

console.log(
  `idle for ${QUIET_MS / 1000} s, nobody watches: ${alone.cpu} ms of a processor, ${round(alone.memory)} MiB`,
);
console.log(
  `idle for ${QUIET_MS / 1000} s, ${readers} watch: ${watched.cpu} ms of a processor, ${round(watched.memory)} MiB`,
);
console.log(
  `answer of a claim to event at ${readers} readers, ${jobs} jobs: median ${round(at(0.5))}, p95 ${round(at(0.95))}, last ${round(at(1))} ms`,
);
agent.destroy();
await server.end();
world.close();
rmSync(data, { recursive: true });
