import type { Database } from '../db/database.ts';
import { goOnTogether, moment } from '../db/moment.ts';
import type { Encryption } from '../project/encryption.ts';
import { anythingFor } from '../queue/claim.ts';
import { type Assigned, assignJobs, type Taker } from './assign.ts';

interface Asking {
  taker: Taker;
  now: number;
  resolve: (assigned: Assigned) => void;
  reject: (error: unknown) => void;
}

/** So many requests share one transaction at most. */
const MAX_BATCH = 64;

/**
 * Gives a runner its next job (`assign.ts`). Requests that come while others are being served are served together, in one
 * transaction: they would otherwise wait for each other's locks and commits.
 */
export function assignJob(
  deps: { db: Database; encryption: Encryption },
  taker: Taker,
  now: number,
): Promise<Assigned> {
  let batches = batchesOf.get(deps.db);
  if (batches === undefined) {
    batches = new Batches(deps);
    batchesOf.set(deps.db, batches);
  }
  return batches.assign(taker, now);
}

const batchesOf = new WeakMap<Database, Batches>();

class Batches {
  readonly #deps: { db: Database; encryption: Encryption };
  #asking: Asking[] = [];
  #serving = false;

  constructor(deps: { db: Database; encryption: Encryption }) {
    this.#deps = deps;
  }

  assign(taker: Taker, now: number): Promise<Assigned> {
    const { promise, resolve, reject } = Promise.withResolvers<Assigned>();
    this.#asking.push({ taker, now, resolve, reject });
    if (this.#asking.length === 1) void this.#next();
    return promise;
  }

  /** One batch at a time: two would want the same jobs. */
  async #next(): Promise<void> {
    if (this.#serving) return;
    this.#serving = true;
    await moment();
    // Who only asks again and again takes no transaction; where jobs were found there are likely more.
    let found = false;
    while (this.#asking.length > 0) {
      const batch = this.#asking.splice(0, MAX_BATCH);
      found = await this.#serve(found ? batch : await this.#lookFirst(batch));
    }
    this.#serving = false;
  }

  /** Those of a batch for whom something waits; the others are told that nothing does. */
  async #lookFirst(batch: readonly Asking[]): Promise<readonly Asking[]> {
    try {
      const runners = batch.map(({ taker }) => taker.facts);
      const found = await anythingFor(this.#deps.db.read, runners);
      for (const [index, { resolve }] of batch.entries()) if (!found[index]) resolve({ kind: 'nothing' });
      return batch.filter((_, index) => found[index]);
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return [];
    }
  }

  /** Whether somebody got a job. One that fails takes the others with it, so then each is served alone. */
  async #serve(batch: readonly Asking[]): Promise<boolean> {
    if (batch.length === 0) return false;
    try {
      const takers = batch.map(({ taker }) => taker);
      const assigned = await assignJobs(this.#deps, takers, Math.max(...batch.map(({ now }) => now)));
      goOnTogether();
      for (const [index, { resolve }] of batch.entries()) resolve(assigned[index]!);
      return assigned.some(({ kind }) => kind === 'assigned');
    } catch (error) {
      if (batch.length === 1) batch[0]!.reject(error);
      else for (const one of batch) await this.#serve([one]);
      return false;
    }
  }
}
