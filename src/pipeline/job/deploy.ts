import type { Environment as EnvironmentConfig } from '../../config/compiled.ts';
import { parseDuration } from '../../config/duration.ts';
import type { Tx } from '../../db/transaction.ts';
import { shownUrl, storeEnvironments } from '../environment.ts';
import { insertDeployments } from '../queries/deployments.ts';

/** A new attempt that names an environment: its expanded name, and what the configuration says of it. */
export interface Deploying {
  jobId: number;
  name: string;
  config: EnvironmentConfig;
}

/** What the attempts have in common. */
export interface DeployedBy {
  projectId: number;
  pipelineId: number;
  ref: string;
  tag: boolean;
  sha: string;
  userId: number | null;
}

/**
 * Makes the environments that new attempts name and that are not there yet (ci-yaml 21), and a deployment for each attempt
 * that starts one.
 */
export async function planDeployments(
  tx: Tx,
  by: DeployedBy,
  jobs: readonly Deploying[],
  now: number,
): Promise<void> {
  if (jobs.length === 0) return;
  const { projectId, ...common } = by;
  const wanted = jobs.map(({ name, config }) => ({ name, tier: config.deploymentTier }));
  const environments = await storeEnvironments(tx, projectId, wanted, now);
  await insertDeployments(
    tx,
    projectId,
    jobs
      .filter(({ config }) => config.action === 'start')
      .map(({ jobId, name, config }) => ({
        ...common,
        environmentId: environments.get(name)!.id,
        jobId,
        status: 'created',
        onStop: config.onStop,
        externalUrl: isLiteral(config.url) ? shownUrl(config.url) : null,
        autoStopSeconds: isLiteral(config.autoStopIn) ? secondsOf(config.autoStopIn) : null,
        createdAt: now,
        updatedAt: now,
        finishedAt: null,
      })),
  );
}

/** Whether a text means the same for every job. */
export function isLiteral(text: string | null): boolean {
  return text === null || !/[$%]/.test(text);
}

/** Whole seconds of `auto_stop_in` (ci-yaml 12.2), null when it is no duration. */
export function secondsOf(text: string | null): number | null {
  const seconds = text === null ? null : parseDuration(text);
  return seconds === null ? null : Math.round(seconds);
}
