import type { Reading } from '../db/transaction.ts';
import type { JobPlace } from '../queue/match.ts';
import { queuePlace } from './queries/queue-place.ts';

/** Where jobs of a project wait and which runners it lets in; null when the project is gone. */
export function placeOfJobs(reading: Reading, projectId: number): Promise<JobPlace | null> {
  return queuePlace(reading, projectId);
}
