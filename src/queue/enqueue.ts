import type { Tx } from '../db/transaction.ts';
import { type JobKind, type JobPlace, kindText, scopesOffering } from './match.ts';
import {
  addEntry,
  createLane,
  deleteLaneIfEmpty,
  headOfLane,
  laneOf,
  lanesOfProject,
  lowerHead,
  offerLane,
  removeEntry,
  runningOnInstance,
  updateHead,
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
 * Puts a pending job into the queue and wakes runners that may take it after the commit. A job that is there already
 * stays.
 */
export async function enqueue(tx: Tx, entry: QueueEntry): Promise<void> {
  const scopes = scopesOffering(entry);
  const laneId = await holdLane(tx, entry, scopes);
  await addEntry(tx, entry.jobId, laneId, entry.queuedAt);
  await lowerHead(tx, laneId, entry.jobId);
  await tick(tx, scopes);
}

/** Takes jobs out of the queue that no longer wait for a runner; those that were not there are ignored. */
export async function dequeue(tx: Tx, jobIds: readonly number[]): Promise<void> {
  const lanes = new Set<number>();
  for (const jobId of jobIds) {
    const laneId = await removeEntry(tx, jobId);
    if (laneId !== null) lanes.add(laneId);
  }
  for (const laneId of lanes) await refreshLane(tx, laneId);
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

/** After an entry left: writes the lane's new head, or drops the lane with its last entry. */
export async function refreshLane(tx: Tx, laneId: number): Promise<void> {
  if (!(await updateHead(tx, laneId))) await deleteLaneIfEmpty(tx, laneId);
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
