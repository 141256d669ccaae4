import type { Traces } from '../trace/traces.ts';

const BATCH = 50;

/**
 * Archives the logs of finished jobs, and removes live bytes that a crash left behind. Gives how many were archived. `now`
 * in milliseconds.
 */
export async function traceArchive(traces: Traces, now: number): Promise<number> {
  let archived = 0;
  for (let batch = BATCH; batch === BATCH; archived += batch)
    batch = await traces.archiveFinished(BATCH, now);
  await traces.sweep();
  return archived;
}
