import type { Tx } from '../db/transaction.ts';
import type { Encryption } from '../project/encryption.ts';
import { openPipeline, type PipelineSession } from './advance/session.ts';
import { saveAll } from './advance.ts';
import { isArchived } from './archive.ts';
import { isAction, newAttempt } from './job/attempt.ts';
import { lockJob } from './job.ts';
import { definitionById, definitionsByIds } from './job-definition.ts';
import { checkInputs } from './job-inputs.ts';
import type { JobRow } from './job-lookup.ts';
import { storeInputs } from './job-variables.ts';
import { resetSkipped, retry } from './process.ts';
import { selectJob, selectJobs } from './queries/job-rows.ts';
import { RETRYABLE } from './status.ts';

/** A bridge that failed for these reasons would fail again (jobs-api 4.9). */
const HOPELESS = ['pipeline_loop_detected', 'reached_max_descendant_pipelines_depth'];

/** Whether a user may retry this attempt (jobs-api 4.9): finished or being cancelled, and still the latest one. */
export function isRetryable(job: JobRow): boolean {
  if (job.type === 'external' || job.retried || !RETRYABLE.has(job.status)) return false;
  return job.type === 'build' || job.failureReason === null || !HOPELESS.includes(job.failureReason);
}

export type RetryResult =
  | { ok: true; job: JobRow }
  | { ok: false; reason: 'not_found' | 'not_retryable' }
  | { ok: false; reason: 'bad_inputs'; text: string };

export interface RetryRequest {
  userId: number;
  /** Values of the job's inputs, instead of all that were given before; none keeps those. */
  inputs?: Readonly<Record<string, unknown>>;
}

/**
 * A user retries a job or bridge (jobs-api 4.9): a new attempt takes its place, at once in the queue when its turn has
 * come, and skipped jobs behind it get another chance. Gives the new attempt.
 */
export async function retryJob(
  tx: Tx,
  encryption: Encryption,
  jobId: number,
  { userId, inputs = {} }: RetryRequest,
  now: number,
): Promise<RetryResult> {
  const found = await lockJob(tx, jobId);
  if (found === null) return { ok: false, reason: 'not_found' };
  const { job, session } = found;
  if (!isRetryable(job) || (await isArchived(tx, job.pipelineId, now)))
    return { ok: false, reason: 'not_retryable' };
  const definition = await definitionById(tx, job.definitionId);
  const given = checkInputs(definition, inputs);
  if (!given.ok) return { ok: false, reason: 'bad_inputs', text: given.text };
  const how = { userId, enqueueImmediately: isAction(job) };
  const attempt = await newAttempt(session, job, definition, how, now);
  if (Object.keys(inputs).length > 0) await storeInputs(tx, encryption, attempt.id, given.values);
  retry(session.state, session.state.job(jobId), attempt);
  await saveAll(session, now);
  return { ok: true, job: (await selectJob(tx, attempt.id))! };
}

/**
 * A user retries a pipeline (ci-yaml 24): every failed or cancelled job gets a new attempt, manual ones wait for their
 * user again, skipped jobs have another turn; none of an archived pipeline. `may` spares jobs that this user may not retry.
 * False: no such pipeline.
 */
export async function retryPipeline(
  tx: Tx,
  pipelineId: number,
  { userId, may = () => true }: { userId: number; may?: (job: JobRow) => boolean },
  now: number,
): Promise<boolean> {
  const session = await openPipeline(tx, pipelineId);
  if (session === null) return false;
  if (await isArchived(tx, pipelineId, now)) return true;
  const ended = [...session.state.jobs()].filter(
    ({ status }) => status === 'failed' || status === 'canceled',
  );
  const jobs = await selectJobs(
    tx,
    ended.map(({ id }) => id),
  );
  await replaceAll(
    session,
    jobs.filter((job) => isRetryable(job) && may(job)),
    userId,
    now,
  );
  resetSkipped(session.state);
  await saveAll(session, now);
  return true;
}

async function replaceAll(
  session: PipelineSession,
  jobs: readonly JobRow[],
  userId: number,
  now: number,
): Promise<void> {
  const definitions = await definitionsByIds(
    session.tx,
    jobs.map((job) => job.definitionId),
  );
  for (const job of jobs) {
    const definition = definitions.get(job.definitionId)!;
    const how = { userId, enqueueImmediately: false };
    const attempt = await newAttempt(session, job, definition, how, now);
    session.state.replace(session.state.job(job.id), attempt);
  }
}
