import type { Project } from '../../project/project.ts';
import type { User } from '../../project/user.ts';
import { environmentSlugOf, groupNameOf, slugOf } from './slug.ts';
import type { Predefined } from './variable.ts';

const NO_SHA = '0'.repeat(40);
/** A longer commit message is cut, so that a job's environment stays small enough to start programs. Characters. */
const MAX_MESSAGE_LENGTH = 100_000;
/** A title of this length or more leaves no description apart from it. */
const LONG_TITLE = 100;

/** What a commit tells variables; the columns of `commits`. */
export interface CommitFacts {
  message: string;
  authorName: string;
  authorEmail: string;
  /** ISO 8601 with offset. */
  committedDate: string;
}

/** What a pipeline tells variables, before it is stored and after. */
export interface PipelineFacts {
  /** External base URL without trailing slash. */
  serverUrl: string;
  project: Project;
  ref: string;
  tag: boolean;
  sha: string;
  beforeSha: string;
  protected: boolean;
  /** CI_PIPELINE_SOURCE */
  source: string;
  /** Milliseconds. */
  createdAt: number;
  name: string | null;
  commit: CommitFacts | null;
  /** The project is in a freeze period now. */
  frozen: boolean;
  origin: PipelineOrigin;
}

/** Facts that only variables tell; stored with the pipeline as JSON. */
export interface PipelineOrigin {
  tagMessage?: string;
  scheduleDescription?: string;
  triggerShortToken?: string;
  upstream?: { pipelineId: number; projectId: number; jobId: number };
  /** The chain of webhooks that led to it, so that none is met twice (security HOOK-3). */
  hookChain?: string;
}

/** CI_PROJECT_* and CI_CONFIG_PATH (ci-yaml 13.3). */
export function projectVariables({ project, serverUrl }: PipelineFacts): Predefined[] {
  const namespace = project.fullPath.slice(0, -project.path.length - 1);
  return [
    ['CI_PROJECT_ID', String(project.id)],
    ['CI_PROJECT_NAME', project.path],
    ['CI_PROJECT_TITLE', project.name],
    ['CI_PROJECT_DESCRIPTION', project.description ?? ''],
    ['CI_PROJECT_PATH', project.fullPath],
    ['CI_PROJECT_PATH_SLUG', slugOf(project.fullPath)],
    ['CI_PROJECT_NAMESPACE', namespace],
    ['CI_PROJECT_NAMESPACE_ID', String(project.namespaceId)],
    ['CI_PROJECT_NAMESPACE_SLUG', slugOf(namespace)],
    ['CI_PROJECT_ROOT_NAMESPACE', namespace.split('/')[0]!],
    ['CI_PROJECT_URL', `${serverUrl}/${project.fullPath}`],
    ['CI_PROJECT_VISIBILITY', project.visibility],
    ['CI_PROJECT_REPOSITORY_LANGUAGES', ''],
    ['CI_PROJECT_CLASSIFICATION_LABEL', ''],
    ['CI_DEFAULT_BRANCH', project.defaultBranch ?? ''],
    ['CI_CONFIG_PATH', project.ciConfigPath || '.gitlab-ci.yml'],
  ];
}

/** CI_PIPELINE_*, CI_COMMIT_* and CI_UPSTREAM_* as far as they need no id (ci-yaml 13.3). */
export function pipelineVariables(facts: PipelineFacts): Predefined[] {
  const { origin, commit } = facts;
  const variables: Predefined[] = [
    ['CI_PIPELINE_SOURCE', facts.source],
    ['CI_PIPELINE_CREATED_AT', isoSeconds(facts.createdAt)],
    ['CI_COMMIT_SHA', facts.sha],
    ['CI_COMMIT_SHORT_SHA', facts.sha.slice(0, 8)],
    ['CI_COMMIT_BEFORE_SHA', facts.beforeSha || NO_SHA],
    ['CI_COMMIT_REF_NAME', facts.ref],
    ['CI_COMMIT_REF_SLUG', slugOf(facts.ref)],
    ['CI_COMMIT_REF_PROTECTED', String(facts.protected)],
    [facts.tag ? 'CI_COMMIT_TAG' : 'CI_COMMIT_BRANCH', facts.ref],
  ];
  if (facts.tag) variables.push(['CI_COMMIT_TAG_MESSAGE', origin.tagMessage ?? '']);
  if (facts.name !== null) variables.push(['CI_PIPELINE_NAME', facts.name]);
  if (commit !== null) variables.push(...commitVariables(commit));
  if (facts.frozen) variables.push(['CI_DEPLOY_FREEZE', 'true']);
  if (facts.source === 'trigger') variables.push(['CI_PIPELINE_TRIGGERED', 'true']);
  const { scheduleDescription, triggerShortToken, upstream } = origin;
  if (scheduleDescription !== undefined) {
    variables.push(['CI_PIPELINE_SCHEDULE_DESCRIPTION', scheduleDescription]);
  }
  if (triggerShortToken !== undefined) variables.push(['CI_TRIGGER_SHORT_TOKEN', triggerShortToken]);
  if (upstream !== undefined) {
    variables.push(
      ['CI_UPSTREAM_PIPELINE_ID', String(upstream.pipelineId)],
      ['CI_UPSTREAM_PROJECT_ID', String(upstream.projectId)],
      ['CI_UPSTREAM_JOB_ID', String(upstream.jobId)],
    );
  }
  return variables;
}

function commitVariables(commit: CommitFacts): Predefined[] {
  const truncated = commit.message.length > MAX_MESSAGE_LENGTH;
  const message = truncated ? commit.message.slice(0, MAX_MESSAGE_LENGTH) : commit.message;
  const [firstLine = '', ...rest] = message.split('\n');
  return [
    ['CI_COMMIT_MESSAGE', message],
    ['CI_COMMIT_MESSAGE_IS_TRUNCATED', String(truncated)],
    ['CI_COMMIT_TITLE', firstLine],
    ['CI_COMMIT_DESCRIPTION', firstLine.length >= LONG_TITLE ? message : rest.join('\n').replace(/\n$/, '')],
    ['CI_COMMIT_AUTHOR', `${commit.authorName} <${commit.authorEmail}>`],
    ['CI_COMMIT_TIMESTAMP', commit.committedDate.replace(/\.\d+/, '').replace(/\+00:00$/, 'Z')],
  ];
}

/** A job as its rules see it: no id, no token yet. */
export interface JobFacts {
  name: string;
  stage: string;
  when: string;
  parallel: { index: number; total: number } | null;
}

/** CI_JOB_* and CI_NODE_* as far as they need no id (ci-yaml 13.3). */
export function jobFactVariables(job: JobFacts): Predefined[] {
  const variables: Predefined[] = [
    ['CI_JOB_NAME', job.name],
    ['CI_JOB_NAME_SLUG', slugOf(job.name)],
    ['CI_JOB_GROUP_NAME', groupNameOf(job.name)],
    ['CI_JOB_STAGE', job.stage],
    ['CI_NODE_TOTAL', String(job.parallel?.total ?? 1)],
  ];
  if (job.parallel !== null) variables.push(['CI_NODE_INDEX', String(job.parallel.index)]);
  if (job.when === 'manual' || job.when === 'delayed') variables.push(['CI_JOB_MANUAL', 'true']);
  return variables;
}

/** GITLAB_USER_* of the user whose pipeline or job it is. */
export function userVariables(user: Pick<User, 'id' | 'email' | 'username' | 'name'> | null): Predefined[] {
  if (user === null) return [];
  return [
    ['GITLAB_USER_ID', String(user.id)],
    ['GITLAB_USER_EMAIL', user.email],
    ['GITLAB_USER_LOGIN', user.username],
    ['GITLAB_USER_NAME', user.name],
  ];
}

/** CI_ENVIRONMENT_* but the URL, which may only be known on the runner. */
export function environmentVariables(name: string, action: string, tier: string): Predefined[] {
  return [
    ['CI_ENVIRONMENT_NAME', name],
    ['CI_ENVIRONMENT_SLUG', environmentSlugOf(name)],
    ['CI_ENVIRONMENT_ACTION', action],
    ['CI_ENVIRONMENT_TIER', tier],
  ];
}

/** ISO 8601 in UTC without fractions. */
export function isoSeconds(millis: number): string {
  return `${new Date(millis).toISOString().slice(0, 19)}Z`;
}
