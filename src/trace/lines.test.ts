import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import fc from 'fast-check';
import { forEachEngine } from '../../test/databases.ts';
import { FileStore } from '../artifact/store/filesystem.ts';
import type { Database } from '../db/database.ts';
import { findLines } from './lines.ts';
import { errors, plainText } from './pattern.ts';
import { bytesBetween } from './read.ts';
import { Traces } from './traces.ts';

const NOW = 1_700_000_000_000;
const directory = mkdtempSync(join(tmpdir(), 'teaspoon-lines-'));
const opened: Traces[] = [];
after(async () => {
  for (const traces of opened) await traces.close();
  rmSync(directory, { recursive: true });
});

async function setUp(open: () => Promise<Database>) {
  const db = await open();
  const dataDir = mkdtempSync(join(directory, 'data-'));
  const artifacts = await FileStore.open(join(dataDir, 'artifacts'));
  const traces = await Traces.open({ dataDir, db, artifacts });
  opened.push(traces);
  const append = async (jobId: number, text: string | Buffer, now = NOW) => {
    const start = (await traces.view(jobId))?.size ?? 0;
    const bytes = Buffer.from(text as string);
    assert.ok((await traces.append({ jobId, start, bytes, limit: 1e9, now })).ok);
  };
  const lines = async (jobId: number, first: number, count: number) => {
    const view = (await traces.view(jobId))!;
    const found = await findLines(view, await traces.index(view), first, count);
    return { ...found, text: (await bytesBetween(view, found.start, found.end)).toString() };
  };
  const search = async (jobId: number, pattern: ReturnType<typeof plainText>, from = 0, limit = 100) =>
    traces.search((await traces.view(jobId))!, {
      pattern,
      from,
      limit,
      signal: new AbortController().signal,
    });
  return { traces, append, lines, search };
}

const STAMP = '2026-01-02T03:04:05.678901Z 01E';
/** The lines of a log with their newlines, by definition. */
const split = (log: string) =>
  log
    .match(/(?:[^\n]|\n(?=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [\da-f]{2}[OE]\+))*\n?/g)!
    .filter((line) => line !== '');

const texts = fc.array(
  fc.oneof(
    fc.constantFrom('', '\r', '\u001b[31m', `${STAMP} `, `${STAMP}+`, 'ü', 'section_start:1:a\r', 'word'),
    fc.string({ maxLength: 8 }),
    fc.integer({ min: 1, max: 40 }).map((n) => 'long '.repeat(n * 400)),
  ),
  { minLength: 1, maxLength: 60 },
);

forEachEngine('the lines of a log', (open) => {
  it('are those of splitting it, live and growing or archived', async () => {
    const { traces, append, lines } = await setUp(open);
    let jobId = 1;
    const places = fc.tuple(fc.nat(70), fc.integer({ min: 1, max: 70 }));
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.array(places, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        async (parts, asked, at) => {
          jobId++;
          const log = parts.join('\n').toWellFormed();
          const bytes = Buffer.from(log);
          const cut = at % (bytes.length + 1);
          await append(jobId, bytes.subarray(0, cut));
          await lines(jobId, 0, 10); // indexed so far
          await append(jobId, bytes.subarray(cut));
          for (const archived of [false, true]) {
            if (archived) await traces.archive(jobId, 3, NOW);
            const all = split(log);
            // The stamp that may follow the last newline of a live log is still open.
            if (!archived && all.length > 1 && /^\d{1,4}$|^2026-01/.test(all.at(-1)!)) continue;
            for (const [first, count] of asked) {
              const found = await lines(jobId, first, count);
              assert.equal(found.text, all.slice(first, first + count).join(''));
              assert.equal(found.start, Buffer.byteLength(all.slice(0, first).join('')));
              assert.equal(found.count, Math.max(0, Math.min(count, all.length - first)));
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('far inside a long log are found from the place noted before them', async () => {
    const { append, lines, traces } = await setUp(open);
    const log = Array.from({ length: 20_000 }, (_, n) => `line ${n} of a log\n`);
    log[7000] = `${'x'.repeat(500_000)}\n`;
    await append(1, log.join(''));
    for (const archived of [false, true]) {
      if (archived) await traces.archive(1, 3, NOW);
      for (const first of [0, 999, 1000, 6999, 7001, 12_345, 19_999]) {
        assert.equal((await lines(1, first, 2)).text, log.slice(first, first + 2).join(''));
      }
    }
  });

  it('are counted anew when the runner sends its log again', async () => {
    const { append, lines, traces } = await setUp(open);
    await append(1, 'one\ntwo\nthree\n');
    assert.equal((await lines(1, 1, 1)).text, 'two\n');
    assert.equal(await traces.settle(1, { checksum: 'crc32:00000001', bytesize: 3 }, NOW), 'resend');
    await append(1, 'eins und\nzwei und drei\nvier\n');
    assert.equal((await lines(1, 1, 1)).text, 'zwei und drei\n');
  });

  it('have the times at which they arrived', async () => {
    const { append, traces } = await setUp(open);
    await append(1, 'one\n', NOW);
    await append(1, 'two\n', NOW + 100);
    await append(1, 'three\n', NOW + 2000);
    const expected = [
      [0, NOW],
      [8, NOW + 2000],
    ];
    assert.deepEqual(await traces.times((await traces.view(1))!), expected);
    await traces.archive(1, 3, NOW);
    assert.deepEqual(await traces.times((await traces.view(1))!), expected);
  });
});

forEachEngine('a search', (open) => {
  const LOG = [
    'plain needle',
    '\u001b[31mnee\u001b[1mdle\u001b[0m and Needle',
    'hay',
    `${STAMP} stamped nee\n${STAMP}+dle`,
    '10% needle\r100% done',
    'section_start:1700000000:needle\r\u001b[0KHeader',
    '\u001b]8;;https://needle.example\u001b\\link\u001b]8;;\u001b\\ ünicode needle',
  ].join('\n');

  it('sees what a reader sees, live and archived', async () => {
    const { append, search, traces } = await setUp(open);
    await append(1, LOG);
    for (const archived of [false, true]) {
      if (archived) await traces.archive(1, 3, NOW);
      const { count, complete, matches } = await search(1, plainText('needle', false));
      assert.deepEqual([count, complete], [5, true]);
      assert.deepEqual(
        matches.map(({ line, column }) => [line, column]),
        [
          [0, 6],
          [1, 0],
          [1, 11],
          [3, 8],
          [6, 13],
        ],
      );
      assert.equal((await search(1, plainText('Needle', true))).count, 1);
      assert.equal((await search(1, plainText('2026-01', true))).count, 0);
      const rest = await search(1, plainText('needle', false), 2, 1);
      assert.deepEqual([rest.count, rest.matches], [5, [{ line: 3, column: 8 }]]);
    }
  });

  it('finds what slicing the whole text finds, wherever slices end', async () => {
    const { append, search } = await setUp(open);
    const log = Array.from({ length: 9000 }, (_, n) =>
      n % 7 === 0 ? `ab\u001b[0mc ${n}` : `line ${n} ${'.'.repeat(n % 90)}`,
    );
    await append(1, log.join('\n'));
    const { count, matches } = await search(1, plainText('abc', true), 0, 10_000);
    assert.equal(count, Math.ceil(9000 / 7));
    assert.deepEqual(
      matches.map(({ line }) => line),
      Array.from({ length: count }, (_, n) => n * 7),
    );
  });

  it('looks at the first MiB of a line, and counts on behind it', async () => {
    const { append, search } = await setUp(open);
    await append(1, `first\n${'x'.repeat(3_000_000)} needle\nthird needle\n`);
    assert.deepEqual((await search(1, plainText('needle', false))).matches, [{ line: 2, column: 6 }]);
  });

  it('stops counting where nobody reads on', async () => {
    const { append, search } = await setUp(open);
    await append(1, `${'x'.repeat(999)}\n`.repeat(300));
    const { count, complete, matches } = await search(1, plainText('x', false), 0, 3);
    assert.deepEqual([count >= 100_000, complete, matches.length], [true, false, 3]);
  });
});

it('lines that look like errors', () => {
  const table: [line: string, is: boolean][] = [
    ['ERROR: Job failed: exit status 1', true],
    ['src/x.ts(1,2): error TS2345: no', true],
    ['npm ERR! code 1', true],
    ['TypeError: x is not a function', true],
    ['--- FAIL: TestIt (0.00s)', true],
    ['java.lang.NullPointerException', true],
    ['Traceback (most recent call last):', true],
    ['panic: runtime error', true],
    ['3 tests failed.', true],
    ['10 errors', true],
    ['0 errors, 0 failures', false],
    ['errors: 0', false],
    ['No errors found', false],
    ['copied error-pages and lib/error.js', false],
    ['terror and failover', false],
    ['all went well', false],
  ];
  for (const [line, is] of table) {
    assert.equal(errors.columns(line).length > 0, is, line);
    if (is) assert.ok(errors.may(line), line);
  }
});
