import type { Tx } from '../../db/transaction.ts';
import { nextStatus } from '../job/transitions.ts';
import { isPrevented } from '../queries/deployments.ts';
import { lockResourceGroup, nextForSlot, statusOfJob, updateHolder } from '../queries/resource-groups.ts';
import { COMPLETED, type Status } from '../status.ts';
import { openPipeline, type PipelineSession } from './session.ts';

/**
 * Gives the slot of a resource group, when it is free, to the job that is next (ci-yaml 25). Gives the session of that
 * job's pipeline, which is yet to be saved, or null when nobody got it. A job whose deployment was overtaken while it waited
 * fails instead (ci-yaml 22.2d).
 */
export async function giveSlot(tx: Tx, groupId: number, now: number): Promise<PipelineSession | null> {
  const group = await lockResourceGroup(tx, groupId);
  if (group === null) return null;
  const holder = group.jobId === null ? null : await statusOfJob(tx, group.jobId);
  if (holder !== null && !COMPLETED.has(holder as Status)) return null;
  const next = await nextForSlot(tx, group);
  const session = next === null ? null : await openPipeline(tx, next.pipelineId);
  if (next !== null && session?.state.has(next.jobId)) {
    const job = session.state.job(next.jobId);
    if (job.environment && (await isPrevented(tx, job.id))) {
      session.patches.set(job.id, { failureReason: 'failed_outdated_deployment_job' });
      session.state.set(job, 'failed');
      return session; // its failure offers the slot to the next
    }
    const status = nextStatus('assign_resource', job.status);
    if (status !== null) {
      session.state.set(job, status);
      await updateHolder(tx, groupId, job.id, now);
      return session;
    }
  }
  if (group.jobId !== null) await updateHolder(tx, groupId, null, now);
  return null;
}
