import type { Project } from '../../project/project.ts';
import type { JobVariable } from '../../project/variable.ts';
import { isoSeconds } from './predefined.ts';
import { type Predefined, privateVariable, publicVariable } from './variable.ts';

/** What a job and its pipeline have once they are stored and a runner has the job. */
export interface PersistedFacts {
  /** External base URL without trailing slash. */
  serverUrl: string;
  project: Project;
  /** `startedAt` in milliseconds. */
  job: { id: number; pipelineId: number; startedAt: number | null };
  /** The job's own token. */
  token: string;
  pipelineIid: number;
}

/** CI_PIPELINE_* that carry the pipeline's id: bridges have them too, jobs of their own have the rest. */
export function persistedPipelineVariables({
  serverUrl,
  project,
  job: { pipelineId },
  pipelineIid,
}: Pick<PersistedFacts, 'serverUrl' | 'project' | 'job' | 'pipelineIid'>): Predefined[] {
  return [
    ['CI_PIPELINE_ID', String(pipelineId)],
    ['CI_PIPELINE_IID', String(pipelineIid)],
    ['CI_PIPELINE_URL', `${serverUrl}/${project.fullPath}/-/pipelines/${pipelineId}`],
  ];
}

/** Variables that carry an id or the token (ci-yaml 13.3, runner-api 3). */
export function persistedVariables(facts: PersistedFacts): JobVariable[] {
  const { serverUrl, project, job, token } = facts;
  const projectUrl = `${serverUrl}/${project.fullPath}`;
  const started: Predefined[] =
    job.startedAt === null ? [] : [['CI_JOB_STARTED_AT', isoSeconds(job.startedAt)]];
  const open: Predefined[] = [
    ...persistedPipelineVariables(facts),
    ['CI_JOB_ID', String(job.id)],
    ['CI_JOB_URL', `${projectUrl}/-/jobs/${job.id}`],
    ...started,
    ['CI_REGISTRY_USER', 'gitlab-ci-token'],
  ];
  return [
    ...open.map(publicVariable),
    privateVariable('CI_JOB_TOKEN', token, true),
    privateVariable('CI_REGISTRY_PASSWORD', token, true),
    privateVariable('CI_REPOSITORY_URL', repositoryUrl(serverUrl, project, token), false),
  ];
}

/** Address of a repository with the job's token in it, as git takes it. */
export function repositoryUrl(serverUrl: string, project: Pick<Project, 'fullPath'>, token: string): string {
  const { protocol, host, pathname } = new URL(`${serverUrl}/${project.fullPath}.git`);
  return `${protocol}//gitlab-ci-token:${token}@${host}${pathname}`;
}

/** What variables tell of the runner that has the job. */
export interface RunnerFacts {
  id: number;
  description: string | null;
  tags: readonly string[];
}

/** CI_RUNNER_* that the server knows; the tags are a JSON list. */
export function runnerVariables({ id, description, tags }: RunnerFacts): Predefined[] {
  return [
    ['CI_RUNNER_ID', String(id)],
    ['CI_RUNNER_DESCRIPTION', description ?? ''],
    ['CI_RUNNER_TAGS', `[${tags.map((tag) => JSON.stringify(tag)).join(', ')}]`],
  ];
}
