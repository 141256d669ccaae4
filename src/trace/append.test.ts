import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { forEachEngine } from '../../test/databases.ts';
import { FileStore } from '../artifact/store/filesystem.ts';
import type { Database } from '../db/database.ts';
import { startOf } from './append.ts';
import { continueCrc } from './checksum.ts';
import { insertTrace } from './queries.ts';
import { ChunkTraces } from './store/chunks.ts';
import { FileTraces } from './store/files.ts';
import type { LiveStore } from './store.ts';
import { Traces } from './traces.ts';

const LIMIT = 1024 * 1024;
const NOW = 1_700_000_000_000;

const directory = mkdtempSync(join(tmpdir(), 'teaspoon-trace-'));
after(() => rmSync(directory, { recursive: true }));

async function bytesOf(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

type Tried = Pick<LiveStore, 'append' | 'size' | 'read' | 'summary' | 'remove'>;

/** What a runner may send: pieces of one log, in any order, again, overlapping, or far ahead. */
const sends = fc.array(
  fc.record({ from: fc.double({ min: 0, max: 1.2, noNaN: true }), length: fc.nat(40) }),
  {
    maxLength: 30,
  },
);

async function promiseExactOffsets(live: Tried, nextJob: () => number, runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), sends, async (log, tries) => {
      const jobId = nextJob();
      let size = 0;
      for (const { from, length } of tries) {
        const start = Math.floor(from * log.length);
        const bytes = log.subarray(start, start + length);
        const result = await live.append({ jobId, start, bytes, limit: LIMIT, now: NOW }, async () => true);
        const fits = start === size;
        if (fits) size += bytes.length;
        assert.deepEqual(result, fits ? { ok: true, size } : { ok: false, reason: 'offset', size });
      }
      const rest = log.subarray(size);
      await live.append({ jobId, start: size, bytes: rest, limit: LIMIT, now: NOW }, async () => true);
      assert.equal(await live.size(jobId), log.length);
      assert.deepEqual(await bytesOf(live.read(jobId, 0, log.length)), Buffer.from(log));
      assert.deepEqual(await live.summary(jobId), { size: log.length, crc: continueCrc(log) });
      await live.remove(jobId);
    }),
    { numRuns: runs },
  );
}

async function promiseRanges(live: LiveStore, jobId: number, runs: number): Promise<void> {
  const log = Buffer.alloc(700_000, 'abcdefghijklmnopqrstuvwxyz0123456789\n');
  for (let start = 0; start < log.length; start += 65_536) {
    const bytes = log.subarray(start, start + 65_536);
    await live.append({ jobId, start, bytes, limit: LIMIT, now: NOW }, async () => true);
  }
  await fc.assert(
    fc.asyncProperty(fc.nat(log.length + 10), fc.nat(log.length + 10), async (start, end) => {
      assert.ok(
        (await bytesOf(live.read(jobId, start, end))).equals(log.subarray(start, Math.max(start, end))),
      );
    }),
    { numRuns: runs },
  );
}

describe('live traces in files', () => {
  let job = 1;
  it('take any split with repeats, overlaps and gaps by the exact-offset rule', async () => {
    const live = await FileTraces.open(join(directory, 'split'), 2);
    await promiseExactOffsets(live, () => job++, 60);
    await live.close();
  });

  it('read any range as slicing does', async () => {
    const live = await FileTraces.open(join(directory, 'ranges'));
    await promiseRanges(live, 1, 100);
    await live.close();
  });

  it('keep every trace apart while more are written than files may be open', async () => {
    const live = await FileTraces.open(join(directory, 'many'), 3);
    const jobs = Array.from({ length: 20 }, (_, index) => index + 1);
    for (let round = 0; round < 5; round++) {
      const results = await Promise.all(
        jobs.map((jobId) =>
          live.append(
            {
              jobId,
              start: round * 9,
              bytes: Buffer.from(`job ${String(jobId).padStart(4)}\n`),
              limit: LIMIT,
              now: NOW,
            },
            async () => true,
          ),
        ),
      );
      assert.ok(results.every((result) => result.ok));
    }
    for (const jobId of jobs) {
      const expected = `job ${String(jobId).padStart(4)}\n`.repeat(5);
      assert.equal((await bytesOf(live.read(jobId, 0, LIMIT))).toString(), expected);
    }
    await live.close();
    const reopened = await FileTraces.open(join(directory, 'many'));
    assert.deepEqual(await reopened.summary(20), {
      size: 45,
      crc: continueCrc(Buffer.from('job   20\n'.repeat(5))),
    });
    await reopened.close();
  });

  it('let one of two writers at the same offset win', async () => {
    const live = await FileTraces.open(join(directory, 'race'));
    const chunk = { jobId: 1, start: 0, bytes: Buffer.alloc(100_000, 'x'), limit: LIMIT, now: NOW };
    await live.append({ ...chunk, bytes: Buffer.alloc(0) }, async () => true);
    const results = await Promise.all([1, 2, 3].map(() => live.append(chunk, async () => true)));
    assert.deepEqual(
      results.map((result) => (result.ok ? 'ok' : result.reason)),
      ['ok', 'busy', 'busy'],
    );
    await live.close();
  });

  it('store nothing for a start far beyond the end', async () => {
    const live = await FileTraces.open(join(directory, 'sparse'));
    const chunk = { jobId: 7, start: 99_999_999_999, bytes: Buffer.from('x'), limit: LIMIT, now: NOW };
    assert.deepEqual(await live.append(chunk, async () => true), { ok: false, reason: 'offset', size: 0 });
    assert.deepEqual(await live.jobIds(), []);
    await live.close();
  });
});

forEachEngine('live traces in rows', (open) => {
  let job = 1;
  it('take any split with repeats, overlaps and gaps by the exact-offset rule', async () => {
    const db = await open();
    const rows = new ChunkTraces(db);
    const live: Tried = {
      append: (chunk) => rows.append(chunk, () => beginTrace(db, chunk.jobId)),
      size: (jobId) => rows.size(jobId),
      read: (jobId, start, end) => rows.read(jobId, start, end),
      summary: (jobId) => rows.summary(jobId),
      remove: (jobId) => rows.remove(jobId),
    };
    await promiseExactOffsets(live, () => job++, 15);
  });

  it('read any range as slicing does', async () => {
    const db = await open();
    await beginTrace(db, 1);
    await promiseRanges(new ChunkTraces(db), 1, 40);
  });
});

forEachEngine('traces', (open) => {
  it('refuse what would pass the size limit, and keep what was there', async () => {
    const db = await open();
    const artifacts = await FileStore.open(join(directory, 'limit-artifacts'));
    const traces = await Traces.open({ dataDir: mkdtempSync(join(directory, 'limit-')), db, artifacts });
    const chunk = { jobId: 1, limit: 10, now: NOW };
    assert.deepEqual(await traces.append({ ...chunk, start: 0, bytes: Buffer.from('0123456789') }), {
      ok: true,
      size: 10,
    });
    assert.deepEqual(await traces.append({ ...chunk, start: 10, bytes: Buffer.from('x') }), {
      ok: false,
      reason: 'too_large',
    });
    assert.deepEqual(await traces.append({ ...chunk, start: 10, bytes: Buffer.alloc(0) }), {
      ok: true,
      size: 10,
    });
    const view = await traces.view(1);
    assert.equal((await bytesOf(view!.stream())).toString(), '0123456789');
    await traces.close();
  });
});

describe('the start of a chunk', () => {
  const table: [string | undefined, number | null][] = [
    ['0-9', 0],
    ['1024-2047', 1024],
    ['5-', 5],
    ['5-9/10', 5],
    ['5-9/*', 5],
    ['bytes 5-9/10', 5],
    [' 7-8 ', 7],
    ['7', 7],
    ['99999999999-100000000000', 99_999_999_999],
    ['9999999999999999-1', null],
    ['-5', null],
    ['a-b', null],
    ['1e3-5', null],
    ['', null],
    [undefined, null],
  ];
  for (const [header, start] of table) {
    it(`of Content-Range ${JSON.stringify(header)} is ${start}`, () => assert.equal(startOf(header), start));
  }
});

async function beginTrace(db: Database, jobId: number): Promise<boolean> {
  await db.transaction((tx) => insertTrace(tx, jobId, NOW));
  return true;
}
