import type { Tx } from '../../db/transaction.ts';
import { moveDeployment } from '../deployment.ts';
import type { DeploymentStatus } from '../deployment-status.ts';
import { definitionsByIds } from '../job-definition.ts';
import type { JobChange } from '../process.ts';
import { selectDeploymentsOfJobs, selectOvertaken } from '../queries/deployments.ts';
import { moveEnvironment, selectEnvironmentByName } from '../queries/environments.ts';
import { selectJobs } from '../queries/job-rows.ts';
import type { Status } from '../status.ts';
import type { PipelineSession } from './session.ts';

/** What a deployment is while its job is in a status; a status that is not here leaves it as it is. */
const STATUS_FOR: Partial<Record<Status, DeploymentStatus>> = {
  created: 'created',
  manual: 'blocked',
  running: 'running',
  canceling: 'running',
  success: 'success',
  failed: 'failed',
  canceled: 'canceled',
  skipped: 'skipped',
};

/**
 * Deployments go with their jobs, in the same transaction (ci-yaml 11): a successful one makes its environment available,
 * and a successful job with `action: stop` ends it.
 */
export async function moveDeployments(
  tx: Tx,
  changes: readonly Pick<JobChange, 'id' | 'to'>[],
  now: number,
): Promise<void> {
  const statusOf = new Map(
    changes.flatMap(({ id, to }) => (STATUS_FOR[to] === undefined ? [] : [[id, STATUS_FOR[to]] as const])),
  );
  if (statusOf.size === 0) return;
  const deployments = await selectDeploymentsOfJobs(tx, [...statusOf.keys()]);
  const succeeded = [...statusOf].flatMap(([id, status]) => (status === 'success' ? [id] : []));
  const jobs = await jobsWithEnvironment(tx, succeeded);
  for (const deployment of deployments) {
    const tier = jobs.get(deployment.jobId!)?.environment.deploymentTier ?? null;
    await moveDeployment(tx, deployment, statusOf.get(deployment.jobId!)!, now, tier);
  }
  for (const { job, environment } of jobs.values()) {
    if (environment.action === 'stop') await endEnvironment(tx, job.projectId, job.environment!, now);
  }
}

/** Says of every job that waits for its turn whether a newer deployment has overtaken it (ci-yaml 22.2d). */
export async function noteOutdated({ tx, facts, state }: PipelineSession): Promise<void> {
  if (state.deploying.size === 0) return;
  const overtaken = new Set(await selectOvertaken(tx, facts.id));
  for (const job of state.deploying) job.outdated = overtaken.has(job.id);
}

async function jobsWithEnvironment(tx: Tx, ids: readonly number[]) {
  const jobs = ids.length === 0 ? [] : await selectJobs(tx, ids);
  const definitions = await definitionsByIds(
    tx,
    jobs.map(({ definitionId }) => definitionId),
  );
  return new Map(
    jobs.flatMap((job) => {
      const environment = definitions.get(job.definitionId)?.environment ?? null;
      return environment === null || job.environment === null
        ? []
        : [[job.id, { job, environment }] as const];
    }),
  );
}

async function endEnvironment(tx: Tx, projectId: number, name: string, now: number): Promise<void> {
  const environment = await selectEnvironmentByName(tx, projectId, name);
  if (environment === null) return;
  const stopped = { state: 'stopped', auto_stop_at: null, updated_at: now };
  await moveEnvironment(tx, environment.id, ['available', 'stopping'], stopped);
}
