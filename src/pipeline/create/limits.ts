import type { Step } from './creation.ts';
import { fail } from './fail.ts';
import { countActiveJobs } from './queries/pipelines.ts';

/** Pipelines that were made earlier do not count, milliseconds. */
const ACTIVE_WITHIN_MS = 24 * 3_600_000;

/** Jobs of one pipeline (ci-yaml 21). */
export const size: Step = async (creation) => {
  const limit = creation.settings.ci_pipeline_size;
  if (limit === 0 || creation.jobs.length <= limit) return null;
  const text =
    `The number of jobs has exceeded the limit of ${limit}. ` +
    'Try splitting the configuration with parent-child-pipelines';
  return fail(creation, 'size_limit_exceeded', text);
};

/** Jobs of the project in pipelines that are under way, this one's with them (ci-yaml 21). */
export const activity: Step = async (creation) => {
  const { settings, request, jobs, now } = creation;
  const limit = settings.ci_active_jobs;
  if (limit === 0) return null;
  const active = await countActiveJobs(creation.deps.db.read, request.project.id, now - ACTIVE_WITHIN_MS);
  if (active + jobs.length <= limit) return null;
  const text = 'Project exceeded the allowed number of jobs in active pipelines. Retry later.';
  return fail(creation, 'job_activity_limit_exceeded', text);
};
