import type { Reading, Tx } from '../db/transaction.ts';
import { rescope } from '../queue/enqueue.ts';
import type { JobPlace } from '../queue/match.ts';
import { queuePlace } from './queries/queue-place.ts';

/** Where jobs of a project wait and which runners it lets in; null when the project is gone. */
export function placeOfJobs(reading: Reading, projectId: number): Promise<JobPlace | null> {
  return queuePlace(reading, projectId);
}

/** Offers the waiting jobs of projects that moved, or let in other runners now, where they belong. */
export async function rescopeProjects(tx: Tx, projectIds: readonly number[]): Promise<void> {
  for (const id of projectIds) {
    const place = await queuePlace(tx, id);
    if (place !== null) await rescope(tx, place);
  }
}
