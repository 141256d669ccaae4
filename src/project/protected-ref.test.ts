import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { processorMs } from '../../test/processor-time.ts';
import {
  isProtected,
  matchesName,
  mayDeleteRef,
  mayForcePush,
  mayPushTo,
  mayRunOn,
  type ProtectedRef,
} from './protected-ref.ts';

const MATCHES: [pattern: string, name: string, fits: boolean][] = [
  ['main', 'main', true],
  ['main', 'Main', false],
  ['main', 'mains', false],
  ['*', '', true],
  ['*', 'a/b', true],
  ['release/*', 'release/1', true],
  ['release/*', 'release/', true],
  ['release/*', 'release', false],
  ['release/*', 'xrelease/1', false],
  ['*-stable', '1-stable', true],
  ['*-stable', '1-stable-2', false],
  ['a*b*c', 'abc', true],
  ['a*b*c', 'axbxc', true],
  ['a*b*c', 'acb', false],
  ['a*a', 'a', false],
  ['a.b*', 'axb1', false],
  ['a**b', 'ab', true],
];

describe('a name matches a pattern', () => {
  for (const [pattern, name, fits] of MATCHES) {
    it(`${pattern} ${fits ? 'fits' : 'does not fit'} ${name || 'an empty name'}`, () => {
      assert.equal(matchesName(pattern, name), fits);
    });
  }

  it('as a regular expression would say', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(word, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }), (pattern, name) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's');
        assert.equal(matchesName(pattern, name), expression.test(name));
      }),
    );
  });

  it('without taking longer than its length allows', () => {
    const pattern = `${'*a'.repeat(5000)}*b`;
    const startedAt = processorMs();
    assert.equal(matchesName(pattern, 'a'.repeat(20_000)), false);
    assert.ok(processorMs() - startedAt < 1000);
  });
});

const rule = (changes: Partial<ProtectedRef>): ProtectedRef => ({
  id: 1,
  kind: 'branch',
  name: 'main',
  allowForcePush: false,
  updatedAt: 0,
  access: [
    { id: 1, action: 'push', level: 40 },
    { id: 2, action: 'merge', level: 30 },
  ],
  ...changes,
});
const developer = { level: 30, admin: false };
const maintainer = { level: 40, admin: false };
const admin = { level: 0, admin: true };

describe('a protected ref', () => {
  it('is told from a tag of the same name', () => {
    assert.equal(isProtected([rule({})], 'branch', 'main'), true);
    assert.equal(isProtected([rule({})], 'tag', 'main'), false);
  });

  it('is pushed to by push rights, run on by push or merge rights', () => {
    assert.deepEqual(
      [developer, maintainer, admin].map((user) => mayPushTo(user, [rule({})], 'branch', 'main')),
      [false, true, true],
    );
    assert.deepEqual(
      [{ level: 20, admin: false }, developer, maintainer].map((user) =>
        mayRunOn(user, [rule({})], 'branch', 'main'),
      ),
      [false, true, true],
    );
  });

  it('with no one allowed lets nobody push, administrators neither', () => {
    const frozen = rule({ access: [{ id: 1, action: 'push', level: 0 }] });
    assert.equal(mayPushTo(admin, [frozen], 'branch', 'main'), false);
  });

  it('for administrators lets owners not push', () => {
    const ruled = rule({ access: [{ id: 1, action: 'push', level: 60 }] });
    assert.equal(mayPushTo({ level: 50, admin: false }, [ruled], 'branch', 'main'), false);
    assert.equal(mayPushTo(admin, [ruled], 'branch', 'main'), true);
  });

  it('under several rules is open where one opens it, and forced only where all say so', () => {
    const open = rule({ name: 'ma*', access: [{ id: 3, action: 'push', level: 30 }], allowForcePush: true });
    assert.equal(mayPushTo(developer, [rule({}), open], 'branch', 'main'), true);
    assert.equal(mayForcePush(developer, [rule({}), open], 'branch', 'main'), false);
    assert.equal(mayForcePush(developer, [open], 'branch', 'main'), true);
  });

  it('is not deleted by a push; an unprotected one is, by developers', () => {
    assert.equal(mayDeleteRef(admin, [rule({})], 'branch', 'main'), false);
    assert.equal(mayDeleteRef(developer, [rule({})], 'branch', 'feature'), true);
    assert.equal(mayForcePush(developer, [], 'branch', 'feature'), true);
    assert.equal(mayPushTo({ level: 20, admin: false }, [], 'branch', 'feature'), false);
  });
});
