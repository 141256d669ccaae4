import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RUNNER } from '../../test/queue-world.ts';
import {
  fits,
  type JobKind,
  type JobPlace,
  type RunnerFacts,
  scopesOf,
  scopesOffering,
} from '../queue/match.ts';
import { obstaclesOf } from './obstacles.ts';

const JOB: JobPlace & JobKind = {
  projectId: 7,
  groupIds: [3, 4],
  instanceRunners: true,
  groupRunners: true,
  protected: false,
  tags: [],
};

const CASES: [string, Partial<RunnerFacts>, Partial<typeof JOB>, unknown[]][] = [
  ['nothing keeps a fitting runner', {}, {}, []],
  ['paused', { paused: true }, {}, [{ rule: 'paused' }]],
  ['an unprotected ref', { protectedOnly: true }, {}, [{ rule: 'protected_refs_only' }]],
  ['a protected ref', { protectedOnly: true }, { protected: true }, []],
  ['no tags', { runUntagged: false, tags: ['a'] }, {}, [{ rule: 'untagged_jobs_not_taken' }]],
  ['tags', { tags: ['a'] }, { tags: ['a', 'b', 'B'] }, [{ rule: 'tags_missing', tags: ['b', 'B'] }]],
  ['instance runners off', {}, { instanceRunners: false }, [{ rule: 'instance_runners_disabled' }]],
  [
    'group runners off',
    { type: 'group_type', groupId: 3 },
    { groupRunners: false },
    [{ rule: 'group_runners_disabled' }],
  ],
  ['another group', { type: 'group_type', groupId: 9 }, {}, [{ rule: 'not_of_this_project' }]],
  ['another project', { type: 'project_type', projectIds: [8] }, {}, [{ rule: 'not_of_this_project' }]],
  ['its project', { type: 'project_type', projectIds: [8, 7] }, { instanceRunners: false }, []],
  [
    'all at once',
    { paused: true, protectedOnly: true },
    { instanceRunners: false, tags: ['x'] },
    [
      { rule: 'instance_runners_disabled' },
      { rule: 'paused' },
      { rule: 'protected_refs_only' },
      { rule: 'tags_missing', tags: ['x'] },
    ],
  ],
];

describe('what keeps a runner from a job', () => {
  for (const [name, runner, job, expected] of CASES) {
    it(name, () => {
      assert.deepEqual(obstaclesOf({ ...RUNNER, ...runner }, 'online', { ...JOB, ...job }), expected);
    });
  }

  it('says that a runner has not asked lately', () => {
    assert.deepEqual(obstaclesOf(RUNNER, 'offline', JOB), [{ rule: 'not_online', status: 'offline' }]);
  });

  it('is nothing exactly when the queue would give it the job', () => {
    const ids = fc.integer({ min: 1, max: 3 });
    const tags = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'));
    const runners = fc.record({
      id: fc.constant(1),
      type: fc.constantFrom('instance_type', 'group_type', 'project_type'),
      paused: fc.boolean(),
      runUntagged: fc.boolean(),
      protectedOnly: fc.boolean(),
      tags,
      groupId: fc.option(ids),
      projectIds: fc.array(ids),
    });
    const jobs = fc.record({
      projectId: ids,
      groupIds: fc.array(ids),
      instanceRunners: fc.boolean(),
      groupRunners: fc.boolean(),
      protected: fc.boolean(),
      tags,
    });
    fc.assert(
      fc.property(runners, jobs, (runner, job) => {
        const offered = scopesOffering(job);
        const taken = fits(runner, job) && scopesOf(runner).some((scope) => offered.includes(scope));
        assert.equal(obstaclesOf(runner, 'online', job).length === 0, taken);
      }),
    );
  });
});
