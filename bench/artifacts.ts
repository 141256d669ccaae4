/**
 * Upload of a 300 MB archive beside a bare node:http handler that pipes the body to a file and syncs it (budget: >= 0.6 of
 * its speed, memory flat), then one file of a 10,000-entry, 200 MB zip (budget: <= 5 ms warm).
 *
 *     node bench/artifacts.ts [rounds]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { changeInstanceSettings } from '../src/project/instance-settings.ts';
import { JobWorld } from '../test/job-world.ts';

interface Target {
  port: number;
  /** Path of the project's jobs, and a token that may read them. */
  project: string;
  reader: string;
  jobs: { id: number; token: string }[];
}

async function serveOurs(rounds: number): Promise<Target> {
  const world = await JobWorld.open('sqlite');
  world.api.rooms.logger.level = 'info';
  await world.world.db.transaction((tx) => changeInstanceSettings(tx, { max_artifacts_size: 1000 }));
  const names = Array.from({ length: rounds }, (_, n) => `job${n}: {script: exit}`);
  const jobs = Object.values(await world.pipeline(names.join('\n')));
  process.once('SIGTERM', () => void world.close().then(() => process.exit(0)));
  return {
    port: Number(new URL(world.api.url).port),
    project: `/api/v4/projects/${world.world.project.id}/jobs`,
    reader: world.secretOf('reporter'),
    jobs: await Promise.all(jobs.map(async (job) => ({ id: job.id, token: await world.run(job) }))),
  };
}

async function serveBare(): Promise<Target> {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bare-'));
  let count = 0;
  const server = createServer(async (incoming, response) => {
    const path = join(directory, String(count++));
    await pipeline(incoming, createWriteStream(path));
    const file = await open(path, 'r+');
    await file.sync();
    await file.close();
    response.writeHead(201).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  process.once('SIGTERM', () => {
    rmSync(directory, { recursive: true });
    process.exit(0);
  });
  return {
    port: (server.address() as AddressInfo).port,
    project: '',
    reader: '',
    jobs: [{ id: 0, token: '' }],
  };
}

async function start(...args: string[]): Promise<{ child: ChildProcess; target: Target }> {
  const child = spawn(process.execPath, [import.meta.filename, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const target = await new Promise<Target>((resolve) =>
    child.stdout!.once('data', (line) => resolve(JSON.parse(String(line)))),
  );
  return { child, target };
}

/** Writes a zip of `count` files of `size` bytes each, of content that does not compress and is the same at each run. */
async function writeZip(path: string, count: number, size: number, compress: boolean): Promise<void> {
  const zeros = Buffer.alloc(100 * 1024 * 1024);
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(zeros);
  const zip = new yazl.ZipFile();
  for (let n = 0; n < count; n++) {
    const from = (n * 7919) % (noise.length - size + 1);
    zip.addBuffer(noise.subarray(from, from + size), `dir${n % 100}/file${n}.bin`, { compress });
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

/** Seconds until the answer to an upload. */
async function upload(target: Target, job: Target['jobs'][number], path: string): Promise<number> {
  const boundary = 'boundary';
  const started = performance.now();
  const answered = Promise.withResolvers<number>();
  const sent = request(
    {
      host: '127.0.0.1',
      port: target.port,
      path: `/api/v4/jobs/${job.id}/artifacts`,
      method: 'POST',
      headers: { 'job-token': job.token, 'content-type': `multipart/form-data; boundary=${boundary}` },
    },
    (response) => {
      response.resume();
      response.on('end', () => answered.resolve(response.statusCode!));
    },
  );
  sent.on('error', answered.reject);
  await pipeline(async function* () {
    yield `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="artifacts.zip"\r\n\r\n`;
    yield* createReadStream(path, { highWaterMark: 1024 * 1024 });
    yield `\r\n--${boundary}--\r\n`;
  }, sent);
  const status = await answered.promise;
  if (status !== 201) throw new Error(`answered ${status}`);
  return (performance.now() - started) / 1000;
}

/** Milliseconds for one file. */
function fetchFile(target: Target, jobId: number, path: string, agent: Agent): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'private-token': target.reader };
    const sent = request(
      {
        host: '127.0.0.1',
        port: target.port,
        path: `${target.project}/${jobId}/artifacts/${path}`,
        headers,
        agent,
      },
      (response) => {
        let bytes = 0;
        response.on('data', (part: Buffer) => {
          bytes += part.length;
        });
        response.on('end', () => {
          if (response.statusCode !== 200) reject(new Error(`answered ${response.statusCode}`));
          else resolve(bytes > 0 ? performance.now() - started : Number.NaN);
        });
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

/** MiB of memory, now and at most so far, of a process. */
function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  return { now: mib('VmRSS'), peak: mib('VmHWM') };
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

async function main(rounds: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bench-artifacts-'));
  const bare = await start('bare');
  const ours = await start('ours', String(rounds + 2));
  try {
    const large = join(directory, 'large.zip');
    await writeZip(large, 3, 100 * 1024 * 1024, false);
    const megabytes = statSync(large).size / 1e6;
    const before = memoryOf(ours.child.pid!);
    const ratios: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const peer = await upload(bare.target, bare.target.jobs[0]!, large);
      const own = await upload(ours.target, ours.target.jobs[round]!, large);
      if (round === 0) continue; // both are warm now
      ratios.push(peer / own);
      console.log(
        `upload of ${megabytes.toFixed(0)} MB: bare ${(megabytes / peer).toFixed(0)} MB/s, ours ${(megabytes / own).toFixed(0)} MB/s: ${(peer / own).toFixed(2)}`,
      );
    }
    const after = memoryOf(ours.child.pid!);
    console.log(
      `median ratio ours/bare: ${median(ratios).toFixed(2)} (budget >= 0.6 of nginx, which does not sync)`,
    );
    console.log(`memory of the server: ${before.now} MiB before, ${after.now} after, ${after.peak} at most`);

    const many = join(directory, 'many.zip');
    await writeZip(many, 10_000, 20 * 1024, true);
    const job = ours.target.jobs[rounds + 1]!;
    const seconds = await upload(ours.target, job, many);
    console.log(
      `upload of a zip of 10,000 files, ${(statSync(many).size / 1e6).toFixed(0)} MB: ${seconds.toFixed(2)} s`,
    );
    const agent = new Agent({ keepAlive: true });
    const times: number[] = [];
    for (let n = 0; n < 600; n++) {
      const file = (n * 7919) % 10_000;
      times.push(await fetchFile(ours.target, job.id, `dir${file % 100}/file${file}.bin`, agent));
    }
    const warm = times.slice(100).toSorted((a, b) => a - b);
    console.log(
      `one file of it: p50 ${median(warm).toFixed(2)} ms, p95 ${warm[Math.floor(warm.length * 0.95)]!.toFixed(2)} ms (budget <= 5 ms)`,
    );
    agent.destroy();
  } finally {
    for (const { child } of [bare, ours]) child.kill('SIGTERM');
    rmSync(directory, { recursive: true });
  }
}

const kind = process.argv[2];
if (kind === 'ours') process.stdout.write(`${JSON.stringify(await serveOurs(Number(process.argv[3])))}\n`);
else if (kind === 'bare') process.stdout.write(`${JSON.stringify(await serveBare())}\n`);
else await main(Number(kind ?? 5));
