import type { Database } from '../db/database.ts';
import { applyEvent } from './job.ts';
import { selectHeldBy } from './queries/due-jobs.ts';

/** Ends the jobs that a runner manager held when its process ended; `retry:` may start them again. `now` in milliseconds. */
export async function dropJobsOfManager(db: Database, managerId: number, now: number): Promise<void> {
  for (const id of await selectHeldBy(db.read, managerId)) {
    await db.transaction((tx) => applyEvent(tx, id, { type: 'drop', reason: 'runner_system_failure' }, now));
  }
}
