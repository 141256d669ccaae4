import type { PipelineSession } from '../advance/session.ts';
import { noteStatusChanges } from '../hook-events.ts';
import type { JobDefinition } from '../job-definition.ts';
import type { JobRow } from '../job-lookup.ts';
import { insertAttempt } from '../queries/attempts.ts';
import { planDeployments } from './deploy.ts';

/** Manual and delayed jobs: somebody or something starts them (GitLab calls them actions). */
export function isAction(job: { when: string }): boolean {
  return job.when === 'manual' || job.when === 'delayed';
}

/**
 * Stores the next attempt of a job. What an exit code forgave is not forgiven beforehand: with
 * `allow_failure:exit_codes` every attempt starts as one that may not fail.
 */
export async function newAttempt(
  session: PipelineSession,
  job: JobRow,
  definition: JobDefinition,
  { userId, enqueueImmediately }: { userId: number | null; enqueueImmediately: boolean },
  now: number,
): Promise<{ id: number; allowFailure: boolean; enqueueImmediately: boolean }> {
  const allowFailure = definition.allowFailureExitCodes.length === 0 && job.allowFailure;
  const attempt = { allowFailure, enqueueImmediately, userId };
  const id = await insertAttempt(session.tx, job, attempt, now);
  if (job.environment !== null && definition.environment !== null) {
    const { projectId, pipelineId, ref, tag, environment: name } = job;
    const by = { projectId, pipelineId, ref, tag, sha: session.facts.sha, userId };
    await planDeployments(session.tx, by, [{ jobId: id, name, config: definition.environment }], now);
  }
  if (session.facts.hooked) {
    const { projectId, pipelineId } = job;
    await noteStatusChanges(session.tx, { projectId, pipelineId, jobIds: [id], pipelineMoved: false }, now);
  }
  return { id, allowFailure, enqueueImmediately };
}
