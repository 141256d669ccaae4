import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { forEachEngine } from '../../test/databases.ts';
import { artifactsOf } from '../artifact/artifact.ts';
import { FileStore } from '../artifact/store/filesystem.ts';
import type { Database } from '../db/database.ts';
import { formatChecksum } from './checksum.ts';
import { nextBytes } from './live.ts';
import { traceOf } from './queries.ts';
import { Traces } from './traces.ts';

const NOW = 1_700_000_000_000;
const LIMIT = 1e9;
const root = mkdtempSync(join(tmpdir(), 'teaspoon-archive-'));
const opened: Traces[] = [];
after(async () => {
  for (const traces of opened) await traces.close();
  rmSync(root, { recursive: true });
});

async function setUp(open: () => Promise<Database>) {
  const db = await open();
  const dataDir = mkdtempSync(join(root, 'data-'));
  const artifacts = await FileStore.open(join(dataDir, 'artifacts'));
  const traces = await Traces.open({ dataDir, db, artifacts });
  opened.push(traces);
  const append = async (jobId: number, start: number, text: string) =>
    traces.append({ jobId, start, bytes: Buffer.from(text), limit: LIMIT, now: NOW });
  const text = async (jobId: number, start?: number, end?: number) => {
    const view = await traces.view(jobId);
    if (view === null) return null;
    const parts: Buffer[] = [];
    for await (const part of view.stream(start, end)) parts.push(part);
    return Buffer.concat(parts).toString();
  };
  return { db, dataDir, artifacts, traces, append, text };
}

const LOG = [
  'Running with a runner\n',
  'section_start:1700000000:prepare[collapsed=true]\r\u001b[0Kpreparing\n',
  'done\nsection_end:1700000005:prepare\r\u001b[0Kafter\n',
  'section_start:1700000006:open\r\u001b[0Klast line without an end',
].join('');

forEachEngine('a finished log', (open) => {
  it('becomes the artifact job.log, byte for byte, with its index beside it', async () => {
    const { db, dataDir, traces, append, text } = await setUp(open);
    await append(7, 0, LOG.slice(0, 40));
    await append(7, 40, LOG.slice(40));
    assert.equal((await traces.view(7))?.live, true);
    assert.equal(await traces.archive(7, 3, NOW), true);

    const [artifact] = (await artifactsOf(db.read, [7])).get(7)!;
    const { type, format, filename, size, projectId, expireAt } = artifact!;
    assert.deepEqual(
      { type, format, filename, size, projectId, expireAt },
      {
        type: 'trace',
        format: 'raw',
        filename: 'job.log',
        size: Buffer.byteLength(LOG),
        projectId: 3,
        expireAt: null,
      },
    );
    assert.equal(await text(7), LOG);
    assert.equal(await text(7, 8, 20), LOG.slice(8, 20));
    assert.equal((await traces.view(7))?.live, false);
    assert.equal((await traceOf(db.read, 7))?.checksum, formatChecksum(crc32(LOG)));
    const index = await traces.index((await traces.view(7))!);
    assert.equal(index.lines, 5);
    assert.deepEqual(index.times, [[0, NOW]]);
    assert.deepEqual(
      index.sections.map(({ name, startedAt, endedAt, firstLine, lastLine, options, header }) => [
        name,
        startedAt,
        endedAt,
        firstLine,
        lastLine,
        options,
        header,
      ]),
      [
        ['prepare', 1_700_000_000, 1_700_000_005, 1, 2, 'collapsed=true', 'preparing'],
        ['open', 1_700_000_006, null, 4, null, '', 'last line without an end'],
      ],
    );
    assert.deepEqual(readdirSync(dataDir).includes('traces') ? readdirSync(join(dataDir, 'traces')) : [], []);
  });

  it('takes no more bytes', async () => {
    const { traces, append } = await setUp(open);
    await append(7, 0, LOG);
    await traces.archive(7, 3, NOW);
    assert.equal(await traces.archive(7, 3, NOW), false);
    assert.deepEqual(await append(7, 0, 'again'), { ok: false, reason: 'closed' });
  });

  it('is asked for again once when the runner counted otherwise, then kept and marked', async () => {
    const { db, traces, append } = await setUp(open);
    const said = { checksum: formatChecksum(crc32('right')), bytesize: 5 };
    await append(7, 0, 'wrong');
    assert.equal(await traces.settle(7, said, NOW), 'resend');
    assert.deepEqual(await append(7, 5, 'x'), { ok: false, reason: 'offset', size: 0 });
    await append(7, 0, 'right');
    assert.equal(await traces.settle(7, said, NOW), 'stored');
    assert.equal((await traceOf(db.read, 7))?.corrupt, false);

    await append(8, 0, 'wrong');
    assert.equal(await traces.settle(8, said, NOW), 'resend');
    await append(8, 0, 'still');
    assert.equal(await traces.settle(8, said, NOW), 'stored');
    assert.equal((await traceOf(db.read, 8))?.corrupt, true);
    assert.equal(await traces.settle(9, { checksum: 'crc32:00000000', bytesize: null }, NOW), 'stored');
  });

  it('is gone after erase, live or archived, and its bytes are recorded for removal', async () => {
    const { db, traces, append, text } = await setUp(open);
    await append(7, 0, LOG);
    await traces.archive(7, 3, NOW);
    await append(8, 0, LOG);
    await db.transaction((tx) => traces.erase(tx, [7, 8], NOW));
    assert.deepEqual([await text(7), await text(8)], [null, null]);
    assert.equal((await artifactsOf(db.read, [7, 8])).size, 0);
  });

  it('whose row was erased just before a crash is swept', async () => {
    const { db, traces, append } = await setUp(open);
    await append(7, 0, LOG);
    await append(8, 0, LOG);
    await db.transaction(
      async (tx) => void (await tx.sql.deleteFrom('traces').where('job_id', '=', 7).execute()),
    );
    assert.equal(await traces.sweep(), 1);
    assert.equal(await traces.sweep(), 0);
    assert.equal((await traces.view(8))?.size, Buffer.byteLength(LOG));
  });
});

forEachEngine('a follower of a log', (open) => {
  const patient = (jobId: number, offset: number, ended = false, timeout = 20_000) => ({
    jobId,
    offset,
    timeout,
    signal: new AbortController().signal,
    ended: async () => ended,
  });

  it('gets what follows its offset, waits for more, and learns of the end', async () => {
    const { db, traces, append } = await setUp(open);
    const { notifications } = db;
    await append(7, 0, 'hello ');
    assert.deepEqual(await nextBytes(traces, notifications, patient(7, 0)), {
      kind: 'bytes',
      bytes: Buffer.from('hello '),
    });
    const waiting = nextBytes(traces, notifications, patient(7, 6));
    await append(7, 6, 'world');
    assert.deepEqual(await waiting, { kind: 'bytes', bytes: Buffer.from('world') });
    assert.deepEqual(await nextBytes(traces, notifications, patient(7, 11, true)), { kind: 'ended' });
    assert.deepEqual(await nextBytes(traces, notifications, patient(7, 99)), { kind: 'restarted' });
    assert.deepEqual(await nextBytes(traces, notifications, patient(7, 11, false, 0)), { kind: 'timeout' });
    assert.equal(notifications.size, 0);
  });

  it('makes the runner send each second; a reader every three; nobody every sixty', async () => {
    const { traces } = await setUp(open);
    const intervals = [traces.watching.interval(7, NOW)];
    traces.watching.read(7, NOW);
    intervals.push(traces.watching.interval(7, NOW + 1000));
    const leave = traces.watching.follow(7);
    intervals.push(traces.watching.interval(7, NOW + 1000));
    leave();
    intervals.push(traces.watching.interval(7, NOW + 75_000));
    assert.deepEqual(intervals, [60, 3, 1, 60]);
  });
});
