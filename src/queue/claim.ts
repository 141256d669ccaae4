import { allDone } from '../db/all-done.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import { fits, INSTANCE, type JobKind, parseKind, type RunnerFacts, scopesOf } from './match.ts';
import { removeEmptyLanes, takeEntries } from './queries/claims.ts';
import { firstOffers } from './queries.ts';
import { countRunning } from './running.ts';
import { noteUnsettled, takeUnsettled, type Unsettled } from './unsettled.ts';

/** How often one request looks again before it says "ask again" (runner-api 2, *Matching*). */
export const SCAN_DEPTH = 45;

export type Claim =
  /**
   * The job left the queue in this transaction: nobody else gets it once it is committed. `queueSize`: jobs that no runner
   * can tell apart from it, itself included, as far as was looked: some, or as many as runners ask.
   */
  | { kind: 'claimed'; jobId: number; queueSize: number; queueDepth: number }
  | { kind: 'nothing' }
  /** Jobs wait, but other requests hold them: ask again now. */
  | { kind: 'contended' };

/**
 * Takes the next job for each runner out of the queue, as if they came one after the other: for an instance runner the one
 * whose project has the fewest jobs running on instance runners, then the lowest id; for others the lowest id. Does not
 * touch the jobs themselves. Call `settleClaims` at the end of the transaction.
 */
export async function claim(tx: Tx, runners: readonly RunnerFacts[]): Promise<Claim[]> {
  const claims = runners.map((): Claim => ({ kind: 'nothing' }));
  const unsettled = noteUnsettled(tx);
  const held = new Set<number>();
  let perLane = SOME;
  let open = [...runners.keys()];
  for (let depth = 1; open.length > 0 && depth <= SCAN_DEPTH; depth++) {
    const row = await lineUp(tx, runners, open, { held, perLane, unsettled });
    perLane = Math.max(SOME, Math.ceil((2 * open.length) / row.lanes.length));
    // Nobody took from it last: two who each left the other's entry are both gone.
    for (const { id, entries, held: some } of row.lanes)
      if (entries.length === 0 && !some) unsettled.ended.add(id);
    const { picks, without } = pick(row, runners, open);
    for (const [index, contended] of without) {
      if (contended) claims[index] = { kind: 'contended' };
    }
    if (picks.size > 0) {
      for (const jobId of await takeEntries(tx, [...picks.keys()])) {
        const { index, lane, queueSize } = picks.get(jobId)!;
        unsettled.started.set(lane.projectId, unsettled.started.get(lane.projectId) ?? 0);
        if (lane.entries.length === 0 && !lane.more) unsettled.ended.add(lane.id);
        claims[index] = { kind: 'claimed', jobId, queueSize, queueDepth: depth };
        picks.delete(jobId);
      }
      for (const jobId of picks.keys()) held.add(jobId);
    }
    open = open.filter((index) => claims[index]!.kind !== 'claimed' && !without.has(index));
  }
  for (const index of open) claims[index] = { kind: 'contended' };
  return claims;
}

/**
 * Brings the lanes that this transaction took from up to date. Last, because from here on a new entry of such a lane
 * waits for the commit, and a claim that then waited for a pipeline could wait for that entry's own transaction.
 */
export async function settleClaims(tx: Tx): Promise<void> {
  const unsettled = takeUnsettled(tx);
  if (unsettled === undefined) return;
  const { started, ended } = unsettled;
  await allDone([countRunning(tx, started), removeEmptyLanes(tx, [...ended])]);
}

/** For each runner whether anything waits that it may take: one indexed read for all. */
export async function anythingFor(reading: Reading, runners: readonly RunnerFacts[]): Promise<boolean[]> {
  const offers = await firstOffers(reading, scopesOfAll(runners));
  return runners.map((runner) => {
    const scopes = scopesOf(runner);
    return offers.some(({ scope, kind }) => scopes.includes(scope) && fits(runner, parseKind(kind)));
  });
}

/** What stands first in one lane. */
interface Lane {
  id: number;
  kind: JobKind;
  projectId: number;
  scopes: Set<string>;
  /** Job ids, ascending, without those that others hold. */
  entries: number[];
  /** There may be more behind them. */
  more: boolean;
  /** Others hold some of its first entries. */
  held: boolean;
}

interface Row {
  lanes: Lane[];
  /** Jobs on instance runners by project. */
  running: Map<number, number>;
}

/** So many entries of a lane are looked at first, as nobody knows how many lanes there are. */
const SOME = 8;

/** The lanes that these runners choose among, with enough of their first entries. */
async function lineUp(
  tx: Tx,
  runners: readonly RunnerFacts[],
  open: readonly number[],
  { held, perLane, unsettled }: { held: ReadonlySet<number>; perLane: number; unsettled: Unsettled },
): Promise<Row> {
  const asking = open.map((index) => runners[index]!);
  const some = 2 ** Math.ceil(Math.log2(perLane + held.size));
  const offers = await firstOffers(tx, scopesOfAll(asking), {
    // What was begun here stands before others in the offers, until it is settled.
    lanes: open.length + held.size + unsettled.started.size,
    entries: some,
  });
  const lanes = new Map<number, Lane>();
  const running = new Map<number, number>();
  for (const { laneId, kind, projectId, scope, running: count, entries } of offers) {
    if (scope === INSTANCE) running.set(projectId, count + (unsettled.started.get(projectId) ?? 0));
    const lane = lanes.get(laneId);
    if (lane !== undefined) lane.scopes.add(scope);
    else {
      const free = entries.filter((jobId) => !held.has(jobId));
      lanes.set(laneId, {
        id: laneId,
        kind: parseKind(kind),
        projectId,
        scopes: new Set([scope]),
        entries: free,
        more: entries.length === some,
        held: free.length < entries.length,
      });
    }
  }
  return { lanes: [...lanes.values()], running };
}

/**
 * The runner that each job goes to, and the runners for which there is nothing, with whether others hold what there was.
 * Who may need an entry that was not read is among neither: it is asked for again.
 */
function pick(row: Row, runners: readonly RunnerFacts[], open: readonly number[]) {
  const picks = new Map<number, { index: number; lane: Lane; queueSize: number }>();
  const without = new Map<number, boolean>();
  const load = (runner: RunnerFacts, { projectId }: Lane) =>
    runner.type === 'instance_type' ? (row.running.get(projectId) ?? 0) : 0;
  for (const index of open) {
    const runner = runners[index]!;
    const fitting = fittingLanes(row, runner);
    if (fitting.some(({ entries, more }) => entries.length === 0 && more)) break;
    let best: Lane | undefined;
    for (const lane of fitting) {
      if (lane.entries.length === 0) continue;
      const order =
        best === undefined
          ? -1
          : load(runner, lane) - load(runner, best) || lane.entries[0]! - best.entries[0]!;
      if (order < 0) best = lane;
    }
    if (best === undefined)
      without.set(
        index,
        fitting.some(({ held }) => held),
      );
    else {
      const queueSize = best.entries.length;
      picks.set(best.entries.shift()!, { index, lane: best, queueSize });
      if (runner.type === 'instance_type') row.running.set(best.projectId, load(runner, best) + 1);
    }
  }
  return { picks, without };
}

function fittingLanes({ lanes }: Row, runner: RunnerFacts): Lane[] {
  const scopes = scopesOf(runner);
  return lanes.filter((lane) => fits(runner, lane.kind) && scopes.some((scope) => lane.scopes.has(scope)));
}

function scopesOfAll(runners: readonly RunnerFacts[]): string[] {
  return [...new Set(runners.filter(({ paused }) => !paused).flatMap(scopesOf))];
}
