import type { Reading } from '../db/transaction.ts';
import { definitionById } from './job-definition.ts';
import type { JobRow } from './job-lookup.ts';
import { tierOf } from './variables/environment.ts';
import { environmentSlugOf } from './variables/slug.ts';

/** Tier and slug of the environment that a job names, whatever it does with it; null without one (ci-yaml 11). */
export async function environmentOf(
  reading: Reading,
  job: Pick<JobRow, 'environment' | 'definitionId'>,
): Promise<{ tier: string; slug: string } | null> {
  if (job.environment === null) return null;
  const { environment } = await definitionById(reading, job.definitionId);
  return {
    tier: tierOf(environment ?? { deploymentTier: null }, job.environment),
    slug: environmentSlugOf(job.environment),
  };
}
