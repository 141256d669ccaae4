import type { Tx } from '../db/transaction.ts';
import type { Encryption } from '../project/encryption.ts';
import { saveAll } from './advance.ts';
import { isArchived } from './archive.ts';
import { isAction } from './job/attempt.ts';
import { lockJob } from './job.ts';
import { definitionById } from './job-definition.ts';
import { checkInputs } from './job-inputs.ts';
import type { JobRow } from './job-lookup.ts';
import { storeInputs, storeManual } from './job-variables.ts';
import { play } from './process.ts';
import { selectJob } from './queries/job-rows.ts';
import { isRetryable, type RetryRequest, retryJob } from './retry.ts';

export interface PlayRequest extends RetryRequest {
  /** For this attempt alone, instead of those of an earlier play. */
  variables: readonly { key: string; value: string }[];
}

export type PlayResult =
  /** `job` is the one that was played; a finished job was retried, its new attempt is `attempt`. */
  | { ok: true; job: JobRow; attempt: JobRow }
  | { ok: false; reason: 'not_found' | 'unplayable' }
  | { ok: false; reason: 'bad_inputs'; text: string };

/** Whether a user may start this job (jobs-api 4.11). */
export function isPlayable(job: JobRow): boolean {
  if (job.type === 'bridge') return job.when === 'manual' && job.status === 'manual';
  return isAction(job) && (job.status === 'manual' || job.status === 'scheduled' || isRetryable(job));
}

/**
 * A user starts a manual job, or a delayed one before its time (jobs-api 4.11). The job is theirs from then on, it is
 * enqueued at once, and skipped jobs behind it get another chance. Playing a finished job retries it.
 */
export async function playJob(
  tx: Tx,
  encryption: Encryption,
  jobId: number,
  { userId, variables, inputs = {} }: PlayRequest,
  now: number,
): Promise<PlayResult> {
  const found = await lockJob(tx, jobId);
  if (found === null) return { ok: false, reason: 'not_found' };
  const { job, session } = found;
  if (!isPlayable(job) || (await isArchived(tx, job.pipelineId, now)))
    return { ok: false, reason: 'unplayable' };
  if (job.status !== 'manual' && job.status !== 'scheduled') {
    const retried = await retryJob(tx, encryption, jobId, { userId, inputs }, now);
    if (!retried.ok) return retried.reason === 'bad_inputs' ? retried : { ok: false, reason: 'unplayable' };
    if (variables.length > 0) await storeManual(tx, encryption, retried.job.id, variables);
    return { ok: true, job: (await selectJob(tx, jobId))!, attempt: retried.job };
  }
  const given = checkInputs(await definitionById(tx, job.definitionId), inputs);
  if (!given.ok) return { ok: false, reason: 'bad_inputs', text: given.text };
  if (Object.keys(inputs).length > 0) await storeInputs(tx, encryption, jobId, given.values);
  if (variables.length > 0) await storeManual(tx, encryption, jobId, variables);
  session.patches.set(jobId, { userId });
  play(session.state, session.state.job(jobId));
  await saveAll(session, now);
  const played = (await selectJob(tx, jobId))!;
  return { ok: true, job: played, attempt: played };
}
