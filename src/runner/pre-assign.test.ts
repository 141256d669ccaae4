import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AssignFacts, refusalOf } from './pre-assign.ts';

const NOW = 1_000_000;
const PLAIN = {
  definition: { artifacts: null, release: null, allowFailureExitCodes: [], cache: [], secrets: null },
  dependencies: [],
  project: { buildsAccessLevel: 'enabled' },
  user: { state: 'active' },
  archived: false,
  userRemoved: false,
} as unknown as AssignFacts;

/** What is wrong, by the reason for it, in the order in which the contract asks (runner-api 2, *Pre-assign checks*). */
const WRONG: [string, Partial<Record<keyof AssignFacts, unknown>>][] = [
  ['missing_dependency_failure', { dependencies: [{ job: { erasedAt: 1 }, archive: null }] }],
  ['runner_unsupported', { definition: { ...PLAIN.definition, allowFailureExitCodes: [7] } }],
  ['archived_failure', { archived: true }],
  ['project_deleted', { project: null }],
  ['builds_disabled', { project: { buildsAccessLevel: 'disabled' } }],
  ['user_blocked', { user: { state: 'blocked' } }],
];
const facts = (...changes: object[]) => Object.assign({}, PLAIN, ...changes) as AssignFacts;

describe('a claimed job', () => {
  it('is handed out when nothing is wrong', () => {
    assert.equal(refusalOf(PLAIN, {}, NOW), null);
    const dependency = (job: object, archive: object | null) => ({ dependencies: [{ job, archive }] });
    const kept = dependency({ erasedAt: null, artifactsExpireAt: NOW - 1 }, { locked: true, expireAt: 1 });
    assert.equal(refusalOf(facts(kept), {}, NOW), null);
    assert.equal(refusalOf(facts(WRONG[1]![1]), { return_exit_code: true }, NOW), null);
  });

  for (const [index, [reason, change]] of WRONG.entries()) {
    it(`fails with ${reason}, whatever else is wrong that counts less`, () => {
      assert.equal(refusalOf(facts(change), {}, NOW), reason);
      // The later of two that change the same fact counts.
      const lesser = WRONG.slice(index + 1).map(([, other]) => other);
      assert.equal(refusalOf(facts(...lesser, change), {}, NOW), reason);
    });
  }

  it('fails with user_blocked when its user is banned or gone', () => {
    for (const change of [{ user: { state: 'banned' } }, { user: null, userRemoved: true }])
      assert.equal(refusalOf(facts(change), {}, NOW), 'user_blocked');
  });
});
