import { artifactsOf } from '../artifact/artifact.ts';
import { deleteArtifacts } from '../artifact/delete.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import type { Traces } from '../trace/traces.ts';
import { lockJob } from './job.ts';
import type { JobRow } from './job-lookup.ts';
import { hasTrace, markErased } from './queries/erase.ts';
import { selectJob } from './queries/job-rows.ts';
import { COMPLETED } from './status.ts';

export type EraseResult = { ok: true; job: JobRow } | { ok: false; reason: 'not_found' | 'not_erasable' };

/** Whether a job may be erased: it is finished and has a log or an artifact (jobs-api 4.10). */
export async function isErasable(reading: Reading, job: JobRow): Promise<boolean> {
  if (!COMPLETED.has(job.status)) return false;
  return (await hasTrace(reading, job.id)) || (await artifactsOf(reading, [job.id])).has(job.id);
}

/**
 * A user erases a job: its log and all its artifacts go, what it was and how it ended stays (jobs-api 4.10). A second time
 * there is nothing left to erase.
 */
export async function eraseJob(
  tx: Tx,
  traces: Traces,
  jobId: number,
  { userId }: { userId: number },
  now: number,
): Promise<EraseResult> {
  const found = await lockJob(tx, jobId);
  if (found === null) return { ok: false, reason: 'not_found' };
  if (!(await isErasable(tx, found.job))) return { ok: false, reason: 'not_erasable' };
  await traces.erase(tx, [jobId], now);
  await deleteArtifacts(tx, [jobId], { except: [] }, now);
  await markErased(tx, jobId, userId, now);
  return { ok: true, job: (await selectJob(tx, jobId))! };
}
