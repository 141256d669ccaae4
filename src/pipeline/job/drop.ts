import type { PipelineSession } from '../advance/session.ts';
import type { FailureReason } from '../failure-reason.ts';
import { definitionById } from '../job-definition.ts';
import type { JobRow } from '../job-lookup.ts';
import { cancelAll, type JobNode, retry } from '../process.ts';
import { gracefulJobs } from '../queries/graceful.ts';
import { countRetriedAttempts } from '../queries/job-rows.ts';
import { isAction, newAttempt } from './attempt.ts';
import { isAutoRetried } from './auto-retry.ts';

/**
 * A job fails: its exit code may be an allowed one, it may be retried by itself, and otherwise its failure may end the
 * pipeline (ci-yaml 12.1 and 24). Changes the session, which the caller saves.
 */
export async function applyDrop(
  session: PipelineSession,
  node: JobNode,
  job: JobRow,
  event: { reason: FailureReason; exitCode?: number | null },
  now: number,
): Promise<void> {
  const { tx, state, facts } = session;
  const definition = await definitionById(tx, job.definitionId);
  const failure = { reason: event.reason, exitCode: event.exitCode ?? null };
  const forgiven = failure.exitCode !== null && definition.allowFailureExitCodes.includes(failure.exitCode);
  if (forgiven) session.patches.set(node.id, { ...session.patches.get(node.id), allowFailure: true });
  state.set(node, 'failed', node.allowFailure || forgiven);
  const retryConfig = definition.type === 'build' ? definition.retry : null;
  const earlier = await countRetriedAttempts(tx, job.pipelineId, job.name);
  if (job.type === 'build' && isAutoRetried(retryConfig, failure, earlier)) {
    const how = { userId: job.userId, enqueueImmediately: isAction(job) };
    retry(state, node, await newAttempt(session, job, definition, how, now));
  } else if (facts.cancelOnJobFailure && !node.allowFailure) {
    const graceful = await gracefulJobs(tx, facts.id);
    cancelAll(state, ({ id }) => graceful.has(id));
  }
}
