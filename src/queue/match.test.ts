import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RUNNER } from '../../test/queue-world.ts';
import { fits, kindText, parseKind, type RunnerFacts, scopesOf, scopesOffering } from './match.ts';

describe('a job goes to a runner', () => {
  const cases: {
    promise: string;
    runner: Partial<RunnerFacts>;
    tags: string[];
    protected?: true;
    fits: boolean;
  }[] = [
    { promise: 'untagged, when the runner runs untagged jobs', runner: {}, tags: [], fits: true },
    {
      promise: 'not untagged, when it does not',
      runner: { runUntagged: false, tags: ['a'] },
      tags: [],
      fits: false,
    },
    { promise: 'when its tags are all there', runner: { tags: ['a', 'b'] }, tags: ['b', 'a'], fits: true },
    { promise: 'when the runner has more tags', runner: { tags: ['a', 'b', 'c'] }, tags: ['b'], fits: true },
    { promise: 'not when one tag is missing', runner: { tags: ['a'] }, tags: ['a', 'b'], fits: false },
    {
      promise: 'not when a tag differs in case',
      runner: { tags: ['Docker'] },
      tags: ['docker'],
      fits: false,
    },
    {
      promise: 'tagged, even when it runs no untagged ones',
      runner: { runUntagged: false, tags: ['a'] },
      tags: ['a'],
      fits: true,
    },
    {
      promise: 'protected, when the runner is protected',
      runner: { protectedOnly: true },
      tags: [],
      protected: true,
      fits: true,
    },
    { promise: 'not unprotected, when it is', runner: { protectedOnly: true }, tags: [], fits: false },
    { promise: 'protected, when the runner is not', runner: {}, tags: [], protected: true, fits: true },
    { promise: 'never while it is paused', runner: { paused: true }, tags: [], fits: false },
  ];
  for (const c of cases) {
    it(c.promise, () => {
      assert.equal(
        fits({ ...RUNNER, ...c.runner }, { tags: c.tags, protected: c.protected ?? false }),
        c.fits,
      );
    });
  }
});

describe('a job is offered', () => {
  const place = { projectId: 9, groupIds: [1, 5], instanceRunners: true, groupRunners: true };
  it('to the instance, to every group above it and to its project', () => {
    assert.deepEqual(scopesOffering(place), ['instance', 'group:1', 'group:5', 'project:9']);
  });
  it('only where its project lets runners in', () => {
    assert.deepEqual(scopesOffering({ ...place, instanceRunners: false, groupRunners: false }), [
      'project:9',
    ]);
  });
});

describe('a runner looks', () => {
  it('in the scope of its type alone', () => {
    assert.deepEqual(scopesOf(RUNNER), ['instance']);
    assert.deepEqual(scopesOf({ ...RUNNER, type: 'group_type', groupId: 5 }), ['group:5']);
    assert.deepEqual(scopesOf({ ...RUNNER, type: 'project_type', projectIds: [9, 3] }), [
      'project:9',
      'project:3',
    ]);
  });
});

describe('the text of a kind', () => {
  it('is equal for equal kinds and comes back the same', () => {
    const kind = { protected: true, tags: ['b', 'a"', 'b'] };
    assert.equal(kindText(kind), kindText({ protected: true, tags: ['a"', 'b'] }));
    assert.deepEqual(parseKind(kindText(kind)), { protected: true, tags: ['a"', 'b'] });
  });
});
