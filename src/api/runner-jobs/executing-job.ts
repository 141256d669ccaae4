import type { JobRow } from '../../pipeline/job-lookup.ts';
import { digestOf } from '../../project/token.ts';
import { beganJob, executingJob } from '../../runner/executing-job.ts';
import { Refused, refuse } from '../errors.ts';
import type { Call, RateLimit } from '../route.ts';

const REASONS = {
  project_deleted: 'Project has been deleted!',
  erased: 'Job has been erased!',
  not_executing: 'Job is not processing on runner',
  not_accepted: 'Job is not processing on runner',
} as const;

/**
 * The job that the calling runner executes, from this call on where it has not said so before. Its token is the parameter
 * `token`, else the header JOB-TOKEN (runner-api 0). Throws `Refused` 403, never 404; with `Job-Status` for a token that was
 * this job's, so that its runner stops.
 */
export function requireExecutingJob(call: Asking, jobId: number, parameter?: string): Promise<JobRow> {
  return requireJob(call, jobId, parameter, false);
}

/** The same for a runner that says how its job goes: it may be about to accept it (runner-api 2, two-phase commit). */
export function requireGivenJob(call: Asking, jobId: number, parameter?: string): Promise<JobRow> {
  return requireJob(call, jobId, parameter, true);
}

/** The job's token that a request shows: a parameter, which counts first, or a header (runner-api 0); else ''. */
export function jobTokenOf({ headers }: Call['request'], parameter: unknown): string {
  return String(parameter || headers['job-token'] || '');
}

/** Counts the calls for one job by its token (security LIM-3). */
const byJobToken: RateLimit['by'] = ({ request, params }) => digestOf(jobTokenOf(request, params.token));

export const TRACE_LIMIT: RateLimit = {
  bucket: 'runner_jobs_patch_trace_api',
  perMinute: 'runner_jobs_patch_trace_api_limit',
  by: byJobToken,
};

/** What the other routes for one job share. */
export const RUNNER_JOB_LIMIT: RateLimit = {
  bucket: 'runner_jobs_api',
  perMinute: 'runner_jobs_endpoints_api_limit',
  by: byJobToken,
};

type Asking = Pick<Call, 'rooms' | 'request' | 'now'>;

async function requireJob(
  call: Asking,
  jobId: number,
  parameter: string | undefined,
  orGiven: boolean,
): Promise<JobRow> {
  const token = jobTokenOf(call.request, parameter);
  if (token === '') throw refuse.forbidden();
  const { db, encryption } = call.rooms;
  const found = orGiven
    ? await executingJob(db.read, encryption, jobId, token)
    : await beganJob(db, encryption, jobId, token, call.now);
  if (found.ok || (orGiven && found.reason === 'not_accepted')) return found.job;
  if (found.reason === 'unknown') throw refuse.forbidden();
  const { answer } = refuse.forbidden(REASONS[found.reason]);
  throw new Refused({ ...answer, headers: { ...answer.headers, 'job-status': found.jobStatus } });
}
