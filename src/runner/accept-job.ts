import type { Database } from '../db/database.ts';
import type { Reading } from '../db/transaction.ts';
import { applySoon } from '../pipeline/event-batch.ts';
import type { EventResult } from '../pipeline/job.ts';
import type { JobRow } from '../pipeline/job-lookup.ts';
import { type RunnerType, runnerById } from './runner.ts';

/** Who was given a job and has yet to accept it. */
export interface Holder {
  tokenDigest: string;
  runnerType: RunnerType;
}

/** The runner that was given a job; null when nobody was, or it is gone. */
export async function holderOf(reading: Reading, { runnerId, tokenDigest }: JobRow): Promise<Holder | null> {
  const runner = runnerId === null ? null : await runnerById(reading, runnerId);
  return runner === null || tokenDigest === null ? null : { tokenDigest, runnerType: runner.type };
}

/** The holder begins: the job runs from now on (runner-api 2, two-phase commit). */
export function acceptJob(db: Database, job: JobRow, holder: Holder, now: number): Promise<EventResult> {
  return applySoon(db, job, { type: 'accept', ...holder }, now);
}
