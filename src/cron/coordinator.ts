import type { Database } from '../db/database.ts';
import type { Duty } from './duty.ts';
import { claimDuty, releaseDuty } from './queries.ts';

/** A process that died in the middle of a duty holds it no longer than this, milliseconds. */
const CLAIM_MS = 10 * 60_000;
/** Duties that are due together do not start together. */
const JITTER = 0.1;
/** After a start nobody waits a whole interval for what a killed process left, milliseconds. */
const FIRST_ROUND_MS = 3000;

/**
 * Runs each duty every so often, on one process of those that share the database, and never twice at once. A round that
 * fails is reported and comes again at its next time.
 */
export class Coordinator {
  readonly #db: Database;
  readonly #duties: readonly Duty[];
  readonly #onError: (error: unknown, duty: string) => void;
  readonly #clock: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(
    db: Database,
    duties: readonly Duty[],
    onError: (error: unknown, duty: string) => void,
    clock: () => number = Date.now,
  ) {
    this.#db = db;
    this.#duties = duties;
    this.#onError = onError;
    this.#clock = clock;
  }

  /** What has to be made good before anything is served. Call on a server that is alone with its database. */
  async recover(): Promise<void> {
    for (const duty of this.#duties) {
      await duty.atStart?.(this.#clock()).catch((error: unknown) => this.#onError(error, duty.name));
    }
  }

  start(): void {
    for (const duty of this.#duties) this.#plan(duty, Math.min(duty.intervalMs, FIRST_ROUND_MS));
  }

  /** Starts no more rounds and waits for those under way. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  /** One round of a duty if it is this process' turn; for the timer, and for tests. */
  async round(duty: Duty): Promise<void> {
    try {
      const claim = await this.#claim(duty);
      if (claim === null) return;
      try {
        await duty.run(this.#clock());
      } finally {
        await this.#release(duty, claim); // after a failure too: it comes again at its next time
      }
    } catch (error) {
      this.#onError(error, duty.name);
    }
  }

  #plan(duty: Duty, delayMs = duty.intervalMs): void {
    if (this.#closed) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        const round = this.round(duty).finally(() => {
          this.#running.delete(round);
          this.#plan(duty);
        });
        this.#running.add(round);
      },
      delayMs * (1 + Math.random() * JITTER),
    );
    timer.unref();
    this.#timers.add(timer);
  }

  /**
   * Until when the duty is ours, milliseconds; null when it is not. A process that is alone with its database need not write
   * down whose turn it is.
   */
  async #claim(duty: Duty): Promise<number | null> {
    const now = this.#clock();
    const until = now + CLAIM_MS;
    if (!this.#db.capabilities.sharedByProcesses) return until;
    const dueBefore = now - Math.floor(duty.intervalMs / 2);
    const ours = await this.#db.transaction((tx) => claimDuty(tx, duty.name, { now, dueBefore, until }));
    return ours ? until : null;
  }

  async #release(duty: Duty, claim: number): Promise<void> {
    if (this.#db.capabilities.sharedByProcesses) {
      await this.#db.transaction((tx) => releaseDuty(tx, duty.name, claim));
    }
  }
}
