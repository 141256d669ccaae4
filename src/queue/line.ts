import type { Reading } from '../db/transaction.ts';
import { fits, parseKind, type RunnerFacts, scopesOf } from './match.ts';
import { entryOf, firstOffers, waitingBefore } from './queries.ts';

/** A waiting job's place in the queue is counted up to this. */
export const COUNTED_AHEAD = 1000;

/**
 * How many waiting jobs a runner would take before this one, counted up to `COUNTED_AHEAD`; null when the job does not
 * wait where the runner looks, or does not fit it. For instance runners it moves with what other projects run.
 */
export async function jobsAhead(
  reading: Reading,
  runner: RunnerFacts,
  jobId: number,
): Promise<number | null> {
  const scopes = scopesOf(runner);
  const entry = await entryOf(reading, jobId, scopes);
  if (entry === null || !fits(runner, parseKind(entry.kind))) return null;
  const kinds = (await firstOffers(reading, scopes))
    .map(({ kind }) => kind)
    .filter((kind) => fits(runner, parseKind(kind)));
  const before = { scopes, kinds: [...new Set(kinds)], running: entry.running, jobId };
  return waitingBefore(reading, before, COUNTED_AHEAD);
}
