import type { Project } from '../../project/project.ts';
import type { User } from '../../project/user.ts';

/** Everything that the claims of one job's ID tokens tell. */
export interface IdTokenFacts {
  /** External base URL without trailing slash. */
  issuer: string;
  /** Milliseconds. */
  now: number;
  project: Project;
  user: Pick<User, 'id' | 'username' | 'email'> | null;
  /** Role number on the project; 0 without any. */
  userLevel: number;
  job: { id: number; pipelineId: number; protected: boolean; timeoutSeconds: number | null };
  pipeline: { source: string; ref: string; tag: boolean; sha: string };
  environment: { name: string; tier: string; action: string } | null;
  runner: { id: number };
}

/** Seconds that a token of a job without a timeout is valid. */
const DEFAULT_SECONDS = 300;
/** Seconds that clocks may differ. */
const LEEWAY_SECONDS = 5;
const DEFAULT_SUBJECT = ['project_path', 'ref_type', 'ref'];
const ROLES: readonly [level: number, name: string][] = [
  [50, 'owner'],
  [40, 'maintainer'],
  [30, 'developer'],
  [20, 'reporter'],
  [15, 'planner'],
  [10, 'guest'],
];

/** The claims of one ID token for `aud`, expanded; `id` makes it one of a kind (rest-resources 11). */
export function idTokenClaims(
  facts: IdTokenFacts,
  aud: string | string[],
  id: string,
): Record<string, unknown> {
  const issuedAt = Math.floor(facts.now / 1000);
  const custom = customClaims(facts);
  return {
    ...custom,
    jti: id,
    iat: issuedAt,
    nbf: issuedAt - LEEWAY_SECONDS,
    exp: issuedAt + (facts.job.timeoutSeconds ?? DEFAULT_SECONDS),
    iss: facts.issuer,
    sub: subjectOf(facts.project, custom),
    aud,
  };
}

function customClaims(facts: IdTokenFacts): Record<string, unknown> {
  const { project, user, job, pipeline, runner } = facts;
  const namespacePath = project.fullPath.slice(0, -project.path.length - 1);
  const refType = pipeline.tag ? 'tag' : 'branch';
  const refPath = `refs/${pipeline.tag ? 'tags' : 'heads'}/${pipeline.ref}`;
  return {
    project_id: String(project.id),
    project_path: project.fullPath,
    namespace_id: String(project.namespaceId),
    namespace_path: namespacePath,
    user_id: user === null ? '' : String(user.id),
    user_login: user?.username ?? '',
    user_email: user?.email ?? '',
    user_access_level: roleOf(facts.userLevel),
    job_project_id: String(project.id),
    job_project_path: project.fullPath,
    job_namespace_id: String(project.namespaceId),
    job_namespace_path: namespacePath,
    pipeline_id: String(job.pipelineId),
    pipeline_source: pipeline.source,
    job_id: String(job.id),
    ref: pipeline.ref,
    ref_type: refType,
    ref_path: refPath,
    ref_protected: String(job.protected),
    ...environmentClaims(facts.environment),
    runner_id: runner.id,
    runner_environment: 'self-hosted',
    sha: pipeline.sha,
    project_visibility: project.visibility,
    ...configClaims(facts, refPath),
  };
}

function roleOf(level: number): string | null {
  return ROLES.find(([least]) => level >= least)?.[1] ?? null;
}

/** No environment of ours is protected. */
function environmentClaims(environment: IdTokenFacts['environment']): Record<string, unknown> {
  if (environment === null) return {};
  return {
    environment: environment.name,
    environment_protected: 'false',
    deployment_tier: environment.tier,
    environment_action: environment.action,
  };
}

/** Only for a configuration that lies in the project's own repository. */
function configClaims({ project, issuer, pipeline }: IdTokenFacts, refPath: string): Record<string, unknown> {
  const path = project.ciConfigPath || '.gitlab-ci.yml';
  if (/^https?:\/\//.test(path) || path.includes('@')) return {};
  const host = issuer.replace(/^https?:\/\//, '');
  return {
    ci_config_ref_uri: `${host}/${project.fullPath}//${path}@${refPath}`,
    ci_config_sha: pipeline.sha,
  };
}

/** The project's chosen claims as `name:value` pairs; those that a token lacks are left out. */
function subjectOf({ settings }: Project, claims: Record<string, unknown>): string {
  const chosen = settings.ci_id_token_sub_claim_components;
  const names =
    Array.isArray(chosen) && chosen.length > 0 ? (chosen as unknown[]).map(String) : DEFAULT_SUBJECT;
  return names
    .filter((name) => Object.hasOwn(claims, name))
    .map((name) => `${name}:${claims[name]}`)
    .join(':');
}
