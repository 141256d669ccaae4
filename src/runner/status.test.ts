import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ONLINE_FOR, type RunnerStatus, runnerStatus, STALE_AFTER } from './status.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;

describe('a runner is', () => {
  const cases: {
    promise: string;
    created: number;
    contacted: number | null;
    finished: boolean;
    is: RunnerStatus;
  }[] = [
    {
      promise: 'never contacted until its first job request',
      created: NOW - MINUTE,
      contacted: null,
      finished: false,
      is: 'never_contacted',
    },
    {
      promise: 'never contacted although it verified itself',
      created: NOW - MINUTE,
      contacted: NOW,
      finished: false,
      is: 'never_contacted',
    },
    {
      promise: 'online within two hours of a contact',
      created: NOW - STALE_AFTER * 3,
      contacted: NOW - ONLINE_FOR + 1,
      finished: true,
      is: 'online',
    },
    {
      promise: 'offline two hours after a contact',
      created: NOW - STALE_AFTER * 3,
      contacted: NOW - ONLINE_FOR,
      finished: true,
      is: 'offline',
    },
    {
      promise: 'offline until seven days have passed',
      created: 0,
      contacted: NOW - STALE_AFTER + 1,
      finished: true,
      is: 'offline',
    },
    {
      promise: 'stale after seven days of silence',
      created: 0,
      contacted: NOW - STALE_AFTER,
      finished: true,
      is: 'stale',
    },
    {
      promise: 'stale, not never contacted, seven days after it was made',
      created: NOW - STALE_AFTER,
      contacted: null,
      finished: false,
      is: 'stale',
    },
  ];
  for (const c of cases) {
    it(c.promise, () => {
      const runner = { createdAt: c.created, contactedAt: c.contacted, creationFinished: c.finished };
      assert.equal(runnerStatus(runner, NOW), c.is);
    });
  }
});
