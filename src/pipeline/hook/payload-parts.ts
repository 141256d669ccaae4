import type { Namespace } from '../../project/namespace.ts';
import type { Project } from '../../project/project.ts';
import type { User } from '../../project/user.ts';

/** A project with what its hooks' bodies say of it. */
export interface HookProject {
  project: Project;
  /** Its namespace and all above it, outermost first. */
  namespaces: readonly Namespace[];
  /** External base URL without trailing slash. */
  baseUrl: string;
}

export interface HookRunner {
  id: number;
  description: string | null;
  runnerType: string;
  paused: boolean;
  tags: readonly string[];
}

const VISIBILITY_LEVELS = { private: 0, internal: 10, public: 20 } as const;

export function projectPage({ project, baseUrl }: HookProject): string {
  return `${baseUrl}/${project.fullPath}`;
}

function sshUrl({ project, baseUrl }: HookProject): string {
  return `git@${new URL(baseUrl).hostname}:${project.fullPath}.git`;
}

/** `Group / Subgroup / Project` */
export function displayName({ project, namespaces }: HookProject): string {
  return [...namespaces.map(({ name }) => name), project.name].join(' / ');
}

/** The project object of every hook (rest-resources 10.6). */
export function projectPart(of: HookProject) {
  const { project, namespaces } = of;
  return {
    id: project.id,
    name: project.name,
    description: project.description,
    web_url: projectPage(of),
    avatar_url: null,
    git_ssh_url: sshUrl(of),
    git_http_url: `${projectPage(of)}.git`,
    namespace: namespaces.at(-1)?.name ?? '',
    visibility_level: VISIBILITY_LEVELS[project.visibility],
    path_with_namespace: project.fullPath,
    default_branch: project.defaultBranch,
    ci_config_path: project.ciConfigPath,
  };
}

/** What push events add to it. */
export function pushProjectPart(of: HookProject) {
  return {
    ...projectPart(of),
    homepage: projectPage(of),
    url: sshUrl(of),
    ssh_url: sshUrl(of),
    http_url: `${projectPage(of)}.git`,
  };
}

export function repositoryPart(of: HookProject) {
  const { project } = of;
  return {
    name: project.name,
    url: sshUrl(of),
    description: project.description,
    homepage: projectPage(of),
    git_http_url: `${projectPage(of)}.git`,
    git_ssh_url: sshUrl(of),
    visibility_level: VISIBILITY_LEVELS[project.visibility],
  };
}

/** Somebody, without an address that is not public. */
export function userPart(user: User | null) {
  if (user === null) return null;
  return {
    id: user.id,
    name: user.name,
    username: user.username,
    avatar_url: null,
    email: user.publicEmail === '' ? '[REDACTED]' : user.publicEmail,
  };
}

export function runnerPart(runner: HookRunner | null) {
  if (runner === null) return null;
  return {
    id: runner.id,
    description: runner.description,
    runner_type: runner.runnerType,
    active: !runner.paused,
    is_shared: runner.runnerType === 'instance_type',
    tags: [...runner.tags],
  };
}

/** The environment of a job, its tier given or guessed. */
export interface HookEnvironment {
  name: string;
  action: string;
  tier: string;
}

export function environmentPart(environment: HookEnvironment | null) {
  if (environment === null) return null;
  return { name: environment.name, action: environment.action, deployment_tier: environment.tier };
}

/** The pipeline that led to this one. */
export interface HookSource {
  project: Project;
  jobId: number;
  pipelineId: number;
}

/** Absent for a pipeline that no other one led to. */
export function sourcePart(source: HookSource | null, baseUrl: string) {
  if (source === null) return {};
  const { project } = source;
  const web_url = `${baseUrl}/${project.fullPath}`;
  return {
    source_pipeline: {
      project: { id: project.id, web_url, path_with_namespace: project.fullPath },
      job_id: source.jobId,
      pipeline_id: source.pipelineId,
    },
  };
}

/** ISO 8601 with milliseconds. */
export function time(millis: number | null): string | null {
  return millis === null ? null : new Date(millis).toISOString();
}

/** ISO 8601 to the second. */
export function timeToSecond(millis: number | null): string | null {
  return millis === null ? null : `${new Date(millis).toISOString().slice(0, 19)}Z`;
}

/** From one time to another, or to `now` while there is no end, as seconds with fraction; null without a start. */
export function seconds(from: number | null, to: number | null, now: number): number | null {
  return from === null ? null : ((to ?? now) - from) / 1000;
}
