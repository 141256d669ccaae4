import type { Database } from '../db/database.ts';
import { moment } from '../db/moment.ts';
import { applyEvents, type EventOfJob, type EventResult, type JobEvent } from './job.ts';
import type { JobRow } from './job-lookup.ts';

interface Asking extends EventOfJob {
  resolve: (result: EventResult) => void;
  reject: (error: unknown) => void;
}

/** So many events share one transaction at most. */
const MAX_BATCH = 64;

/**
 * Applies an event that a runner tells (`job.ts`), in a transaction of its own; resolved after the commit. Events of one
 * pipeline that come while others of it are being applied are applied together: each would otherwise wait for the
 * pipeline's lock with a connection in its hand, and settle the pipeline once more.
 */
export function applySoon(
  db: Database,
  job: Pick<JobRow, 'id' | 'pipelineId'>,
  event: JobEvent,
  now: number,
): Promise<EventResult> {
  const batches = batchesOf.get(db) ?? new Map<number, Asking[]>();
  batchesOf.set(db, batches);
  const { promise, resolve, reject } = Promise.withResolvers<EventResult>();
  const asking = { jobId: job.id, event, now, resolve, reject };
  const waiting = batches.get(job.pipelineId);
  if (waiting !== undefined) waiting.push(asking);
  else {
    batches.set(job.pipelineId, [asking]);
    void serveAll(db, batches, job.pipelineId);
  }
  return promise;
}

/** Events that wait for their turn, by pipeline; an entry is there while the pipeline is being served. */
const batchesOf = new WeakMap<Database, Map<number, Asking[]>>();

async function serveAll(db: Database, batches: Map<number, Asking[]>, pipelineId: number): Promise<void> {
  await moment();
  for (;;) {
    const batch = takeBatch(batches.get(pipelineId) ?? []);
    if (batch.length === 0) break;
    await serve(db, pipelineId, batch);
  }
  batches.delete(pipelineId);
}

/** The first events that wait, but of each job only one: what it finds must have been written. */
function takeBatch(waiting: Asking[]): Asking[] {
  const jobs = new Set<number>();
  let count = 0;
  while (count < Math.min(waiting.length, MAX_BATCH) && !jobs.has(waiting[count]!.jobId)) {
    jobs.add(waiting[count++]!.jobId);
  }
  return waiting.splice(0, count);
}

/** One that fails takes the others with it, so then each is applied alone. */
async function serve(db: Database, pipelineId: number, batch: readonly Asking[]): Promise<void> {
  try {
    const results = await db.transaction((tx) => applyEvents(tx, pipelineId, batch));
    for (const [index, { resolve }] of batch.entries()) resolve(results[index]!);
  } catch (error) {
    if (batch.length === 1) batch[0]!.reject(error);
    else for (const one of batch) await serve(db, pipelineId, [one]);
  }
}
