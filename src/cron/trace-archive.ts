import type { Traces } from '../trace/traces.ts';

const BATCH = 50;

/**
 * Archives the logs of finished jobs. Gives how many. `now` in milliseconds.
 */
export async function traceArchive(traces: Traces, now: number): Promise<number> {
  let archived = 0;
  for (let batch = BATCH; batch === BATCH; archived += batch)
    batch = await traces.archiveFinished(BATCH, now);
  return archived;
}

/** Removes live bytes of logs that are archived or erased: what a crash left between a commit and their removal. */
export async function orphanedTraces(traces: Traces): Promise<number> {
  return traces.sweep();
}
