/**
 * A 2 GB artifact through a server in a process of its own: uploaded, downloaded whole, in parts and as one file of the
 * archive, by HEAD; the bytes are compared by their hash (promise: memory stays flat).
 *
 *     node bench/large-artifact.ts [megabytes]
 */
import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { World } from '../test/conformance/jobs-api/world.ts';
import { freePort, spawnServer } from '../test/spawn-server.ts';
import { ROOT_TOKEN } from '../test/start-server.ts';

const MEGABYTES = Number(process.argv[2] ?? 2000);
const PATH = 'dist/big.bin';

/** Bytes that do not compress, the same at each run. */
function* noise(): Generator<Buffer> {
  const part = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(1e6));
  for (let count = 0; count < MEGABYTES; count++) {
    part.writeUInt32LE(count);
    yield Buffer.from(part);
  }
}

async function writeZip(path: string): Promise<void> {
  const zip = new yazl.ZipFile();
  zip.addReadStream(Readable.from(noise()), PATH, { compress: false, size: MEGABYTES * 1e6 });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

interface Answer {
  status: number;
  length: number;
  sha256: string;
  seconds: number;
}

/** One request, its answer hashed as it comes. */
function ask(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: () => AsyncGenerator<Buffer | string>,
): Promise<Answer> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      const hash = createHash('sha256');
      let length = 0;
      response.on('data', (part: Buffer) => {
        hash.update(part);
        length += part.length;
      });
      response.on('error', reject);
      response.on('end', () => {
        const seconds = (performance.now() - started) / 1000;
        const said = Number(response.headers['content-length']);
        if (method === 'HEAD') length = said;
        resolve({ status: response.statusCode!, length, sha256: hash.digest('hex'), seconds });
      });
    });
    sent.on('error', reject);
    if (body === undefined) sent.end();
    else pipeline(body, sent).catch(reject);
  });
}

async function hashOf(path: string, start = 0, end = Number.POSITIVE_INFINITY): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path, { start, end })) hash.update(part as Buffer);
  return hash.digest('hex');
}

/** MiB of memory, now and at most so far. */
function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024);
  return { now: mib('VmRSS'), peak: mib('VmHWM') };
}

const directory = mkdtempSync(join(tmpdir(), 'teaspoon-large-'));
const zip = join(directory, 'large.zip');
await writeZip(zip);
const size = statSync(zip).size;
const server = await spawnServer({ data: join(directory, 'data'), port: await freePort() });
try {
  await server.api('PUT', '/application/settings', { body: { max_artifacts_size: 10_000 } });
  const world = await World.open({ url: server.url, token: ROOT_TOKEN });
  const project = await world.addProject();
  await project.pipeline('big: {script: [x], artifacts: {paths: [dist]}}', 'main');
  const job = await project.take('big');
  const before = memoryOf(server.process.pid!);
  const show = (what: string, { seconds }: Answer, bytes: number) => {
    const { now, peak } = memoryOf(server.process.pid!);
    const rate = bytes / 1e6 / seconds;
    console.log(
      `${what}: ${seconds.toFixed(2)} s, ${rate.toFixed(0)} MB/s; memory ${now} MiB, ${peak} at most`,
    );
  };
  console.log(`archive of ${(size / 1e6).toFixed(0)} MB; memory of the server ${before.now} MiB`);

  const api = `${server.url}/api/v4`;
  const boundary = { 'job-token': job.token, 'content-type': 'multipart/form-data; boundary=b' };
  const put = await ask(`${api}/jobs/${job.id}/artifacts`, 'POST', boundary, async function* () {
    yield '--b\r\nContent-Disposition: form-data; name="file"; filename="artifacts.zip"\r\n\r\n';
    yield* createReadStream(zip, { highWaterMark: 1024 * 1024 });
    yield '\r\n--b--\r\n';
  });
  assert.equal(put.status, 201);
  show('upload', put, size);

  const archive = `${api}/projects/${project.id}/jobs/${job.id}/artifacts`;
  const token = { 'private-token': ROOT_TOKEN };
  const head = await ask(archive, 'HEAD', token);
  assert.deepEqual([head.status, head.length], [200, size]);
  const whole = await ask(archive, 'GET', token);
  assert.deepEqual([whole.status, whole.length, whole.sha256], [200, size, await hashOf(zip)]);
  show('download', whole, size);
  const [start, end] = [Math.floor(size / 2), Math.floor(size / 2) + 99_999_999];
  const part = await ask(archive, 'GET', { ...token, range: `bytes=${start}-${end}` });
  assert.deepEqual([part.status, part.sha256], [206, await hashOf(zip, start, end)]);
  show('100 MB of its middle', part, part.length);

  const one = await ask(`${archive}/${PATH}`, 'GET', token);
  assert.deepEqual([one.status, one.length], [200, MEGABYTES * 1e6]);
  show('the one file of it', one, one.length);
  const tail = await ask(`${archive}/${PATH}`, 'GET', { ...token, range: 'bytes=-1000' });
  assert.deepEqual([tail.status, tail.length], [206, 1000]);
  console.log(`its last 1000 bytes: ${(tail.seconds * 1000).toFixed(1)} ms`);
  await project.runner.succeed(job);
  world.close();
} finally {
  await server.end();
  rmSync(directory, { recursive: true, force: true });
}
