import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { plainText } from '../../src/trace/pattern.ts';
import { markSpans, matchesIn } from './highlight.ts';

it('matches stand where the server says', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'A', 'b', 'ü', ' ') }),
      fc.constantFrom('a', 'aa', 'Ab', 'ü '),
      fc.boolean(),
      (line, text, caseSensitive) => {
        assert.deepEqual(matchesIn(line, text, caseSensitive), plainText(text, caseSensitive).columns(line));
      },
    ),
  );
});

it('marked spans say the same text, and what is marked is what was found', () => {
  const spans = fc.array(
    fc.record({
      text: fc.string({ unit: fc.constantFrom('a', 'b', 'c') }),
      classes: fc.constantFrom('fg-1', ''),
    }),
  );
  fc.assert(
    fc.property(spans, fc.constantFrom('a', 'ab', 'abc', 'ca'), (given, text) => {
      const line = given.map((span) => span.text).join('');
      const columns = matchesIn(line, text, true);
      const marked = markSpans(
        given,
        columns.map((column, n) => ({ column, length: text.length, current: n === 1 })),
      );
      assert.equal(marked.map((span) => span.text).join(''), line);
      const found = (kind: string) =>
        marked
          .filter((span) => span.found === kind)
          .map((span) => span.text)
          .join('');
      assert.equal(found('current'), columns.length > 1 ? text : '');
      assert.equal(
        found('yes'),
        text.repeat(Math.max(0, columns.length > 1 ? columns.length - 1 : columns.length)),
      );
    }),
  );
});
