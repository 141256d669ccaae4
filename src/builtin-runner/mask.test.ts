import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Masker } from './mask.ts';

function mask(phrases: string[], chunks: string[]): string {
  const masker = new Masker(phrases);
  const out = chunks.map((chunk) => masker.write(Buffer.from(chunk)));
  return Buffer.concat([...out, masker.flush()]).toString();
}

describe('a masked secret', () => {
  const table: [string, string[], string[], string][] = [
    ['is replaced', ['secret'], ['a secret b'], 'a [MASKED] b'],
    ['is replaced when cut at every byte', ['secret'], [...'a secret b'], 'a [MASKED] b'],
    ['is replaced twice in a row', ['secret'], ['secretsecret'], '[MASKED][MASKED]'],
    ['wins over its own prefix', ['abc', 'abcdef'], ['xabcdefx'], 'x[MASKED]x'],
    ['leaves no tail of an overlapping one', ['abcd', 'cdef'], ['abcdef'], '[MASKED]'],
    ['leaves a half of it alone', ['secret'], ['secre', 't?'], '[MASKED]?'],
    ['may hold a line break', ['a\r\nb'], ['x a\r', '\nb y'], 'x [MASKED] y'],
    ['of no length masks nothing', [''], ['abc'], 'abc'],
    ['that never ends is shown', ['secret'], ['secre'], 'secre'],
    ['may have the shape of a token', [], ['t glpat-abcdefghijklm end'], 't [MASKED] end'],
    ['may be a token cut in the middle', [], ['t glp', 'at-abcdefgh', 'ijklm end'], 't [MASKED] end'],
  ];
  for (const [what, phrases, chunks, expected] of table) {
    it(what, () => assert.equal(mask(phrases, chunks), expected));
  }

  it('holds nothing back that cannot become one', () => {
    const masker = new Masker(['secret', 'x'.repeat(5000)]);
    assert.equal(masker.write(Buffer.from('a line\n')).toString(), 'a line\n');
    assert.equal(masker.write(Buffer.from('not a sec')).toString(), 'not a ');
    assert.equal(masker.write(Buffer.from('ond\ngl')).toString(), 'second\n');
    assert.equal(masker.write(Buffer.from('ass\n')).toString(), 'glass\n');
  });

  it('never shows, whatever the chunks', () => {
    const phrase = fc.stringMatching(/^[ab]{3,6}$/);
    fc.assert(
      fc.property(
        fc.array(phrase, { minLength: 1, maxLength: 3 }),
        fc.array(fc.stringMatching(/^[abc]{0,9}$/)),
        (phrases, chunks) => {
          const out = mask(phrases, chunks);
          assert.equal(out, mask(phrases, [chunks.join('')]));
          for (const one of phrases) assert.equal(out.includes(one), false);
        },
      ),
    );
  });
});
