import type { Reading, Tx } from '../db/transaction.ts';
import { refreshLane } from './enqueue.ts';
import { fits, parseKind, type RunnerFacts, scopesOf } from './match.ts';
import { firstOffers, type Offer, takeFirstEntry, waitingInLane } from './queries.ts';

/** How many lanes one request looks into before it says "ask again" (runner-api 2, *Matching*). */
export const SCAN_DEPTH = 45;

/** What a runner is told about the queue it was served from is counted up to this number. */
const COUNTED = 100;

export type Claim =
  /** The job left the queue in this transaction: nobody else gets it once it is committed. */
  | { kind: 'claimed'; jobId: number; queueSize: number; queueDepth: number }
  | { kind: 'nothing' }
  /** Jobs wait, but other requests hold them: ask again now. */
  | { kind: 'contended' };

/** Lanes that a transaction took entries from or found empty. */
const touched = new WeakMap<Tx, Set<number>>();

/**
 * Takes the next job for a runner out of the queue: for an instance runner the one whose project has the fewest jobs
 * running on instance runners, then the lowest id; for others the lowest id. Does not touch the job itself. Call
 * `settleClaims` at the end of the transaction.
 */
export async function claim(tx: Tx, runner: RunnerFacts): Promise<Claim> {
  const lanes = touched.get(tx) ?? new Set();
  touched.set(tx, lanes);
  const empty: number[] = [];
  for (let depth = 1; depth <= SCAN_DEPTH; depth++) {
    const offer = first(await fittingOffers(tx, runner, empty));
    if (offer === undefined) break;
    const taken = await takeFirstEntry(tx, offer.laneId, COUNTED);
    lanes.add(offer.laneId);
    if (taken !== null) {
      const { jobId, waiting } = taken;
      return { kind: 'claimed', jobId, queueSize: Math.max(waiting, 1), queueDepth: depth };
    }
    empty.push(offer.laneId);
  }
  for (const laneId of empty) {
    if ((await waitingInLane(tx, laneId, 1)) > 0) return { kind: 'contended' };
  }
  return { kind: 'nothing' };
}

/**
 * Brings the lanes that this transaction took from up to date. Last, because from here on a new entry of such a lane
 * waits for the commit, and a claim that then waited for a pipeline could wait for that entry's own transaction.
 */
export async function settleClaims(tx: Tx): Promise<void> {
  for (const laneId of [...(touched.get(tx) ?? [])].sort((a, b) => a - b)) await refreshLane(tx, laneId);
  touched.delete(tx);
}

/** Whether anything waits that the runner may take: one indexed read, for polls and for parked requests. */
export async function anythingFor(reading: Reading, runner: RunnerFacts): Promise<boolean> {
  return (await fittingOffers(reading, runner, [])).length > 0;
}

async function fittingOffers(
  reading: Reading,
  runner: RunnerFacts,
  held: readonly number[],
): Promise<Offer[]> {
  if (runner.paused) return [];
  const offers = await firstOffers(reading, scopesOf(runner), held);
  return offers.filter((offer) => fits(runner, parseKind(offer.kind)));
}

function first(offers: readonly Offer[]): Offer | undefined {
  return offers.reduce<Offer | undefined>((best, offer) => {
    if (best === undefined) return offer;
    const order = offer.running - best.running || offer.headJobId - best.headJobId;
    return order < 0 ? offer : best;
  }, undefined);
}
