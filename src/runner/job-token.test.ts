import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { Encryption } from '../project/encryption.ts';
import { jobNamedBy, makeJobToken, wasMadeFor } from './job-token.ts';

const encryption = new Encryption([randomBytes(32)]);

describe('a job token', () => {
  it('has the prefix that runners mask, and never comes twice', () => {
    const tokens = Array.from({ length: 1000 }, () => makeJobToken(encryption, 7));
    assert.equal(new Set(tokens).size, 1000);
    for (const token of tokens) assert.match(token, /^glcbt-7_[\w-]{46}$/);
  });

  it('names its job', () => {
    for (const id of [1, 255, 2 ** 40]) assert.equal(jobNamedBy(makeJobToken(encryption, id)), id);
  });

  it('proves for which job it was made', () => {
    const token = makeJobToken(encryption, 7);
    assert.equal(wasMadeFor(encryption, 7, token), true);
    assert.equal(wasMadeFor(encryption, 8, token), false);
    assert.equal(wasMadeFor(new Encryption([randomBytes(32)]), 7, token), false);
  });

  for (const [what, wrong] of Object.entries({
    empty: '',
    'only a prefix': 'glcbt-',
    'of another kind': 'glpat-0123456789012345678901234567890123456789',
    'cut off': makeJobToken(encryption, 7).slice(0, -1),
    'longer than it was': `${makeJobToken(encryption, 7)}x`,
    'without a job': makeJobToken(encryption, 7).replace('7_', '_'),
  })) {
    it(`names and proves nothing when it is ${what}`, () => {
      assert.equal(jobNamedBy(wrong), null);
      assert.equal(wasMadeFor(encryption, 7, wrong), false);
    });
  }
});
