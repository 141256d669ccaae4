import type { Database } from '../db/database.ts';
import type { Reading } from '../db/transaction.ts';
import { isHandedOut } from '../pipeline/hand-out.ts';
import { type JobRow, jobById } from '../pipeline/job-lookup.ts';
import { EXECUTING, type Status } from '../pipeline/status.ts';
import type { Encryption } from '../project/encryption.ts';
import { projectById } from '../project/project.ts';
import { digestOf, sameDigest } from '../project/token.ts';
import { acceptJob, holderOf } from './accept-job.ts';
import { wasMadeFor } from './job-token.ts';

export type ExecutingJob =
  | { ok: true; job: JobRow }
  /** No such job, or the token is not its token. */
  | { ok: false; reason: 'unknown'; jobStatus: null }
  /** The token was this job's; the runner is told what became of the job. */
  | { ok: false; reason: 'project_deleted' | 'erased' | 'not_executing'; jobStatus: Status }
  /** The runner was given the job and has not accepted it. */
  | { ok: false; reason: 'not_accepted'; jobStatus: Status; job: JobRow };

/**
 * The job that a runner works on, by its id and its own token (runner-api 4, security JT-5). A token is good while its
 * job is running or canceling, and from the commit that ends it no more (JT-1).
 */
export async function executingJob(
  reading: Reading,
  encryption: Encryption,
  jobId: number,
  token: string,
): Promise<ExecutingJob> {
  const job = await jobById(reading, jobId);
  if (job === null) return { ok: false, reason: 'unknown', jobStatus: null };
  const jobStatus = job.status;
  const holds = job.tokenDigest !== null && sameDigest(job.tokenDigest, digestOf(token));
  if (!holds && !wasMadeFor(encryption, jobId, token))
    return { ok: false, reason: 'unknown', jobStatus: null };
  if ((await projectById(reading, job.projectId)) === null)
    return { ok: false, reason: 'project_deleted', jobStatus };
  if (job.erasedAt !== null) return { ok: false, reason: 'erased', jobStatus };
  if (holds && isHandedOut(job)) return { ok: false, reason: 'not_accepted', jobStatus, job };
  if (!holds || !EXECUTING.has(job.status)) return { ok: false, reason: 'not_executing', jobStatus };
  return { ok: true, job };
}

/**
 * The same for a runner that works on the job, by which it accepts it: one whose acceptance was answered with a failure
 * begins all the same, and one that can not do what the job asks sends a log and the job's end, and nothing before.
 */
export async function beganJob(
  db: Database,
  encryption: Encryption,
  jobId: number,
  token: string,
  now: number,
): Promise<ExecutingJob> {
  const found = await executingJob(db.read, encryption, jobId, token);
  if (found.ok || found.reason !== 'not_accepted') return found;
  const holder = await holderOf(db.read, found.job);
  if (holder === null) return found;
  await acceptJob(db, found.job, holder, now);
  return executingJob(db.read, encryption, jobId, token);
}
