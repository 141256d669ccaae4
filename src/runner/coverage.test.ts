import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { coverageOf } from './coverage.ts';

function trace(text: string) {
  const bytes = Buffer.from(text);
  return {
    size: bytes.length,
    stream: (start = 0, end = bytes.length) => Readable.from([bytes.subarray(start, end)]),
  };
}

const STAMP = '2026-01-02T03:04:05.678901Z 01O';

describe('the coverage of a job is', () => {
  const cases: { promise: string; log: string; pattern: string; is: number | null }[] = [
    { promise: 'absent without a match', log: 'nothing\n', pattern: 'cov: (\\d+)', is: null },
    { promise: 'absent for an empty log', log: '', pattern: '\\d+', is: null },
    {
      promise: 'the number of the last line that matches',
      log: 'cov: 10\ncov: 20\nend',
      pattern: 'cov: (\\d+)',
      is: 20,
    },
    { promise: 'the last match of its line', log: 'cov: 10 cov: 20\n', pattern: 'cov: (\\d+)', is: 20 },
    {
      promise: 'the number in a match without groups',
      log: 'total 87.5% done\n',
      pattern: 'total .*%',
      is: 87.5,
    },
    { promise: 'the number of the last group', log: 'a 1 b 2\n', pattern: 'a (\\d) b (\\d)', is: 2 },
    {
      promise: 'taken further up when a match has no number',
      log: 'cov: 7\ncov: x\n',
      pattern: 'cov: (\\w)',
      is: 7,
    },
    {
      promise: 'found far up a long log',
      log: `cov: 42\n${'x'.repeat(70)}\n`.padEnd(700_000, 'filler\n'),
      pattern: 'cov: (\\d+)',
      is: 42,
    },
    {
      promise: 'found in a line that begins in the window before',
      log: `${'-'.repeat(10)}\ncov: 42 ${'y'.repeat(262_140)}\n`,
      pattern: 'cov: (\\d+)',
      is: 42,
    },
    {
      promise: 'found from the beginning of a line to its end, stamps left out',
      log: `${STAMP} \n${STAMP} TOTAL  8${`\n${STAMP}+`}5%\r\n${STAMP} 90%\n`,
      pattern: '^TOTAL +(\\d+%)$',
      is: 85,
    },
    { promise: 'no part of a stamp', log: `${STAMP} 7%\n${STAMP} end\n`, pattern: '\\d+', is: 7 },
    {
      promise: 'found in a line whose pieces are in two windows',
      log: `${STAMP} ${'-'.repeat(10)}\n${STAMP} cov: 4\n${STAMP}+2 ${'y'.repeat(262_100)}\n`,
      pattern: '^cov: (\\d+)',
      is: 42,
    },
    { promise: 'absent for a pattern that is none', log: 'cov: 1\n', pattern: '(', is: null },
  ];
  for (const c of cases) {
    it(c.promise, async () => assert.equal(await coverageOf(trace(c.log), c.pattern), c.is));
  }
});
