import type { Environment as EnvironmentConfig } from '../config/compiled.ts';
import type { Reading } from '../db/transaction.ts';
import { type Environment, environmentByName } from './environment.ts';
import { definitionById } from './job-definition.ts';
import type { JobRow } from './job-lookup.ts';
import { tierOf } from './variables/environment.ts';
import { environmentSlugOf } from './variables/slug.ts';

/** Tier and slug of the environment that a job names, whatever it does with it; null without one (ci-yaml 11). */
export async function environmentOf(
  reading: Reading,
  job: Pick<JobRow, 'projectId' | 'environment' | 'definitionId'>,
): Promise<{ tier: string; slug: string } | null> {
  if (job.environment === null) return null;
  const { environment } = await definitionById(reading, job.definitionId);
  const place = await environmentByName(reading, job.projectId, job.environment);
  return {
    tier: environmentTier(environment ?? { deploymentTier: null }, place, job.environment),
    slug: place?.slug ?? environmentSlugOf(job.environment),
  };
}

/** The tier that the job gives, else that of the environment as it is stored, else a guess from its name. */
export function environmentTier(
  config: Pick<EnvironmentConfig, 'deploymentTier'>,
  place: Pick<Environment, 'tier'> | null,
  name: string,
): string {
  return config.deploymentTier ?? place?.tier ?? tierOf(config, name);
}
