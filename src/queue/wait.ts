import type { Database } from '../db/database.ts';
import { fits, parseKind, type RunnerFacts, scopesOf } from './match.ts';
import { firstOffers, waitingOfKind } from './queries.ts';
import { runnerScope } from './version.ts';
import { Waiter } from './wait/waiter.ts';

/** What one look at the queue gave: an answer, or the runner to wait as until something may have changed. */
export type Look<T> = { answer: T } | { waitAs: RunnerFacts };

interface Scope {
  /** In the order of their coming. */
  waiters: Set<Waiter>;
  unsubscribe: () => void;
  /** One look at a time; a change during it asks for one more. */
  looking: 'no' | 'once' | 'again';
}

/**
 * Requests that are held until a job fits their runner (runner-api 2, long poll). They sleep on events. A change in a
 * scope is looked at once for all who wait there: each kind of job wakes at most as many fitting requests as jobs of it
 * wait, first come first served. The rows are the truth: a request subscribes before it looks, and a slow poll looks
 * again in case a notification was lost.
 */
export class RunnerWaiting {
  readonly #db: Database;
  readonly #scopes = new Map<string, Scope>();
  readonly #waiters = new Set<Waiter>();
  readonly #poll: NodeJS.Timeout;
  #closed = false;

  /** `pollMs`: period of the slow poll; it bounds how long a lost notification can hide a job. */
  constructor(db: Database, pollMs = 5000) {
    this.#db = db;
    this.#poll = setInterval(() => void this.#lookAtAll(), pollMs);
    this.#poll.unref();
  }

  /** Requests that are held now. */
  get size(): number {
    return this.#waiters.size;
  }

  /** Those of them that sleep; the others are looking. */
  get asleep(): number {
    return [...this.#waiters].filter((waiter) => waiter.asleep).length;
  }

  /**
   * Looks, and while there is no answer sleeps and looks again, until `deadline` (milliseconds), until `signal` says
   * that the client left, or until the server stops. `now` reads the clock. Null: none of the looks gave an answer.
   */
  async until<T>(
    runner: RunnerFacts,
    options: { deadline: number; signal: AbortSignal; now: () => number },
    look: () => Promise<Look<T>>,
  ): Promise<T | null> {
    const waiter = new Waiter(runner);
    this.#waiters.add(waiter);
    this.#become(waiter, runner);
    let answered = false;
    try {
      for (;;) {
        waiter.look();
        const result = await look();
        if ('answer' in result) {
          answered = true;
          return result.answer;
        }
        this.#become(waiter, result.waitAs);
        const left = options.deadline - options.now();
        if (this.#closed || left <= 0 || !(await waiter.sleep(left, options.signal))) return null;
      }
    } finally {
      this.#waiters.delete(waiter);
      const scopes = waiter.scopes;
      this.#leave(waiter);
      // It may have been counted for another job than the one it took, or left without taking its one.
      if (answered || waiter.woken) for (const name of scopes) this.#changed(name);
    }
  }

  /** The server ends: nothing is handed out any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Lets every held request go without a job; none gets one from now on. */
  close(): void {
    clearInterval(this.#poll);
    this.#closed = true;
    for (const waiter of this.#waiters) waiter.release();
  }

  /** Waits as this runner from now on: its tags or scopes may have changed. */
  #become(waiter: Waiter, runner: RunnerFacts): void {
    const scopes = [runnerScope(runner.id), ...scopesOf(runner)];
    waiter.runner = runner;
    if (scopes.length === waiter.scopes.length && scopes.every((name, i) => name === waiter.scopes[i]))
      return;
    this.#leave(waiter);
    waiter.scopes = scopes;
    for (const name of scopes) this.#scope(name).waiters.add(waiter);
  }

  #scope(name: string): Scope {
    let scope = this.#scopes.get(name);
    if (scope === undefined) {
      const unsubscribe = this.#db.notifications.subscribe(`queue:${name}`, () => this.#changed(name));
      scope = { waiters: new Set(), unsubscribe, looking: 'no' };
      this.#scopes.set(name, scope);
    }
    return scope;
  }

  #leave(waiter: Waiter): void {
    for (const name of waiter.scopes) {
      const scope = this.#scopes.get(name);
      scope?.waiters.delete(waiter);
      if (scope?.waiters.size === 0) {
        scope.unsubscribe();
        this.#scopes.delete(name);
      }
    }
    waiter.scopes = [];
  }

  #changed(name: string): void {
    const scope = this.#scopes.get(name);
    if (scope === undefined) return;
    if (name.startsWith('runner:')) wakeAll(scope);
    else void this.#wakeIn(name, scope);
  }

  /** The slow poll: one read, however many wait in however many scopes. */
  async #lookAtAll(): Promise<void> {
    // A runner's own scope tells of changed settings only; those can wait for the end of the hold.
    const names = [...this.#scopes.keys()].filter((name) => !name.startsWith('runner:'));
    // When the database does not answer, everybody looks for themselves and is told why.
    const offers = await firstOffers(this.#db.read, names).catch(() => names.map((scope) => ({ scope })));
    for (const name of new Set(offers.map(({ scope }) => scope))) this.#changed(name);
  }

  async #wakeIn(name: string, scope: Scope): Promise<void> {
    if (scope.looking !== 'no') {
      scope.looking = 'again';
      return;
    }
    scope.looking = 'again';
    while ((scope.looking as Scope['looking']) === 'again') {
      scope.looking = 'once';
      // When the database does not answer, everybody looks for themselves and is told why.
      await this.#wakeFitting(name, scope).catch(() => wakeAll(scope));
    }
    scope.looking = 'no';
  }

  async #wakeFitting(name: string, scope: Scope): Promise<void> {
    if (![...scope.waiters].some((waiter) => !waiter.woken)) return;
    for (const { kind } of await firstOffers(this.#db.read, [name])) {
      const parsed = parseKind(kind);
      const fitting = [...scope.waiters].filter((waiter) => fits(waiter.runner, parsed));
      if (!fitting.some((waiter) => !waiter.woken)) continue;
      let waiting = await waitingOfKind(this.#db.read, name, kind, fitting.length);
      waiting -= fitting.filter((waiter) => waiter.woken).length;
      for (const waiter of fitting) {
        if (waiting <= 0) break;
        if (waiter.woken) continue;
        waiter.wake();
        waiting -= 1;
      }
    }
  }
}

function wakeAll(scope: Scope): void {
  for (const waiter of scope.waiters) waiter.wake();
}
