import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { TraceIndexer } from './section.ts';

const pieces = fc.array(
  fc.constantFrom(
    'section_start:1:a\r\u001b[0K',
    'section_end:2:a\r\u001b[0K',
    'section_start:3:b[collapsed=true]\r',
    'section_',
    'section_start:x:a\r',
    'text\n',
    '\n',
    'ü',
    'x'.repeat(600),
  ),
  { maxLength: 30 },
);

it('the index does not depend on how the bytes are cut', () => {
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(2000), { maxLength: 20 }), (parts, cuts) => {
      const log = Buffer.from(parts.join(''));
      const whole = new TraceIndexer();
      whole.add(log);
      const cut = new TraceIndexer();
      const borders = [0, ...cuts.filter((at) => at < log.length).sort((a, b) => a - b), log.length];
      for (let i = 1; i < borders.length; i++) cut.add(log.subarray(borders[i - 1], borders[i]));
      const index = whole.finish();
      assert.deepEqual(cut.finish(), index);
      assert.equal(index.size, log.length);
      assert.equal(
        index.lines,
        log
          .toString()
          .split('\n')
          .filter((line, i, all) => i < all.length - 1 || line !== '').length,
      );
      for (const section of index.sections) {
        assert.ok(
          log.subarray(section.startOffset).toString().startsWith(`section_start:${section.startedAt}:`),
        );
      }
    }),
  );
});

it('every thousandth line can be found without reading what is before it', () => {
  const lines = Array.from({ length: 2500 }, (_, n) => `line ${n}`);
  const log = Buffer.from(lines.join('\n'));
  const indexer = new TraceIndexer();
  indexer.add(log);
  const { offsets, every } = indexer.finish();
  assert.deepEqual(
    offsets.map((offset) => log.subarray(offset).toString().split('\n')[0]),
    ['line 0', `line ${every}`, `line ${2 * every}`],
  );
});
