import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { processorMs } from '../../test/processor-time.ts';
import { redact } from './redact.ts';

const TEXTS: [text: string, kept: string][] = [
  ['no project 5', 'no project 5'],
  ['token glpat-abcdefghijkl is bad', 'token [FILTERED] is bad'],
  ['at https://ann:hunter22@host/x.git', 'at https://[FILTERED]@host/x.git'],
  ['/x?private_token=abc&page=2', '/x?private_token=[FILTERED]&page=2'],
  ['{"password":"long one","page":2}', '{"password":"[FILTERED]","page":2}'],
  ['{"PRIVATE-TOKEN":"abc"}', '{"PRIVATE-TOKEN":"[FILTERED]"}'],
  ['Authorization: Bearer abc.def', 'Authorization: Bearer [FILTERED]'],
  ['client_secret: abc', 'client_secret: [FILTERED]'],
];

describe('a text for the log', () => {
  for (const [text, kept] of TEXTS) {
    it(text, () => assert.equal(redact(text), kept));
  }

  it('is cut, and read in no more time than its length takes', () => {
    const startedAt = processorMs();
    assert.equal(redact('token='.repeat(1_000_000)).length < 20_000, true);
    assert.ok(processorMs() - startedAt < 1000);
  });
});
