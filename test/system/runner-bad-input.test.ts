import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { craftZip } from '../craft-zip.ts';
import { ENGINES, type Engine } from '../databases.ts';
import { GitClient } from '../git-client.ts';
import { createPostgresDatabase } from '../postgres.ts';
import { type Held, ScriptedRunner } from '../scripted-runner.ts';
import { freePort, type SpawnedServer, spawnServer, temporaryDirectory } from '../spawn-server.ts';
import { ROOT_TOKEN as TOKEN } from '../start-server.ts';
import { until } from '../until.ts';

const MIB = 1024 * 1024;
/** What the whole of this may add to the server's largest memory, bytes: a few bodies of the largest size that is taken. */
const MEMORY = 160 * MIB;
const ZEROS = Buffer.alloc(64 * MIB);
/** 64 MiB of nothing in 64 KiB, which says so; and one that says it is 10 bytes. */
const BOMB = craftZip([{ name: 'zeros', data: ZEROS }]);
const LIAR = craftZip([{ name: 'zeros', data: ZEROS, size: 10 }]);
const ZIP = craftZip([{ name: 'a.txt', data: 'hello' }]);

interface Answered {
  status: number;
  jobStatus: string | undefined;
  range: string | undefined;
  json: unknown;
}

/** A request as no client of ours would send it; `body` may be endless, and is cut when the answer is there. */
function send(
  server: SpawnedServer,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body: Buffer | string | Iterable<Buffer> = '',
): Promise<Answered> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path: `/api/v4${path}`, headers, agent: false });
    let answered = false;
    request.on('error', (error) => answered || reject(error));
    request.on('response', (response) => {
      answered = true;
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const json = response.headers['content-type']?.includes('json') ? JSON.parse(text) : text;
        const { 'job-status': jobStatus, range } = response.headers;
        resolve({ status: response.statusCode!, jobStatus: jobStatus as string | undefined, range, json });
        request.destroy();
      });
    });
    const parts = pieces(body)[Symbol.iterator]();
    // An answer that is there is read before more is written: the server may have closed its side.
    const feed = () => {
      if (answered) return;
      const { value, done } = parts.next();
      if (done) request.end();
      else if (request.write(value)) setImmediate(feed);
      else request.once('drain', () => setImmediate(feed));
    };
    feed();
  });
}

function* pieces(body: Buffer | string | Iterable<Buffer>): Iterable<Buffer> {
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return yield* body;
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
}

function* endless(head: string): Iterable<Buffer> {
  yield Buffer.from(head);
  const part = Buffer.alloc(64 * 1024, 'x');
  for (let sent = 0; sent < 2048 * MIB; sent += part.length) yield part;
}

for (const engine of ENGINES) {
  describe(`what no runner should send (${engine})`, () => {
    let server: SpawnedServer;
    let runner: ScriptedRunner;
    let leave: () => Promise<void>;
    let usual = 0;
    before(async () => {
      ({ server, runner, leave } = await open(engine));
      usual = largestMemory(server);
    });
    after(() => leave());

    const take = async (): Promise<Held> => {
      runner.lastUpdate = null;
      return until('a job', async () => (await runner.request()).job ?? undefined);
    };
    const json = { 'content-type': 'application/json' };
    const upload = (job: Held, bytes: Buffer, query = '') => {
      const [type, format] = query.split(',');
      return runner.upload(job, { bytes, ...(type ? { type } : {}), ...(format ? { format } : {}) });
    };

    it('a token after its job has ended is good for nothing', async () => {
      const job = await take();
      await upload(job, ZIP);
      assert.equal((await runner.succeed(job)).status, 200);
      const held = { 'job-token': job.token };
      const path = `/jobs/${job.id}`;
      const ended = [
        await send(server, 'PUT', path, { ...json, ...held }, '{"state":"failed"}'),
        await send(server, 'PATCH', `${path}/trace`, { ...held, 'content-range': '0-1' }, 'xx'),
        await send(server, 'POST', `${path}/artifacts`, {
          ...held,
          'content-type': 'multipart/form-data; boundary=b',
        }),
      ];
      assert.deepEqual(
        ended.map(({ status, jobStatus }) => [status, jobStatus]),
        Array(3).fill([403, 'success']),
      );
      assert.equal((await send(server, 'GET', `${path}/artifacts`, held)).status, 401);
      assert.equal((await send(server, 'GET', '/job', held)).status, 401);
      const git = new GitClient(join(temporaryDirectory(), 'stolen'));
      const url = `${server.url.replace('://', `://gitlab-ci-token:${job.token}@`)}/root/app.git`;
      assert.notEqual((await git.run('ls-remote', url)).code, 0);
      rmSync(join(git.directory, '..'), { recursive: true, force: true });
    });

    it('bytes of a log that belong nowhere are refused by the size that is stored', async () => {
      const job = await take();
      await runner.append(job, 'hello');
      const patch = (range: string) =>
        send(
          server,
          'PATCH',
          `/jobs/${job.id}/trace`,
          { 'job-token': job.token, 'content-range': range },
          'x',
        );
      for (const range of [
        '0-0',
        '4-4',
        '6-6',
        '99999999999-99999999999',
        '999999999999999-999999999999999',
      ]) {
        const { status, range: told } = await patch(range);
        assert.deepEqual([status, told], [416, '0-5'], range);
      }
      for (const range of ['-1-0', 'x', '1e3-1e4', '9999999999999999999999-1', '', ' ']) {
        assert.equal((await patch(range)).status, 400, range);
      }
      assert.equal((await runner.append(job, ' world')).status, 202);
      await runner.succeed(job);
      assert.equal(await logOf(server, job.id), 'hello world');
    });

    it('a checksum that is wrong twice is taken, and the log with it', async () => {
      const job = await take();
      await runner.append(job, 'hello');
      const output = { checksum: 'crc32:deadbeef', bytesize: 1e15 };
      const lie = { state: 'success', output } as const;
      assert.equal((await runner.update(job, lie)).status, 412);
      assert.equal((await runner.patch(job, 0, Buffer.from('hello'))).status, 202);
      assert.equal((await runner.update(job, lie)).status, 200);
      assert.equal(await logOf(server, job.id), 'hello');
      const strange = await take();
      for (const output of ['{"checksum":[1]}', '{"bytesize":"many"}', '[]', '1']) {
        const body = `{"token":"${strange.token}","state":"success","output":${output}}`;
        assert.equal((await send(server, 'PUT', `/jobs/${strange.id}`, json, body)).status, 400, output);
      }
      assert.equal((await runner.succeed(strange)).status, 200);
    });

    it('bodies without end are cut off where their limit is', async () => {
      const job = await take();
      const held = { 'job-token': job.token };
      const log = { ...held, 'content-range': '0-1' };
      const form = { ...held, 'content-type': 'multipart/form-data; boundary=b' };
      const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n';
      const raw = '?artifact_type=sast&artifact_format=raw';
      const too = 'file size has reached maximum size limit';
      for (let round = 0; round < 3; round++) {
        assert.equal((await send(server, 'PATCH', `/jobs/${job.id}/trace`, log, endless(''))).status, 413);
        assert.equal((await send(server, 'PUT', `/jobs/${job.id}`, json, endless('{"token":"'))).status, 413);
        assert.equal((await send(server, 'POST', '/jobs/request', json, endless('{"token":"'))).status, 413);
        const file = await send(server, 'POST', `/jobs/${job.id}/artifacts${raw}`, form, endless(head));
        assert.deepEqual([file.status, file.json], [413, { message: too }]);
      }
      const said = { ...form, 'content-length': String(1e13) };
      assert.equal(
        (await send(server, 'POST', `/jobs/${job.id}/artifacts${raw}`, said, endless(head))).status,
        413,
      );
      await runner.succeed(job);
    });

    it('archives that lie are refused, those that burst are kept and never unpacked', async () => {
      const job = await take();
      const refused: [string, Buffer][] = [
        ['no zip', Buffer.from('no zip at all')],
        ['cut', ZIP.subarray(0, 40)],
        [
          'entries over each other',
          craftZip([
            { name: 'a', data: 'x' },
            { name: 'b', offset: 0 },
          ]),
        ],
        ['more entries than there are', craftZip([{ name: 'a' }], { entries: 65_534 })],
        ['a directory that is elsewhere', craftZip([{ name: 'a' }], { offset: 0xfffffff0 })],
        ['a directory of 4 GB', craftZip([{ name: 'a' }], { size: 0xfffffff0 })],
      ];
      for (const [what, bytes] of refused) assert.equal((await upload(job, bytes)).status, 400, what);
      assert.equal((await upload(job, gzipSync(ZEROS), 'dotenv,gzip')).status, 400);
      assert.equal((await upload(job, Buffer.from('no gzip'), 'junit,gzip')).status, 400);
      assert.equal((await upload(job, gzipSync(ZEROS), 'junit,gzip')).status, 201);
      assert.equal((await upload(job, BOMB)).status, 201);
      await runner.succeed(job);
      const liar = await take();
      assert.equal((await upload(liar, LIAR)).status, 201);
      await runner.succeed(liar);
      for (const { id } of [job, liar]) {
        for (let round = 0; round < 5; round++) {
          const path = `/projects/root%2Fapp/jobs/${id}/artifacts/zeros`;
          const file = await server.api('GET', path);
          assert.ok(file.status >= 400 && file.status < 500 && file.bytes.length < 1000, `${file.status}`);
        }
      }
      const [pipeline] = (await server.api<{ id: number }[]>('GET', '/projects/root%2Fapp/pipelines')).body;
      const report = await server.api('GET', `/projects/root%2Fapp/pipelines/${pipeline!.id}/test_report`);
      assert.equal(report.status, 200);
    });

    it('names that lead out of an archive lead nowhere', async () => {
      const job = await take();
      const names = [
        '../../etc/passwd',
        '/etc/passwd',
        'a/../../b',
        '..\\..\\x',
        'C:\\x',
        `${'d/'.repeat(2100)}x`,
        'ok',
      ];
      const entries = names.map((name) => ({ name, data: `content of ${name.slice(0, 20)}` }));
      const link = { name: 'link', data: '/etc/passwd', mode: 0o120777 };
      assert.equal((await upload(job, craftZip([...entries, link]))).status, 201);
      await runner.succeed(job);
      const get = (name: string) =>
        send(server, 'GET', `/projects/root%2Fapp/jobs/${job.id}/artifacts/${name}`, {
          'private-token': TOKEN,
        });
      assert.deepEqual((await get('ok')).json, 'content of ok');
      for (const name of [
        '../../etc/passwd',
        '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
        '%2fetc%2fpasswd',
        'a/../../b',
        '..%5C..%5Cx',
      ]) {
        const { status, json } = await get(name);
        assert.ok(
          status === 400 || status === 404,
          `${name}: ${status} ${JSON.stringify(json).slice(0, 100)}`,
        );
      }
      assert.ok(!String((await get('link')).json).includes('root:'));
    });

    it('tags without number are refused by their number or by their size', async () => {
      const admin = { ...json, 'private-token': TOKEN };
      const tags = (count: number) =>
        JSON.stringify(Array.from({ length: count }, (_, n) => `tag-${n}`).join(','));
      const make = (list: string) => `{"runner_type":"instance_type","tag_list":${list}}`;
      const registration = await server.api<{ token: string }>('POST', '/runners/reset_registration_token');
      await server.api('PUT', '/application/settings', { body: { allow_runner_registration_token: true } });
      const register = (list: string) => `{"token":"${registration.body.token}","tag_list":${list}}`;
      const { body: all } = await server.api<{ id: number }[]>('GET', '/runners/all');
      for (let round = 0; round < 3; round++) {
        for (const [count, status] of [
          [51, 400],
          [80_000, 400],
          [1_000_000, 413],
        ] as const) {
          const list = tags(count);
          assert.equal((await send(server, 'POST', '/user/runners', admin, make(list))).status, status);
          assert.equal((await send(server, 'POST', '/runners', json, register(list))).status, status);
          const edit = `{"tag_list":${list}}`;
          assert.equal((await send(server, 'PUT', `/runners/${all[0]!.id}`, admin, edit)).status, status);
        }
      }
      assert.equal((await send(server, 'POST', '/user/runners', admin, make(tags(50)))).status, 201);
      const long = JSON.stringify('t'.repeat(256));
      assert.equal((await send(server, 'POST', '/user/runners', admin, make(long))).status, 400);
    });

    it('what a runner tells of itself is taken in any form, and cut', async () => {
      const features = Object.fromEntries(
        Array.from({ length: 9000 }, (_, n) => [`f_${'x'.repeat(40)}${n}`, true]),
      );
      const infos: unknown[] = [
        { version: 'v'.repeat(500_000), platform: 'p'.repeat(300_000) },
        { features },
        { features: [], version: {}, executor: 7 },
        { surprise: { deep: [[[[[[]]]]]] } },
      ];
      for (const info of infos) {
        const body = JSON.stringify({
          token: runner.token,
          system_id: 's_odd',
          info,
          more: [1],
          last_update: 'x',
        });
        const { status } = await send(server, 'POST', '/runners/verify', json, body);
        assert.equal(status, 200);
      }
      const deep = `{"token":"${runner.token}","info":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
      assert.equal((await send(server, 'POST', '/runners/verify', json, deep)).status, 400);
      const { body } = await server.api<{ id: number }[]>('GET', '/runners/all?per_page=1&page=1');
      const managers = await server.api<{ version: string | null }[]>(
        'GET',
        `/runners/${body.at(-1)!.id}/managers`,
      );
      for (const { version } of managers.body) assert.ok((version ?? '').length <= 255);
    });

    it('states, reasons and codes that do not exist change nothing', async () => {
      const job = await take();
      const put = (rest: string) =>
        send(server, 'PUT', `/jobs/${job.id}`, json, `{"token":"${job.token}",${rest}}`);
      for (const rest of ['"state":"canceled"', '"state":"erased"', '"state":["success"]', '"state":null']) {
        assert.equal((await put(rest)).status, 400, rest);
      }
      for (const rest of ['"state":"failed","exit_code":"x"', '"state":"failed","exit_code":{}']) {
        assert.equal((await put(rest)).status, 400, rest);
      }
      assert.equal((await put('"state":"running"')).jobStatus, 'running');
      const odd = await put(`"state":"failed","failure_reason":"${'r'.repeat(100_000)}","exit_code":1e300`);
      assert.ok(odd.status === 200 || odd.status === 400, String(odd.status));
      if (odd.status === 400) await runner.fail(job);
    });

    it('and in the end the server is no larger than it was', () => {
      const grown = largestMemory(server) - usual;
      assert.ok(grown < MEMORY, `${Math.round(grown / MIB)} MiB`);
    });
  });
}

async function open(engine: Engine) {
  const data = temporaryDirectory();
  const database = engine === 'postgres' ? await createPostgresDatabase() : null;
  const environment = database === null ? {} : { TEASPOON_DATABASE_URL: database.url };
  const server = await spawnServer({ data, port: await freePort(), environment });
  const git = new GitClient(join(data, 'work'));
  await git.ok('init', '-q', '.');
  await git.commit({ '.gitlab-ci.yml': 'job: {script: [echo], parallel: 20}' });
  await git.ok('push', '-q', server.gitUrl('root/app'), 'HEAD:refs/heads/main');
  await server.api('PUT', '/application/settings', { body: { max_artifacts_size: 5 } });
  const { body } = await server.api<{ token: string }>('POST', '/user/runners', {
    body: { runner_type: 'instance_type' },
  });
  const runner = new ScriptedRunner(server.url, body.token);
  // The largest log part that is taken, once, so that what every server needs is there.
  const job = await until('a job', async () => (await runner.request()).job ?? undefined);
  await runner.append(job, Buffer.alloc(8 * MIB, 'x'));
  await runner.succeed(job);
  const leave = async () => {
    await server.end('SIGKILL');
    await database?.drop();
    rmSync(data, { recursive: true, force: true });
  };
  return { server, runner, leave };
}

async function logOf(server: SpawnedServer, id: number): Promise<string> {
  return (await server.api('GET', `/projects/root%2Fapp/jobs/${id}/trace`)).bytes.toString();
}

/** The most memory that the server has held so far, bytes; where the system does not tell, 0. */
function largestMemory({ process: { pid } }: SpawnedServer): number {
  if (process.platform !== 'linux') return 0;
  const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kib) * 1024;
}
