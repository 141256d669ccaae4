import { hash, randomBytes } from 'node:crypto';
import type { Reading, Tx } from '../db/transaction.ts';
import { type RunnerFacts, scopesOf } from './match.ts';
import { setVersion, versionOf } from './queries.ts';

/*
 * X-GitLab-Last-Update (runner-api 2): a value that changes when a runner might find something new. It says nothing
 * about what waits. A poll with an old value is told the new one; whether something waits is asked of the queue.
 */

const ticked = new WeakMap<Tx, Set<string>>();

/**
 * Changes the version of each scope, once per transaction, and tells its waiters after the commit. A scope is what
 * `scopesOffering` gives, or `runner:<id>` when the runner itself was changed.
 */
export async function tick(tx: Tx, scopes: readonly string[]): Promise<void> {
  let done = ticked.get(tx);
  if (done === undefined) {
    done = new Set();
    ticked.set(tx, done);
  }
  for (const scope of scopes) {
    if (done.has(scope)) continue;
    done.add(scope);
    tx.notify(`queue:${scope}`);
    await setVersion(tx, scope, randomBytes(8).toString('hex'));
  }
}

/** The runner was paused, unpaused, retagged or assigned: its next poll looks again, and a parked one at once. */
export function tickRunner(tx: Tx, runnerId: number): Promise<void> {
  return tick(tx, [runnerScope(runnerId)]);
}

/** The value a runner is given: one hex text out of the versions of all scopes it looks in. */
export async function versionFor(reading: Reading, runner: RunnerFacts): Promise<string> {
  const scopes = [runnerScope(runner.id), ...scopesOf(runner)];
  const versions = await Promise.all(scopes.map((scope) => versionOf(reading, scope)));
  return hash('sha256', scopes.map((scope, n) => `${scope}=${versions[n] ?? ''}\n`).join('')).slice(0, 32);
}

/** The scope that only this runner waits on. */
export function runnerScope(runnerId: number): string {
  return `runner:${runnerId}`;
}
