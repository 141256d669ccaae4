import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { tierOf } from './environment.ts';
import { environmentSlugOf, groupNameOf, slugOf } from './slug.ts';

describe('slugs (ci-yaml 13.3)', () => {
  const rows: [text: string, slug: string][] = [
    ['main', 'main'],
    ['feature/ABC-1', 'feature-abc-1'],
    ['a__b', 'a--b'],
    ['-edge-', 'edge'],
    ['été', 't'],
    ['x'.repeat(80), 'x'.repeat(63)],
    [`${'x'.repeat(62)}/y`, 'x'.repeat(62)],
    ['v1.0', 'v1-0'],
  ];
  for (const [text, slug] of rows) it(`${text} is ${slug}`, () => assert.equal(slugOf(text), slug));
});

describe('environment slugs (ci-yaml 11)', () => {
  it('a name that is one already stays', () => {
    for (const name of ['production', 'review-1', 'a', 'x'.repeat(24)])
      assert.equal(environmentSlugOf(name), name);
  });
  it('any other is cut and gets a suffix of its own', () => {
    assert.match(environmentSlugOf('review/Feature_1'), /^review-feature-1-[a-z0-9]{6}$/);
    assert.match(environmentSlugOf('1'), /^env-1-[a-z0-9]{6}$/);
    assert.match(environmentSlugOf('x'.repeat(25)), /^x{17}-[a-z0-9]{6}$/);
    assert.match(environmentSlugOf('review//a'), /^review-a-[a-z0-9]{6}$/);
    assert.notEqual(environmentSlugOf('review/a'), environmentSlugOf('review/A'));
  });
  it('is always fit for a host name', () => {
    fc.assert(
      fc.property(fc.string(), (name) =>
        assert.match(environmentSlugOf(name), /^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$/),
      ),
    );
  });
});

describe('group names of jobs (ci-yaml 8.6)', () => {
  const rows: [name: string, group: string][] = [
    ['test', 'test'],
    ['test 1/3', 'test'],
    ['test: [a, b]', 'test'],
    ['test: [a, b] 1/2', 'test'],
    ['test 1:3', 'test'],
    ['test 1 2', 'test'],
    ['test2', 'test2'],
    ['build 12', 'build 12'],
    ['a [x] b', 'a [x] b'],
  ];
  for (const [name, group] of rows)
    it(`${name} belongs to ${group}`, () => assert.equal(groupNameOf(name), group));
});

describe('the tier of an environment (ci-yaml 11)', () => {
  const rows: [name: string, tier: string][] = [
    ['production', 'production'],
    ['prd-eu', 'production'],
    ['Live', 'production'],
    ['staging', 'staging'],
    ['stg', 'staging'],
    ['demo', 'staging'],
    ['qa', 'testing'],
    ['acceptance', 'testing'],
    ['review/x', 'development'],
    ['dev', 'development'],
    ['somewhere', 'other'],
  ];
  for (const [name, tier] of rows)
    it(`${name}: ${tier}`, () => assert.equal(tierOf({ deploymentTier: null }, name), tier));
  it('a given tier is not guessed', () =>
    assert.equal(tierOf({ deploymentTier: 'other' }, 'production'), 'other'));
});
