import type { Reading, Tx } from '../db/transaction.ts';
import type { DeploymentStatus } from './deployment-status.ts';
import { storeEnvironments } from './environment.ts';
import type { JobRow } from './job-lookup.ts';
import {
  deleteDeploymentRow,
  insertDeployments,
  isOvertaken,
  selectAllOvertaken,
  selectDeployment,
  selectDeployments,
  selectLastDeployment,
  updateDeploymentStatus,
} from './queries/deployments.ts';
import { updateEnvironment } from './queries/environments.ts';
import { COMPLETED } from './status.ts';

export { selectDeployments as listDeployments, selectLastDeployment as lastDeployment };

/** One try to deploy (rest-resources 9.5). Times are milliseconds. */
export interface Deployment {
  id: number;
  iid: number;
  projectId: number;
  environmentId: number;
  /** The attempt that deploys; null when the API told of it. */
  jobId: number | null;
  pipelineId: number | null;
  ref: string;
  tag: boolean;
  sha: string;
  status: DeploymentStatus;
  userId: number | null;
  /** Name of the job that stops the environment again. */
  onStop: string | null;
  /** What the environment gets when this one succeeds; null keeps what it has. */
  externalUrl: string | null;
  autoStopSeconds: number | null;
  createdAt: number;
  updatedAt: number;
  finishedAt: number | null;
}

const FINISHED: ReadonlySet<DeploymentStatus> = new Set(['success', 'failed', 'canceled']);

/** The deployment of this project with this id, or null. */
export function deploymentById(reading: Reading, projectId: number, id: number): Promise<Deployment | null> {
  return selectDeployment(reading, projectId, id);
}

/**
 * Gives a deployment its new status. A successful one makes its environment available, with the address and the time to
 * stop that it brought (ci-yaml 11).
 */
export async function moveDeployment(
  tx: Tx,
  deployment: Deployment,
  status: DeploymentStatus,
  now: number,
  tier: string | null = null,
): Promise<void> {
  if (deployment.status === status) return;
  await updateDeploymentStatus(tx, deployment.id, status, FINISHED.has(status) ? now : null, now);
  if (status !== 'success') return;
  const { externalUrl, autoStopSeconds } = deployment;
  await updateEnvironment(tx, deployment.environmentId, {
    state: 'available',
    auto_delete_at: null,
    updated_at: now,
    ...(externalUrl === null ? {} : { external_url: externalUrl }),
    ...(autoStopSeconds === null ? {} : { auto_stop_at: now + autoStopSeconds * 1000 }),
    ...(tier === null ? {} : { tier }),
  });
}

/** Somebody outside tells of a deployment; an environment that is not known yet is made (rest-resources 9.5). */
export async function createDeployment(
  tx: Tx,
  projectId: number,
  values: Pick<Deployment, 'ref' | 'tag' | 'sha' | 'status' | 'userId'> & { environment: string },
  now: number,
): Promise<Deployment> {
  const { environment: name, status, ref, tag, sha, userId } = values;
  const environments = await storeEnvironments(tx, projectId, [{ name, tier: null }], now);
  const [deployment] = await insertDeployments(tx, projectId, [
    {
      environmentId: environments.get(name)!.id,
      jobId: null,
      pipelineId: null,
      ref,
      tag,
      sha,
      status: 'created',
      userId,
      onStop: null,
      externalUrl: null,
      autoStopSeconds: null,
      createdAt: now,
      updatedAt: now,
      finishedAt: null,
    },
  ]);
  await moveDeployment(tx, deployment!, status, now);
  return (await selectDeployment(tx, projectId, deployment!.id))!;
}

/** Forgets a deployment, unless it is what its environment has, or still going on (rest-resources 9.5). */
export async function deleteDeployment(
  tx: Tx,
  deployment: Deployment,
): Promise<{ ok: true } | { ok: false; reason: 'running' | 'deployed' }> {
  if (deployment.status === 'running') return { ok: false, reason: 'running' };
  const last = await selectLastDeployment(tx, deployment.environmentId);
  if (last?.id === deployment.id) return { ok: false, reason: 'deployed' };
  await deleteDeploymentRow(tx, deployment.id);
  return { ok: true };
}

/** What a project says of deployments that a newer one replaced. */
export interface OutdatedRules {
  prevented: boolean;
  /** Finished ones may be deployed again. */
  rollbackAllowed: boolean;
}

/** Finished jobs of a pipeline that may not be retried, as they deploy what is outdated (jobs-api 3). */
export async function outdatedFinished(
  reading: Reading,
  pipelineId: number,
  { prevented, rollbackAllowed }: OutdatedRules,
): Promise<Set<number>> {
  return new Set(prevented && !rollbackAllowed ? await selectAllOvertaken(reading, pipelineId) : []);
}

/**
 * Whether a job deploys what a newer deployment has replaced, in a project that prevents this; a finished one may be
 * deployed again where the project allows going back (jobs-api 3).
 */
export async function isOutdated(
  reading: Reading,
  job: Pick<JobRow, 'id' | 'status' | 'environment'>,
  { prevented, rollbackAllowed }: OutdatedRules,
): Promise<boolean> {
  if (!prevented || job.environment === null) return false;
  if (rollbackAllowed && COMPLETED.has(job.status)) return false;
  return isOvertaken(reading, job.id);
}
