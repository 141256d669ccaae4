import type { Retry } from '../../config/compiled.ts';
import type { FailureReason } from '../failure-reason.ts';

const NEVER: ReadonlySet<FailureReason> = new Set([
  'ci_quota_exceeded',
  'no_matching_runner',
  'missing_dependency_failure',
  'forward_deployment_failure',
  'environment_creation_failure',
]);

/** Attempts that a failure of our own scheduling is worth when the job has no `retry`. */
const SCHEDULER_RETRIES = 2;

/**
 * Whether a failed job is retried by itself (ci-yaml 12.1). `earlierAttempts` counts the attempts of this job in its
 * pipeline that newer ones replaced.
 */
export function isAutoRetried(
  retry: Retry | null,
  failure: { reason: FailureReason; exitCode: number | null },
  earlierAttempts: number,
): boolean {
  if (NEVER.has(failure.reason)) return false;
  if (retry === null) return failure.reason === 'scheduler_failure' && earlierAttempts < SCHEDULER_RETRIES;
  if (earlierAttempts >= retry.max) return false;
  const byCode = failure.exitCode !== null && retry.exitCodes.includes(failure.exitCode);
  return byCode || retry.when.includes('always') || retry.when.includes(failure.reason);
}
