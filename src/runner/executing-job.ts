import type { Reading } from '../db/transaction.ts';
import { isHandedOut } from '../pipeline/hand-out.ts';
import { type JobRow, jobById } from '../pipeline/job-lookup.ts';
import { EXECUTING, type Status } from '../pipeline/status.ts';
import type { Encryption } from '../project/encryption.ts';
import { projectById } from '../project/project.ts';
import { digestOf, sameDigest } from '../project/token.ts';
import { wasMadeFor } from './job-token.ts';

export type ExecutingJob =
  | { ok: true; job: JobRow }
  /** No such job, or the token is not its token. */
  | { ok: false; reason: 'unknown'; jobStatus: null }
  /** The token was this job's; the runner is told what became of the job. */
  | { ok: false; reason: 'project_deleted' | 'erased' | 'not_executing'; jobStatus: Status }
  /** The runner was given the job and has not accepted it: until then its token is good for nothing else. */
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
