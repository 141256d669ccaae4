import { expandText } from '../config/expand-variables.ts';
import type { Reading } from '../db/transaction.ts';
import type { BuildDefinition } from './job-definition.ts';
import { type JobRow, jobsByIds } from './job-lookup.ts';
import { buildInFamily, earlierBuilds, neededBuilds } from './queries/dependencies.ts';

/**
 * The jobs of the same pipeline whose artifacts and dotenv variables a job gets (ci-yaml 8.4): those of earlier stages,
 * or its needs with artifacts, and of these the ones that `dependencies` names.
 */
export async function dependenciesOf(
  reading: Reading,
  job: JobRow,
  definition: BuildDefinition,
): Promise<JobRow[]> {
  const { dependencies } = definition;
  if (dependencies?.length === 0) return [];
  const ids =
    job.schedulingType === 'dag'
      ? await neededBuilds(reading, job.id)
      : job.stageIndex === 0
        ? []
        : await earlierBuilds(reading, job.pipelineId, job.stageIndex);
  const jobs = await jobsByIds(reading, ids);
  return dependencies === null ? jobs : jobs.filter(({ name }) => dependencies.includes(name));
}

/**
 * Jobs of other pipelines of the family whose artifacts a job asks for (`needs:pipeline:job`). The pipeline's id may
 * stand in one of the job's variables.
 */
export async function familyDependenciesOf(
  reading: Reading,
  job: JobRow,
  definition: BuildDefinition,
  variables: readonly { key: string; value: string }[],
): Promise<JobRow[]> {
  if (definition.crossNeeds.length === 0) return [];
  const values = new Map(variables.map(({ key, value }) => [key, value]));
  const ids: number[] = [];
  for (const need of definition.crossNeeds) {
    if (need.pipeline === null || !need.artifacts) continue;
    const pipelineId = Number(expandText(need.pipeline, values, 'keep'));
    if (!Number.isSafeInteger(pipelineId)) continue;
    const id = await buildInFamily(reading, job, { pipelineId, name: need.job });
    if (id !== null) ids.push(id);
  }
  return jobsByIds(reading, ids);
}
