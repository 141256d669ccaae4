import type { Database } from '../db/database.ts';
import { forgetStaleManagers } from '../runner/manager.ts';

const BATCH = 200;

/** Forgets runner managers that were not heard of for seven days (runner-api 1). Gives how many. `now` in milliseconds. */
export async function runnerManagers(db: Database, now: number): Promise<number> {
  let forgotten = 0;
  for (let batch = BATCH; batch === BATCH; forgotten += batch) {
    batch = await db.transaction((tx) => forgetStaleManagers(tx, now, BATCH));
  }
  return forgotten;
}
