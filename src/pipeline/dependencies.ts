import { expandText } from '../config/expand-variables.ts';
import type { Reading } from '../db/transaction.ts';
import { may, viewerOf } from '../project/authorize.ts';
import { findProject } from '../project/project.ts';
import { userById } from '../project/user.ts';
import type { BuildDefinition } from './job-definition.ts';
import { type JobRow, jobsByIds } from './job-lookup.ts';
import { buildInFamily, earlierBuilds, neededBuilds, newestSuccess } from './queries/dependencies.ts';

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
 * Jobs of other pipelines whose artifacts a job asks for (ci-yaml 8.1): of its family (`needs:pipeline:job`), and of other
 * projects (`needs:project`), where its user may read them and the project takes this one's job tokens. Ids, names, refs
 * and paths may stand in the job's variables.
 */
export async function crossDependenciesOf(
  reading: Reading,
  job: JobRow,
  definition: BuildDefinition,
  variables: () => readonly { key: string; value: string }[],
): Promise<JobRow[]> {
  if (definition.crossNeeds.length === 0) return [];
  const values = new Map(variables().map(({ key, value }) => [key, value]));
  const expand = (text: string) => expandText(text, values, 'keep');
  const ids: number[] = [];
  for (const need of definition.crossNeeds) {
    if (!need.artifacts) continue;
    const id =
      need.project === null
        ? await inFamily(reading, job, expand(need.pipeline ?? ''), need.job)
        : await inProject(reading, job, expand(need.project), {
            name: expand(need.job),
            ref: need.ref === null ? null : expand(need.ref),
          });
    if (id !== null) ids.push(id);
  }
  return jobsByIds(reading, ids);
}

async function inFamily(
  reading: Reading,
  job: JobRow,
  pipeline: string,
  name: string,
): Promise<number | null> {
  const pipelineId = Number(pipeline);
  return Number.isSafeInteger(pipelineId) ? buildInFamily(reading, job, { pipelineId, name }) : null;
}

/** The newest job of this name that succeeded on the ref; on the default branch where none is named. */
async function inProject(
  reading: Reading,
  job: JobRow,
  path: string,
  { name, ref }: { name: string; ref: string | null },
): Promise<number | null> {
  const user = job.userId === null ? null : await userById(reading, job.userId);
  const found = path.includes('/') ? await findProject(reading, path) : ({ kind: 'missing' } as const);
  if (user === null || found.kind === 'missing') return null;
  const { project } = found;
  const caller = { kind: 'job', user, jobId: job.id, projectId: job.projectId } as const;
  const viewer = await viewerOf(reading, caller, project, job.startedAt ?? job.updatedAt);
  const on = ref ?? project.defaultBranch;
  if (on === null || !may(viewer, 'read_build')) return null;
  return newestSuccess(reading, project.id, { name, ref: on });
}
