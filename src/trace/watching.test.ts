import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Notifications } from '../db/notify.ts';
import { Watching } from './watching.ts';

const NOW = 1_700_000_000_000;
const JOB = 7;

/** What two processes know, and how many messages go between them. */
function twoProcesses() {
  let messages = 0;
  const carry = (to: () => Notifications) => (topics: Iterable<string>) => {
    messages++;
    to().publish(topics);
  };
  const one: Notifications = new Notifications(carry(() => other));
  const other: Notifications = new Notifications(carry(() => one));
  return { runners: new Watching(one), readers: new Watching(other), one, messages: () => messages };
}

describe('a reader at one process and a runner at another', () => {
  it('find each other: read is three seconds, followed is one', () => {
    const { runners, readers } = twoProcesses();
    assert.equal(runners.interval(JOB, NOW), 60);
    readers.read(JOB, NOW + 1000);
    assert.equal(runners.interval(JOB, NOW + 2000), 3);
    const leave = readers.follow(JOB);
    assert.equal(runners.interval(JOB, NOW + 3000), 1);
    leave();
    assert.equal(runners.interval(JOB, NOW + 3000 + 74_999), 1);
    assert.equal(runners.interval(JOB, NOW + 3000 + 75_000), 60);
    assert.equal(runners.interval(JOB + 1, NOW), 60);
  });

  it('cost one message for many reads', () => {
    const { runners, readers, messages } = twoProcesses();
    runners.interval(JOB, NOW);
    for (let read = 0; read < 100; read++) readers.read(JOB, NOW + read);
    assert.equal(messages(), 1);
    assert.equal(runners.interval(JOB, NOW + 1000), 3);
  });

  it('are forgotten when the log no longer comes', () => {
    const { runners, one } = twoProcesses();
    for (let job = 0; job < 50; job++) runners.interval(job, NOW);
    assert.equal(one.size, 100);
    runners.interval(JOB, NOW + 10 * 60_000);
    assert.equal(one.size, 2);
  });
});
