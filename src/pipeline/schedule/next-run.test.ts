import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isTimezone, nextRun } from './next-run.ts';

describe('the next run of a schedule', () => {
  const cases: [cron: string, zone: string, after: string, next: string | null][] = [
    ['0 1 * * *', 'UTC', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'],
    ['0 1 * * *', 'UTC', '2026-01-01T01:00:00Z', '2026-01-02T01:00:00Z'],
    ['0 1 * * *', 'America/New_York', '2026-01-01T00:00:00Z', '2026-01-01T06:00:00Z'],
    ['0 1 * * *', 'Pacific Time (US & Canada)', '2026-01-01T00:00:00Z', '2026-01-01T09:00:00Z'],
    ['0 1 * * *', 'New Delhi', '2026-01-01T00:00:00Z', '2026-01-01T19:30:00Z'],
    ['0 1 * * *', 'America/New_York', '2026-07-01T00:00:00Z', '2026-07-01T05:00:00Z'],
    // 02:30 does not exist when clocks go forward: as soon as there is a time again
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z'],
    ['*/10 * * * *', 'UTC', '2026-01-01T00:03:00Z', '2026-01-01T00:10:00Z'],
    ['0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 9 * * 1-5', 'UTC', '2026-01-02T10:00:00Z', '2026-01-05T09:00:00Z'],
    // either day, as cron has it
    ['0 0 13 * 5', 'UTC', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    ['@daily', 'UTC', '2026-01-01T12:00:00Z', '2026-01-02T00:00:00Z'],
    [' 0 1 * * * ', 'UTC', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'],
    ['0 0 31 2 *', 'UTC', '2026-01-01T00:00:00Z', null],
    ['0 0 0 1 * *', 'UTC', '2026-01-01T00:00:00Z', null],
    ['0 25 * * *', 'UTC', '2026-01-01T00:00:00Z', null],
    ['often', 'UTC', '2026-01-01T00:00:00Z', null],
    ['', 'UTC', '2026-01-01T00:00:00Z', null],
    ['2026-12-01T00:00:00', 'UTC', '2026-01-01T00:00:00Z', null],
    ['0 1 * * *', 'Middle/Earth', '2026-01-01T00:00:00Z', null],
  ];
  for (const [cron, zone, after, next] of cases) {
    it(`${JSON.stringify(cron)} in ${zone} after ${after}`, () => {
      assert.equal(nextRun(cron, zone, Date.parse(after)), next === null ? null : Date.parse(next));
    });
  }
});

it('time zones are those that the machine knows, and the names of GitLab’s forms', () => {
  assert.deepEqual(
    ['UTC', 'Europe/Berlin', 'Etc/UTC', 'Eastern Time (US & Canada)', 'Nowhere', ''].map((zone) =>
      isTimezone(zone),
    ),
    [true, true, true, true, false, false],
  );
});
