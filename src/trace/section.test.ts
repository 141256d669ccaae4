import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type TraceIndex, TraceIndexer } from './section.ts';

const STAMP = '2026-01-02T03:04:05.678901Z 00O';
const pieces = fc.array(
  fc.constantFrom(
    'section_start:1:a\r\u001b[0K',
    'section_end:2:a\r\u001b[0K',
    'section_start:3:b[collapsed=true]\r',
    'section_',
    'section_start:x:a\r',
    'text\n',
    '\n',
    `\n${STAMP} `,
    `\n${STAMP}+`,
    `\n${STAMP.slice(0, 20)}`,
    'ü',
    'x'.repeat(600),
  ),
  { maxLength: 30 },
);

function indexOf(log: Buffer, borders: number[] = []): TraceIndex {
  const indexer = new TraceIndexer();
  const cuts = [0, ...borders.filter((at) => at < log.length).sort((a, b) => a - b), log.length];
  for (let i = 1; i < cuts.length; i++) indexer.add(log.subarray(cuts[i - 1], cuts[i]));
  return indexer.finish();
}

/** The lines of a log by its definition: newlines end them, but for those that a stamp with a plus follows. */
function linesOf(log: Buffer): string[] {
  const lines = log.toString().split(/\n(?!\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [\da-f]{2}[OE]\+)/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

describe('the index of a log', () => {
  it('does not depend on how the bytes are cut', () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(2000), { maxLength: 20 }), (parts, cuts) => {
        const log = Buffer.from(parts.join(''));
        const index = indexOf(log);
        assert.deepEqual(indexOf(log, cuts), index);
        assert.equal(index.size, log.length);
        assert.equal(index.lines, linesOf(log).length);
        for (const section of index.sections) {
          const marker = log.subarray(section.startOffset).toString();
          assert.ok(marker.startsWith(`section_start:${section.startedAt}:`));
          assert.ok(section.lastLine === null || section.lastLine >= section.firstLine);
        }
      }),
    );
  });

  it('of a log that grows never has fewer lines than before, and in the end as many as that of the whole', () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(2000), { maxLength: 20 }), (parts, cuts) => {
        const log = Buffer.from(parts.join(''));
        const indexer = new TraceIndexer();
        let [before, from] = [0, 0];
        for (const to of [...cuts.filter((at) => at < log.length).sort((a, b) => a - b), log.length]) {
          indexer.add(log.subarray(from, to));
          from = to;
          const { lines, size } = indexer.soFar();
          assert.ok(lines >= before && size === to);
          before = lines;
        }
        assert.ok(indexOf(log).lines - before <= 1);
      }),
    );
  });

  it('notes a place every thousand lines, and behind what is long', () => {
    const lines = Array.from({ length: 2500 }, (_, n) => `line ${n}`);
    lines[1200] = 'x'.repeat(300_000);
    const log = Buffer.from(lines.join('\n'));
    const noted = indexOf(log).marks;
    assert.deepEqual(
      noted.map(([line]) => line),
      [0, 1000, 1201, 2201],
    );
    for (const [line, offset] of noted) {
      assert.equal(
        log
          .subarray(offset, offset + 300_000)
          .toString()
          .split('\n')[0],
        lines[line],
      );
    }
  });
});

describe('a section', () => {
  const END = 'section_end:5:a\r\u001b[0K';
  const START = 'section_start:1:a\r\u001b[0K';
  const table: [what: string, log: string, expected: (string | number | null)[]][] = [
    [
      'that another one follows on the line',
      `${START}Head\none\n${END}section_start:5:b\r\u001b[0KNext\n`,
      ['Head', 0, 1],
    ],
    ['whose end has a line to itself', `before\n${START}Head\none\n${END}\nafter\n`, ['Head', 1, 3]],
    ['whose end stands behind text', `${START}\u001b[36;1mHead\u001b[0;m\none${END}\nafter`, ['Head', 0, 1]],
    ['whose end is the end', `${START}Head\none\n${END}`, ['Head', 0, 2]],
    [
      'whose end has the last word before it',
      `${START}Head\none\n${END}\u001b[32;1mJob succeeded\u001b[0;m\n`,
      ['Head', 0, 1],
    ],
    ['that goes on', `${START}Head\none\n`, ['Head', 0, null]],
    ['on one line', `${START}Head${END}\n`, ['Head', 0, 0]],
    ['without a header', `${START}\none\n`, ['', 0, null]],
    [
      'of a runner that stamps its lines',
      `${STAMP} section_start:1:a\r\n${STAMP}+\u001b[0K\u001b[36;1mHead\u001b[0;m\n${STAMP} one\n${STAMP} section_end:5:a\r\n${STAMP}+section_start:5:b\r\n${STAMP}+Next\n`,
      ['Head', 0, 1],
    ],
  ];
  for (const [what, log, expected] of table) {
    it(what, () => {
      const [section] = indexOf(Buffer.from(log)).sections;
      assert.deepEqual([section?.header, section?.firstLine, section?.lastLine], expected);
    });
  }

  it('of a live log is known as soon as its marker is there', () => {
    const indexer = new TraceIndexer();
    indexer.add(Buffer.from(`hello\n${START}`));
    assert.deepEqual(
      indexer.soFar().sections.map(({ name, firstLine }) => [name, firstLine]),
      [['a', 1]],
    );
  });

  it('of a live log that ended leaves the line to what stands behind it', () => {
    const indexer = new TraceIndexer();
    indexer.add(Buffer.from(`${START}Head\none\n${END}\u001b[31mERROR: Job failed\u001b[0m\n`));
    const [section] = indexer.soFar().sections;
    assert.deepEqual([section?.header, section?.lastLine], ['Head', 1]);
  });

  it('ends with those inside it', () => {
    const log = `${START}A\nsection_start:2:b\rB\nx\nsection_end:3:b\rsection_end:4:a\r\nrest\n`;
    assert.deepEqual(
      indexOf(Buffer.from(log)).sections.map(({ name, firstLine, lastLine }) => [name, firstLine, lastLine]),
      [
        ['a', 0, 3],
        ['b', 1, 3],
      ],
    );
  });
});
