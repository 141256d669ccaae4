import { isArchived } from '../../pipeline/archive.ts';
import { isOutdated, type OutdatedRules } from '../../pipeline/deployment.ts';
import { isDraft } from '../../pipeline/draft.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';
import { jobById } from '../../pipeline/job-lookup.ts';
import type { ActedOn } from '../../project/authorize.ts';
import type { Project } from '../../project/project.ts';
import { protectionOf } from '../../project/protected-ref.ts';
import { jobEntity } from '../entities/job.ts';
import { refuse } from '../errors.ts';
import { jobViews } from '../read/job-view.ts';
import { type Answer, type Call, json } from '../route.ts';
import { jobContext } from './job-context.ts';

/** Path parameters of every route about one job. */
export const JOB_INPUT = {
  id: { type: 'string', required: true },
  job_id: { type: 'integer', required: true },
} as const;

/** The job of this id inside the project; `types` says what counts as one here. 404 with a small f otherwise (jobs-api 1.1). */
export async function requireJob(
  call: Pick<Call, 'rooms'>,
  project: Project,
  id: number,
  types: readonly JobRow['type'][] = ['build'],
): Promise<JobRow> {
  const job = await jobById(call.rooms.db.read, id);
  if (job === null || job.projectId !== project.id || !types.includes(job.type))
    throw refuse.recordNotFound();
  if (job.status === 'created' && (await isDraft(call.rooms.db.read, job.pipelineId)))
    throw refuse.recordNotFound();
  return job;
}

/** What the project says of deployments that a newer one replaced (rest-resources 1.4). */
export function deploymentRules(project: Project): OutdatedRules {
  return {
    prevented: project.ciForwardDeploymentEnabled,
    rollbackAllowed: project.settings.ci_forward_deployment_rollback_allowed !== false,
  };
}

/** What `may` asks about a job: its ref with the project's protection, its user, whether it shows secrets or deploys what is outdated. */
export async function actedOn(
  call: Pick<Call, 'rooms' | 'now'>,
  project: Project,
  job: JobRow,
): Promise<ActedOn> {
  const { read } = call.rooms.db;
  const [protection, outdatedDeployment, archived] = await Promise.all([
    protectionOf(read, project.id),
    isOutdated(read, job, deploymentRules(project)),
    isArchived(read, job.pipelineId, call.now),
  ]);
  const ref = { name: job.ref, tag: job.tag, protection };
  return { ref, userId: job.userId, debug: job.debug, outdatedDeployment, archived };
}

/** The job as it stands now, as the answer of a verb. */
export async function jobAnswer(
  call: Pick<Call, 'rooms' | 'baseUrl' | 'now'>,
  project: Project,
  id: number,
  status: number,
): Promise<Answer> {
  const [view] = await jobViews(call.rooms.db.read, [id]);
  if (view === undefined) throw refuse.recordNotFound();
  return json(jobEntity(view, jobContext(call, project)), status);
}
