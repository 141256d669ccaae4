import type { Tx } from '../db/transaction.ts';
import { setArtifactsExpiry, setDebug } from './queries/job-marks.ts';

/** The job's log may show secrets: from now on only those who may update it may read it (security 4.1 note 1). */
export function markDebug(tx: Tx, jobId: number): Promise<void> {
  return setDebug(tx, jobId);
}

/** When the job's archive expires, in milliseconds; null for never, or for no archive. */
export function noteArtifactsExpiry(tx: Tx, jobId: number, expireAt: number | null): Promise<void> {
  return setArtifactsExpiry(tx, jobId, expireAt);
}
