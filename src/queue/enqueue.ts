import type { Tx } from '../db/transaction.ts';
import { type JobKind, type JobPlace, kindText, scopesOffering } from './match.ts';
import { removeEmptyLanes } from './queries/claims.ts';
import { refreshOffers } from './queries/offers.ts';
import { runningOnInstance } from './queries/running.ts';
import {
  addEntries,
  createLane,
  headOfLane,
  laneOf,
  lanesOfProject,
  lowerHead,
  offerLane,
  removeEntries,
  withdrawOffers,
} from './queries.ts';
import { tick } from './version.ts';

/** A job that waits for a runner, with everything that picking needs. */
export interface QueueEntry extends JobPlace, JobKind {
  jobId: number;
  /** Milliseconds. */
  queuedAt: number;
}

/**
 * Puts pending jobs into the queue and wakes runners that may take them after the commit. A job that is there already
 * stays.
 */
export async function enqueue(tx: Tx, entries: readonly QueueEntry[]): Promise<void> {
  const alike = Map.groupBy(entries, (entry) => `${entry.projectId} ${kindText(entry)}`);
  for (const key of [...alike.keys()].sort()) {
    const some = alike.get(key)!;
    const first = some.reduce((a, b) => (b.jobId < a.jobId ? b : a));
    const scopes = scopesOffering(first);
    const laneId = await holdLane(tx, first, scopes);
    await addEntries(
      tx,
      some.map(({ jobId, queuedAt }) => [jobId, laneId, queuedAt]),
    );
    await lowerHead(tx, laneId, first.jobId);
    await tick(tx, scopes);
  }
}

/** Takes jobs out of the queue that no longer wait for a runner; those that were not there are ignored. */
export async function dequeue(tx: Tx, jobIds: readonly number[]): Promise<void> {
  const lanes = [...(await removeEntries(tx, jobIds))];
  await refreshOffers(tx, lanes);
  await removeEmptyLanes(tx, lanes);
}

/**
 * Call when a project moved to another group or changed which runners it lets in: its waiting jobs are offered where
 * they belong now. `place` is the project's new one.
 */
export async function rescope(tx: Tx, place: JobPlace): Promise<void> {
  const scopes = scopesOffering(place);
  for (const lane of await lanesOfProject(tx, place.projectId)) {
    if (lane.scopes !== JSON.stringify(scopes)) await reoffer(tx, place.projectId, lane, scopes);
  }
  await tick(tx, scopes);
}

/** The lane of an entry, made when there is none, held against deletion until the transaction ends. */
async function holdLane(tx: Tx, entry: QueueEntry, scopes: string[]): Promise<number> {
  const kind = kindText(entry);
  for (;;) {
    const lane = await laneOf(tx, entry.projectId, kind);
    if (lane !== null) {
      if (lane.scopes !== JSON.stringify(scopes)) {
        await reoffer(tx, entry.projectId, { id: lane.id, kind }, scopes, entry.jobId);
      }
      return lane.id;
    }
    const id = await createLane(tx, entry.projectId, kind, JSON.stringify(scopes));
    if (id !== null) {
      const running = await runningOnInstance(tx, entry.projectId);
      await offerLane(tx, { id, kind, scopes, running, headJobId: entry.jobId });
      return id;
    }
  }
}

async function reoffer(
  tx: Tx,
  projectId: number,
  lane: { id: number; kind: string },
  scopes: string[],
  newJobId?: number,
): Promise<void> {
  const headJobId = (await headOfLane(tx, lane.id)) ?? newJobId;
  if (headJobId === undefined) return;
  await withdrawOffers(tx, lane.id, JSON.stringify(scopes));
  const running = await runningOnInstance(tx, projectId);
  await offerLane(tx, { ...lane, scopes, running, headJobId });
}
