import assert from 'node:assert/strict';
import { it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { RUNNER as ANY_RUNNER, put, take } from '../../test/queue-world.ts';
import type { Database } from '../db/database.ts';
import type { QueueEntry } from './enqueue.ts';
import type { RunnerFacts } from './match.ts';
import { tickRunner, versionFor } from './version.ts';
import { type Look, RunnerWaiting } from './wait.ts';

const RUNNER: RunnerFacts = { ...ANY_RUNNER, tags: ['linux'] };
const NEVER = new AbortController().signal;
const LONG = 20_000;

function entry(jobId: number, tags: string[] = []): QueueEntry {
  const place = { projectId: 7, groupIds: [], instanceRunners: true, groupRunners: true };
  return { jobId, ...place, protected: false, tags, queuedAt: 0 };
}

/** Looks as a request does, and counts the looks. */
function looker(db: Database, runner: RunnerFacts) {
  const state = { looks: 0, facts: runner };
  const look = async (): Promise<Look<number>> => {
    state.looks += 1;
    const result = await db.transaction((tx) => take(tx, state.facts));
    return result.kind === 'claimed' ? { answer: result.jobId } : { waitAs: state.facts };
  };
  return { state, look };
}

function hold(db: Database, waiting: RunnerWaiting, runner = RUNNER, ms = LONG, signal = NEVER) {
  const { state, look } = looker(db, runner);
  const now = () => performance.now();
  return { state, result: waiting.until(runner, { deadline: now() + ms, signal, now }, look) };
}

async function asleep(waiting: RunnerWaiting, count: number): Promise<void> {
  while (waiting.asleep < count) await new Promise((resolve) => setImmediate(resolve));
}

forEachEngine('a held request', (open) => {
  it('is woken by a job that fits and takes it, without polling', async () => {
    const db = await open();
    const waiting = new RunnerWaiting(db, 60_000);
    const held = hold(db, waiting);
    await asleep(waiting, 1);
    await put(db, entry(4));
    assert.equal(await held.result, 4);
    assert.equal(held.state.looks, 2);
    assert.equal(waiting.size, 0);
    assert.equal(db.notifications.size, 0);
  });

  it('sleeps through jobs with other tags', async () => {
    const db = await open();
    const waiting = new RunnerWaiting(db, 60_000);
    const held = hold(db, waiting);
    await asleep(waiting, 1);
    await put(db, entry(1, ['windows']));
    await put(db, entry(2));
    assert.equal(await held.result, 2);
    assert.equal(held.state.looks, 2);
  });

  it('is not woken when fewer jobs came than requests are held', async () => {
    const db = await open();
    const waiting = new RunnerWaiting(db, 60_000);
    const held = Array.from({ length: 20 }, (_, i) => hold(db, waiting, { ...RUNNER, id: i }));
    await asleep(waiting, 20);
    await put(db, entry(1), entry(2), entry(3));
    const first = await Promise.all(held.slice(0, 3).map(({ result }) => result));
    assert.deepEqual(first.sort(), [1, 2, 3]);
    waiting.close();
    await Promise.all(held.map(({ result }) => result));
    assert.ok(held.reduce((sum, { state }) => sum + state.looks, 0) <= 20 + 3 + 1);
  });

  it('gets its job although another one was counted for the same request', async () => {
    const db = await open();
    const waiting = new RunnerWaiting(db, 60_000);
    const both = hold(db, waiting, { ...RUNNER, id: 1, tags: ['a', 'b'] });
    const one = hold(db, waiting, { ...RUNNER, id: 2, tags: ['a'] });
    await asleep(waiting, 2);
    await put(db, entry(1, ['b']), entry(2, ['a']));
    assert.deepEqual((await Promise.all([both.result, one.result])).sort(), [1, 2]);
  });

  it('finds a job whose notification was lost, by the slow poll', async () => {
    const db = await open();
    db.notifications.publish = () => {};
    const waiting = new RunnerWaiting(db, 30);
    const held = hold(db, waiting);
    await asleep(waiting, 1);
    await put(db, entry(9));
    assert.equal(await held.result, 9);
    waiting.close();
  });

  it('never misses a job that comes between its look and its sleep', async () => {
    const db = await open();
    const waiting = new RunnerWaiting(db, 60_000);
    let looks = 0;
    const look = async (): Promise<Look<number>> => {
      looks += 1;
      const result = await db.transaction((tx) => take(tx, RUNNER));
      if (looks === 1) await put(db, entry(5));
      return result.kind === 'claimed' ? { answer: result.jobId } : { waitAs: RUNNER };
    };
    const now = () => performance.now();
    assert.equal(await waiting.until(RUNNER, { deadline: now() + LONG, signal: NEVER, now }, look), 5);
  });

  it('ends without a job after its time', async () => {
    const db = await open();
    const waiting = new RunnerWaiting(db, 60_000);
    const held = hold(db, waiting, RUNNER, 20);
    assert.equal(await held.result, null);
    assert.equal(held.state.looks, 1);
  });

  it('is dropped when the client leaves, and leaves its job to the next one', async () => {
    const db = await open();
    const waiting = new RunnerWaiting(db, 60_000);
    const client = new AbortController();
    const gone = hold(db, waiting, RUNNER, LONG, client.signal);
    const stays = hold(db, waiting, { ...RUNNER, id: 2 });
    await asleep(waiting, 2);
    client.abort();
    assert.equal(await gone.result, null);
    await put(db, entry(1));
    assert.equal(await stays.result, 1);
  });

  it('goes without a job when the server stops', async () => {
    const db = await open();
    const waiting = new RunnerWaiting(db, 60_000);
    const held = hold(db, waiting);
    await asleep(waiting, 1);
    waiting.close();
    assert.equal(await held.result, null);
    assert.equal(await hold(db, waiting).result, null);
  });

  it('looks again as what its runner has become', async () => {
    const db = await open();
    const waiting = new RunnerWaiting(db, 60_000);
    const held = hold(db, waiting);
    await asleep(waiting, 1);
    await put(db, entry(1, ['windows']));
    held.state.facts = { ...RUNNER, tags: ['windows'] };
    await db.transaction((tx) => tickRunner(tx, RUNNER.id));
    assert.equal(await held.result, 1);
  });
});

forEachEngine('the version of a runner', (open) => {
  it('changes when a job becomes pending in its scope, and only then', async () => {
    const db = await open();
    const other = { ...RUNNER, id: 2, type: 'project_type' as const, projectIds: [8] };
    const before = await versionFor(db.read, RUNNER);
    const otherBefore = await versionFor(db.read, other);
    assert.equal(await versionFor(db.read, RUNNER), before);
    await put(db, entry(1));
    assert.notEqual(await versionFor(db.read, RUNNER), before);
    assert.equal(await versionFor(db.read, other), otherBefore);
  });

  it('changes when the runner itself was changed', async () => {
    const db = await open();
    const before = await versionFor(db.read, RUNNER);
    await db.transaction((tx) => tickRunner(tx, RUNNER.id));
    assert.notEqual(await versionFor(db.read, RUNNER), before);
  });
});
