import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { craftZip } from '../../../test/craft-zip.ts';
import { JobWorld, type Reply } from '../../../test/job-world.ts';
import { lockArtifacts, unlockArtifacts } from '../../artifact/lock.ts';
import { artifactExpiry } from '../../cron/artifact-expiry.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';
import { attachment, rangeOf } from '../artifact-files.ts';

const DAY = 24 * 3600 * 1000;
const YAML = 'one: {script: exit, artifacts: {paths: [x]}}\ntwo: {script: exit}\n';
const ZIP = craftZip([
  { name: 'index.html', data: '<script>alert(1)</script>' },
  { name: 'dist/a.txt', data: 'hello' },
  { name: 'dist/ü "x";.bin', data: 'odd' },
  { name: 'tree', data: 'a file called tree' },
  { name: 'docs/tree', data: 'deeper' },
  { name: 'pic.PNG', data: 'png' },
]);
let world: JobWorld;
before(async () => {
  world = await JobWorld.open();
});
after(() => world.close());

/** A finished job with an archive. */
async function finished(yaml = YAML, query = '', ref = 'refs/heads/main'): Promise<JobRow> {
  const { one } = await world.pipeline(yaml, { ref });
  await world.run(one!);
  assert.equal((await world.upload(one!, ZIP, query)).status, 201);
  await world.move(one!, { type: 'success' });
  return one!;
}

const message = (reply: Reply) => [reply.status, (reply.json as { message?: unknown } | undefined)?.message];

describe('the archive of a job', () => {
  it('comes with exactly these headers', async () => {
    const job = await finished();
    const { status, headers, bytes } = await world.ask(world.path(job, '/artifacts'), { as: 'guest' });
    assert.equal(status, 200);
    assert.ok(bytes.equals(ZIP));
    const { etag, ...shown } = headers;
    assert.match(String(etag), /^"[0-9a-f]{64}"$/);
    const expected = {
      'content-type': 'application/octet-stream',
      'content-transfer-encoding': 'binary',
      'content-disposition': `attachment; filename="artifacts.zip"; filename*=UTF-8''artifacts.zip`,
      'content-length': String(ZIP.length),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'content-security-policy': "sandbox; default-src 'none'",
    };
    assert.deepEqual({ ...shown, ...expected }, shown);
  });

  it('may be asked for by HEAD and in ranges', async () => {
    const job = await finished();
    const head = await world.ask(world.path(job, '/artifacts'), { as: 'guest', method: 'HEAD' });
    assert.deepEqual(
      [head.status, head.headers['content-length'], head.bytes.length],
      [200, String(ZIP.length), 0],
    );
    const part = await world.ask(world.path(job, '/artifacts'), {
      as: 'guest',
      headers: { range: 'bytes=10-19' },
    });
    assert.deepEqual([part.status, part.headers['content-range']], [206, `bytes 10-19/${ZIP.length}`]);
    assert.ok(part.bytes.equals(ZIP.subarray(10, 20)));
    const outside = await world.ask(world.path(job, '/artifacts'), {
      as: 'guest',
      headers: { range: 'bytes=999999-' },
    });
    assert.deepEqual([outside.status, outside.headers['content-range']], [416, `bytes */${ZIP.length}`]);
  });

  it('is served though it expired, while it exists; other types on request', async () => {
    const job = await finished(YAML, '?expire_in=1+day');
    world.now += 2 * DAY;
    assert.equal((await world.ask(world.path(job, '/artifacts'), { as: 'guest' })).status, 200);
    assert.equal(
      (await world.ask(world.path(job, '/artifacts?file_type=metadata'), { as: 'guest' })).status,
      200,
    );
    assert.deepEqual(
      message(await world.ask(world.path(job, '/artifacts?file_type=junit'), { as: 'guest' })),
      [404, '404 Not Found'],
    );
    world.now -= 2 * DAY;
  });

  it('is refused in the order of the contract', async () => {
    const job = await finished();
    const { two } = await world.pipeline(YAML);
    const ask = async (target: JobRow, as?: string) =>
      message(await world.ask(world.path(target, '/artifacts'), as === undefined ? {} : { as }));
    assert.deepEqual(await ask(job), [404, '404 Project Not Found']);
    assert.deepEqual(await ask(job, 'stranger'), [404, '404 Project Not Found']);
    assert.deepEqual(await ask({ ...job, id: 999_999 }, 'guest'), [404, '404 Not found']);
    assert.deepEqual(await ask(two!, 'guest'), [404, '404 Not Found']);
    const withToken = await world.ask(world.path(job, '/artifacts'), { jobToken: await world.run(two!) });
    assert.equal(withToken.status, 200);
  });

  it('is kept from those whom its access level leaves out', async () => {
    const table = { 'access: all': 20, 'public: false': 30, 'access: maintainer': 40, 'access: none': 99 };
    const levels = { guest: 10, reporter: 20, developer: 30, maintainer: 40 };
    for (const [access, from] of Object.entries(table)) {
      const job = await finished(`one: {script: exit, artifacts: {paths: [x], ${access}}}\n`);
      for (const [as, level] of Object.entries(levels)) {
        for (const rest of ['', '/tree', '/index.html']) {
          const { status } = await world.ask(world.path(job, `/artifacts${rest}`), { as });
          assert.equal(status, level >= from || from === 20 ? 200 : 403, `${access} ${as} ${rest}`);
        }
      }
    }
  });
});

describe('one file of an archive', () => {
  it('is its bytes, as a download that no browser runs', async () => {
    const job = await finished();
    for (const [path, type, disposition, text] of [
      ['dist/a.txt', 'text/plain', `attachment; filename="a.txt"; filename*=UTF-8''a.txt`, 'hello'],
      [
        'index.html',
        'application/octet-stream',
        `attachment; filename="index.html"; filename*=UTF-8''index.html`,
        '<script>alert(1)</script>',
      ],
      ['pic.PNG', 'image/png', `attachment; filename="pic.PNG"; filename*=UTF-8''pic.PNG`, 'png'],
      [
        'docs/tree',
        'application/octet-stream',
        `attachment; filename="tree"; filename*=UTF-8''tree`,
        'deeper',
      ],
      [
        'dist/ü "x";.bin',
        'application/octet-stream',
        `attachment; filename="_ _x__.bin"; filename*=UTF-8''%C3%BC%20%22x%22%3B.bin`,
        'odd',
      ],
    ]) {
      const encoded = path!.split('/').map(encodeURIComponent).join('/');
      const {
        status,
        headers,
        text: body,
      } = await world.ask(world.path(job, `/artifacts/${encoded}`), { as: 'guest' });
      assert.deepEqual([status, body], [200, text]);
      assert.deepEqual(
        [
          headers['content-type'],
          headers['content-disposition'],
          headers['content-security-policy'],
          headers['x-content-type-options'],
        ],
        [type, disposition, "sandbox; default-src 'none'", 'nosniff'],
      );
    }
  });

  it('that is not there is 404, a climbing path 400', async () => {
    const job = await finished();
    const ask = (path: string) => world.ask(world.path(job, `/artifacts/${path}`), { as: 'guest' });
    assert.deepEqual(message(await ask('dist/missing')), [404, '404 Not Found']);
    assert.deepEqual(message(await ask('dist')), [404, '404 Not Found']);
    for (const path of ['../../etc/passwd', '%2e%2e%2fetc%2fpasswd', '..%252fetc']) {
      const { status, text } = await ask(path);
      assert.deepEqual([status, text], [400, 'Potential path traversal attempt detected']);
    }
    assert.equal((await ask('a%00b')).status, 400);
    assert.equal((await ask('a%ffb')).status, 400);
  });

  it('of an expired archive is 404, unless its pipeline is locked', async () => {
    const job = await finished(YAML, '?expire_in=1+day');
    const { db } = world.world;
    const ask = async () =>
      (await world.ask(world.path(job, '/artifacts/dist/a.txt'), { as: 'guest' })).status;
    world.now += 2 * DAY;
    const before = await ask();
    await db.transaction((tx) => lockArtifacts(tx, [job.pipelineId]));
    const locked = await ask();
    await db.transaction((tx) => unlockArtifacts(tx, [job.pipelineId]));
    assert.deepEqual([before, locked, await ask()], [404, 200, 404]);
    world.now -= 2 * DAY;
  });
});

describe('the tree of an archive', () => {
  it('is a list with pages', async () => {
    const job = await finished();
    const { status, json, headers } = await world.ask(world.path(job, '/artifacts/tree?per_page=3'), {
      as: 'guest',
    });
    assert.equal(status, 200);
    assert.deepEqual(json, [
      { name: 'dist', path: 'dist/', type: 'directory', mode: null },
      { name: 'docs', path: 'docs/', type: 'directory', mode: null },
      { name: 'index.html', path: 'index.html', type: 'file', size: 25, mode: '100644' },
    ]);
    assert.deepEqual([headers['x-total'], headers['x-total-pages'], headers['x-next-page']], ['5', '2', '2']);
  });

  it('has a 404 for each thing that may be missing', async () => {
    const job = await finished(YAML, '?expire_in=1+day');
    const ask = async (query: string) =>
      message(await world.ask(world.path(job, `/artifacts/tree${query}`), { as: 'guest' }));
    assert.deepEqual(await ask('?path=nowhere'), [404, '404 Path Not Found']);
    world.now += 2 * DAY;
    assert.deepEqual(await ask(''), [404, '404 Artifacts Not Found']);
    world.now -= 2 * DAY;
  });
});

describe('artifacts by ref and job name', () => {
  const byRef = (ref: string, rest: string, query = '?job=one', as = 'guest') =>
    world.ask(`/api/v4/projects/${world.world.project.id}/jobs/artifacts/${ref}/${rest}${query}`, { as });
  const ONE = 'one: {script: exit, artifacts: {paths: [x]}}\n';

  it('come from the newest successful pipeline of exactly that ref', async () => {
    await finished(ONE, '', 'refs/heads/feature/x');
    for (const ref of ['feature/x', 'feature%2Fx']) {
      assert.ok((await byRef(ref, 'download')).bytes.equals(ZIP));
      assert.equal((await byRef(ref, 'raw/dist/a.txt')).text, 'hello');
      assert.equal((await byRef(ref, 'raw/dist%2Fa.txt')).text, 'hello');
    }
    assert.deepEqual(message(await byRef('feature/x', 'raw/none')), [404, '404 Not Found']);
    assert.deepEqual(message(await byRef('feature', 'download')), [404, '404 Not found']);
    assert.deepEqual(message(await byRef('feature/x', 'download', '?job=other')), [404, '404 Not found']);
    assert.deepEqual(
      message(await byRef('feature/x', 'download', '?job=other&search_recent_successful_pipelines=true')),
      [404, '404 Job Not Found'],
    );
    const missing = await byRef('feature/x', 'download', '');
    assert.deepEqual([missing.status, missing.json], [400, { error: 'job is missing' }]);
  });

  it('do not fall back to an older pipeline unless asked to', async () => {
    await finished(ONE, '', 'refs/heads/old');
    const { one } = await world.pipeline(ONE, { ref: 'refs/heads/old' });
    await world.run(one!);
    assert.equal((await byRef('old', 'download')).status, 200); // the newer one is not successful yet
    await world.move(one!, { type: 'success' });
    assert.deepEqual(message(await byRef('old', 'download')), [404, '404 Not found']);
    assert.equal(
      (await byRef('old', 'download', '?job=one&search_recent_successful_pipelines=true')).status,
      200,
    );
  });

  it('find a job with only a report, which has no archive then', async () => {
    const { one } = await world.pipeline(ONE, { ref: 'refs/heads/report' });
    await world.run(one!);
    await world.upload(one!, gzipSync('<x/>'), '?artifact_type=junit&artifact_format=gzip');
    await world.move(one!, { type: 'success' });
    assert.deepEqual(message(await byRef('report', 'download')), [404, '404 Not Found']);
  });
});

describe('keeping and deleting', () => {
  it('keep clears the expiry for developers, while there is something to keep', async () => {
    const job = await finished(YAML, '?expire_in=1+day');
    const keep = (target: JobRow, as: string) =>
      world.ask(world.path(target, '/artifacts/keep'), { as, method: 'POST' });
    assert.equal((await keep(job, 'reporter')).status, 403);
    const kept = await keep(job, 'maintainer');
    assert.equal(kept.status, 200);
    assert.equal((kept.json as { artifacts_expire_at: unknown }).artifacts_expire_at, null);
    const late = await finished(YAML, '?expire_in=1+day');
    world.now += 2 * DAY;
    assert.equal((await keep(late, 'maintainer')).status, 404);
    world.now -= 2 * DAY;
    const { two } = await world.pipeline(YAML);
    assert.equal((await keep(two!, 'maintainer')).status, 404);
  });

  it('delete removes all but the log, for maintainers', async () => {
    const { one } = await world.pipeline(YAML);
    await world.run(one!);
    await world.append(one!, 0, 'log');
    await world.upload(one!, ZIP);
    await world.move(one!, { type: 'success' });
    await world.traces.archiveFinished(100, world.now);
    const remove = (as: string) => world.ask(world.path(one!, '/artifacts'), { as, method: 'DELETE' });
    assert.equal((await remove('developer')).status, 403);
    for (const _again of [1, 2]) {
      const { status, bytes } = await remove('maintainer');
      assert.deepEqual([status, bytes.length], [204, 0]);
    }
    assert.equal((await world.ask(world.path(one!, '/artifacts'), { as: 'guest' })).status, 404);
    assert.equal((await world.ask(world.path(one!, '/trace'), { as: 'guest' })).text, 'log');
    assert.equal((await world.job(one!)).erasedAt, null);
  });

  it('what expired is deleted with its bytes; what is locked or a log stays', async () => {
    const { db } = world.world;
    const gone = await finished(YAML, '?expire_in=1+day');
    const locked = await finished(YAML, '?expire_in=1+day');
    const later = await finished(YAML, '?expire_in=9+days');
    await db.transaction((tx) => lockArtifacts(tx, [locked.pipelineId]));
    await artifactExpiry(db, world.artifacts, world.now + 2 * DAY);
    assert.equal((await artifactExpiry(db, world.artifacts, world.now + 2 * DAY)).removed, 0);
    const status = async (job: JobRow) =>
      (await world.ask(world.path(job, '/artifacts'), { as: 'guest' })).status;
    assert.deepEqual([await status(gone), await status(locked), await status(later)], [404, 200, 200]);
  });

  it('deleting those of the whole project makes them expire at once', async () => {
    const job = await finished();
    const { id } = world.world.project;
    const remove = (as: string) => world.ask(`/api/v4/projects/${id}/artifacts`, { as, method: 'DELETE' });
    assert.equal((await remove('developer')).status, 403);
    const { status, json } = await remove('maintainer');
    assert.deepEqual([status, json], [202, { message: '202 Accepted' }]);
    assert.equal((await world.ask(world.path(job, '/artifacts/dist/a.txt'), { as: 'guest' })).status, 404);
    await artifactExpiry(world.world.db, world.artifacts, world.now);
    assert.equal((await world.ask(world.path(job, '/artifacts'), { as: 'guest' })).status, 404);
  });
});

describe('the latest successful pipeline of a ref', () => {
  const ONE = 'one: {script: exit, artifacts: {paths: [x]}}\n';
  const file = async (job: JobRow) =>
    (await world.ask(world.path(job, '/artifacts/dist/a.txt'), { as: 'guest' })).status;

  it('keeps its artifacts past their expiry, until a newer one succeeds', async () => {
    const ref = 'refs/heads/kept';
    const first = await finished(ONE, '?expire_in=1+day', ref);
    world.now += 2 * DAY;
    assert.equal(await file(first), 200);
    world.now -= 2 * DAY;
    const second = await finished(ONE, '?expire_in=1+day', ref);
    const elsewhere = await finished(ONE, '?expire_in=1+day', 'refs/heads/elsewhere');
    world.now += 2 * DAY;
    assert.deepEqual([await file(first), await file(second), await file(elsewhere)], [404, 200, 200]);
    world.now -= 2 * DAY;
  });

  it('does not where the project says so', async () => {
    await world.world.changeProject({ keepLatestArtifact: false });
    const job = await finished(ONE, '?expire_in=1+day', 'refs/heads/unkept');
    await world.world.changeProject({ keepLatestArtifact: true });
    world.now += 2 * DAY;
    assert.equal(await file(job), 404);
    world.now -= 2 * DAY;
  });
});

describe('a header', () => {
  it('Content-Disposition cannot be broken by a name', () => {
    assert.equal(
      attachment('a\r\nSet-Cookie: x=1"; y\\z/\u202e.txt'),
      `attachment; filename="a__Set-Cookie: x=1__ y_z__.txt"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1%22%3B%20y%5Cz%2F%E2%80%AE.txt`,
    );
    assert.equal(
      attachment("it's(1)*\ud800"),
      `attachment; filename="it's(1)*_"; filename*=UTF-8''it%27s%281%29%2A%EF%BF%BD`,
    );
  });

  const ranges: [Record<string, string>, ReturnType<typeof rangeOf>][] = [
    [{}, null],
    [{ range: 'bytes=0-0' }, { start: 0, end: 1 }],
    [{ range: 'bytes=90-200' }, { start: 90, end: 100 }],
    [{ range: 'bytes=5-' }, { start: 5, end: 100 }],
    [{ range: 'bytes=-5' }, { start: 95, end: 100 }],
    [{ range: 'bytes=-500' }, { start: 0, end: 100 }],
    [{ range: 'bytes=100-' }, 'outside'],
    [{ range: 'bytes=-0' }, 'outside'],
    [{ range: 'bytes=5-1' }, null],
    [{ range: 'bytes=0-1,3-4' }, null],
    [{ range: 'lines=0-1' }, null],
    [{ range: 'bytes=-' }, null],
    [
      { range: 'bytes=0-1', 'if-range': '"e"' },
      { start: 0, end: 2 },
    ],
    [{ range: 'bytes=0-1', 'if-range': '"other"' }, null],
  ];
  for (const [headers, expected] of ranges) {
    it(`${JSON.stringify(headers)} asks for ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(rangeOf(headers, 100, '"e"'), expected);
    });
  }
});
