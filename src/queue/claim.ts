import type { Reading, Tx } from '../db/transaction.ts';
import { refreshLane } from './enqueue.ts';
import { fits, parseKind, type RunnerFacts, scopesOf } from './match.ts';
import { deleteLaneIfEmpty, firstOffers, type Offer, takeFirstEntry, waitingInLane } from './queries.ts';

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

/**
 * Takes the next job for a runner out of the queue: for an instance runner the one whose project has the fewest jobs
 * running on instance runners, then the lowest id; for others the lowest id. Does not touch the job itself.
 */
export async function claim(tx: Tx, runner: RunnerFacts): Promise<Claim> {
  const held: number[] = [];
  for (let depth = 1; depth <= SCAN_DEPTH; depth++) {
    const offer = first(await fittingOffers(tx, runner, held));
    if (offer === undefined) return held.length === 0 ? { kind: 'nothing' } : { kind: 'contended' };
    const waiting = await waitingInLane(tx, offer.laneId, COUNTED);
    const jobId = await takeFirstEntry(tx, offer.laneId);
    if (jobId !== null) {
      await refreshLane(tx, offer.laneId);
      return { kind: 'claimed', jobId, queueSize: Math.max(waiting, 1), queueDepth: depth };
    }
    if (!(await deleteLaneIfEmpty(tx, offer.laneId))) held.push(offer.laneId);
  }
  return { kind: 'contended' };
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
