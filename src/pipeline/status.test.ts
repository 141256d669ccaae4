import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seenByDependants } from './process/state.ts';
import { COMPLETED, composite, KINDS, type Kind, kindOf, kindSet, STATUSES, type Status } from './status.ts';

/** The table of ci-yaml 23, line by line as it is written there; W is WARN, I is IGN. */
const TABLE = [
  'dag any: skipped I => skipped',
  'only: skipped I => skipped',
  'only: success skipped W I => success',
  'only: created W I => created',
  'only: preparing W I => preparing',
  'only: canceled success skipped W I => canceled',
  'only: pending created skipped W I => pending',
  'any: running pending => running',
  'any: waiting_for_resource => waiting_for_resource',
  'any: waiting_for_callback => waiting_for_callback',
  'any: manual => manual',
  'any: scheduled => scheduled',
  'any: preparing => preparing',
  'any: created => running',
  'any: canceling => canceling',
  'otherwise: => failed',
];

/** Reads the table with nothing but lists of words. */
function brute(kinds: readonly Kind[], dag: boolean): string {
  const words = kinds.map((kind) => ({ warn: 'W', ignored: 'I' })[kind as string] ?? kind);
  for (const line of TABLE) {
    const [condition, rest] = line.split(':');
    const [list, result] = rest!.split('=>').map((part) => part.trim());
    const named = list!.split(' ');
    if (condition === 'dag any' && dag && words.some((word) => named.includes(word))) return result!;
    if (condition === 'only' && words.every((word) => named.includes(word))) return result!;
    if (condition === 'any' && words.some((word) => named.includes(word))) return result!;
    if (condition === 'otherwise') return result!;
  }
  throw new Error('the table has no last line');
}

/** All multisets of up to `size` kinds. */
function* multisets(size: number, from = 0): Generator<Kind[]> {
  yield [];
  if (size === 0) return;
  for (let index = from; index < KINDS.length; index++) {
    for (const rest of multisets(size - 1, index)) yield [KINDS[index]!, ...rest];
  }
}

describe('composite status', () => {
  it('is what the table says, for every multiset of up to 5 jobs, as a stage and as needs', () => {
    let seen = 0;
    for (const kinds of multisets(5)) {
      if (kinds.length === 0) continue;
      seen++;
      for (const dag of [false, true]) {
        assert.equal(composite(kindSet(kinds), dag), brute(kinds, dag), `${kinds} ${dag}`);
      }
    }
    assert.equal(seen, 15_503);
  });

  it('of no job is nothing', () => {
    assert.equal(composite(kindSet([])), null);
    assert.equal(composite(kindSet([]), true), null);
  });

  it('lets dependants decide the same when they see less', () => {
    for (const kinds of multisets(4)) {
      const whole = composite(kindSet(kinds), true);
      const seen = composite(kindSet(kinds.map(seenByDependants)), true);
      const decided = whole === null || COMPLETED.has(whole);
      assert.equal(seen === null || COMPLETED.has(seen), decided, `${kinds}`);
      assert.equal(decided ? seen : null, decided ? whole : null, `${kinds}`);
    }
  });

  const examples: [string, Status][] = [
    ['success pending', 'running'],
    ['pending created', 'pending'],
    ['warn pending', 'pending'],
    ['success created', 'running'],
    ['success manual', 'manual'],
    ['running manual', 'running'],
    ['canceled failed', 'failed'],
    ['canceled success', 'canceled'],
    ['failed created', 'running'],
    ['skipped ignored', 'skipped'],
    ['scheduled success', 'scheduled'],
    ['failed manual', 'manual'],
    ['ignored', 'skipped'],
    ['manual', 'manual'],
  ];
  for (const [kinds, status] of examples) {
    it(`of ${kinds} is ${status}`, () => {
      assert.equal(composite(kindSet(kinds.split(' ') as Kind[])), status);
    });
  }
});

describe('kind of a job', () => {
  it('is its status when it may not fail', () => {
    for (const status of STATUSES) assert.equal(kindOf(status, false), status);
  });

  it('is forgiven or ignored when it may', () => {
    const changed = STATUSES.filter((status) => kindOf(status, true) !== status);
    assert.deepEqual(changed, ['failed', 'canceled', 'manual']);
    assert.equal(kindOf('failed', true), 'warn');
    assert.equal(kindOf('canceled', true), 'warn');
    assert.equal(kindOf('manual', true), 'ignored');
  });
});
