import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cleanTags, problemsOf, type RunnerAttributes, sentencesOf, UNSAID } from './attributes.ts';

const GOOD: RunnerAttributes = {
  ...UNSAID,
  description: 'a box',
};

describe('a runner is refused', () => {
  const cases: { promise: string; given: Partial<RunnerAttributes>; problems: Record<string, string[]> }[] = [
    { promise: 'never, when all is well', given: {}, problems: {} },
    {
      promise: 'without tags, when it runs no untagged jobs',
      given: { runUntagged: false },
      problems: { tags_list: ['can not be empty when runner is not allowed to pick untagged jobs'] },
    },
    {
      promise: 'not with 50 tags',
      given: { tags: Array.from({ length: 50 }, (_, i) => `t${i}`) },
      problems: {},
    },
    {
      promise: 'with 51 tags',
      given: { tags: Array.from({ length: 51 }, (_, i) => `t${i}`) },
      problems: { tags_list: ['Too many tags specified. Please limit the number of tags to 50'] },
    },
    { promise: 'not with ten minutes', given: { maximumTimeoutSeconds: 600 }, problems: {} },
    {
      promise: 'with less than ten minutes',
      given: { maximumTimeoutSeconds: 599 },
      problems: { maximum_timeout: ['needs to be at least 10 minutes'] },
    },
    {
      promise: 'with long texts',
      given: { name: 'n'.repeat(257), description: 'd'.repeat(1025), maintenanceNote: 'n'.repeat(1025) },
      problems: {
        name: ['is too long (maximum is 256 characters)'],
        description: ['is too long (maximum is 1024 characters)'],
        maintenance_note: ['is too long (maximum is 1024 characters)'],
      },
    },
  ];
  for (const c of cases) {
    it(c.promise, () => assert.deepEqual(problemsOf({ ...GOOD, ...c.given }), c.problems));
  }
});

describe('problems as sentences', () => {
  it('begin with the field and are joined as in English', () => {
    assert.equal(sentencesOf({ maximum_timeout: ['needs more'] }), 'Maximum timeout needs more');
    assert.equal(sentencesOf({ a: ['x'], b: ['y'] }), 'A x and B y');
    assert.equal(sentencesOf({ a: ['x', 'z'], b: ['y'] }), 'A x, A z, and B y');
  });
});

describe('tags', () => {
  it('are kept trimmed, once, sorted and in their case', () => {
    assert.deepEqual(cleanTags([' b ', 'a', '', 'b', 'A']), ['A', 'a', 'b']);
  });
});
