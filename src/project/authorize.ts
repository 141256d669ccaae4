import type { Reading } from '../db/transaction.ts';
import { type Caller, userOf } from './caller.ts';
import { takesJobsOf } from './job-token-scope.ts';
import type { Project } from './project.ts';
import { isProtected, mayRunOn, type RefProtection } from './protected-ref.ts';
import { accessLevelOf } from './queries/members.ts';

/** Roles by their number; 5 is "minimal access" and opens nothing here (rest-resources 0.5). */
export const GUEST = 10;
export const PLANNER = 15;
export const REPORTER = 20;
export const DEVELOPER = 30;
export const MAINTAINER = 40;
export const OWNER = 50;

/** A caller as one project sees him; everything `may` needs to know about him. */
export interface Viewer {
  /** Null for an anonymous caller. */
  userId: number | null;
  admin: boolean;
  external: boolean;
  /** Highest level on the project, its groups or as owner of its namespace; 0 without any. */
  level: number;
  /** A job's token: reads and triggers only, and nothing that its user could not (security JT-2). */
  byJob: boolean;
  /** A job of a project that this one does not take job tokens from: what remains is what a stranger may. */
  jobRefused: boolean;
  project: Project;
}

/** What somebody wants to do, by GitLab's ability names (jobs-api 3, security 4.1). */
export type Action =
  | 'read_project'
  | 'read_statistics'
  | 'download_code'
  | 'push_code'
  | 'read_build'
  | 'read_pipeline'
  | 'read_build_trace'
  | 'read_job_artifacts'
  | 'update_build'
  | 'cancel_build'
  | 'play_job'
  | 'retry_job'
  | 'unschedule_job'
  | 'keep_job_artifacts'
  | 'erase_build'
  | 'delete_job_artifact'
  | 'force_cancel_build'
  | 'create_commit_status'
  | 'create_pipeline'
  | 'update_pipeline'
  | 'cancel_pipeline'
  | 'destroy_pipeline'
  | 'read_pipeline_variable'
  | 'set_pipeline_variables'
  | 'read_pipeline_schedule'
  | 'create_pipeline_schedule'
  | 'update_pipeline_schedule'
  | 'play_pipeline_schedule'
  | 'admin_pipeline_schedule'
  | 'read_resource_group'
  | 'update_resource_group'
  | 'read_environment'
  | 'update_environment'
  | 'admin_environment'
  | 'read_project_member'
  | 'admin_project_member'
  | 'admin_project'
  | 'admin_cicd_variables'
  | 'admin_trigger'
  | 'admin_web_hook'
  | 'admin_runner'
  | 'admin_protected_refs'
  | 'admin_job_token_scope'
  | 'read_cluster_agent'
  | 'admin_cluster_agent'
  | 'manage_resource_access_tokens'
  | 'change_visibility_level'
  | 'archive_project'
  | 'remove_project';

/** The job, pipeline or schedule that an action is about; without it only the project is asked. */
export interface ActedOn {
  /** Branch or tag it runs on, with the project's protection rules. */
  ref?: { name: string; tag: boolean; protection: RefProtection };
  /** User of the job, pipeline or schedule. */
  userId?: number | null;
  /** A job that printed, or may print, its environment (security 4.1 note 1). */
  debug?: boolean;
  /** A job too old to be run again. */
  archived?: boolean;
  /** Access level of the job's archive; absent or null without an archive. */
  artifactAccess?: 'public' | 'private' | 'maintainer' | 'none' | null;
  /** A deployment that a newer one replaced, in a project that prevents those. */
  outdatedDeployment?: boolean;
}

/** Highest level of the caller's user on a project; 0 without any, or without a user. */
export async function levelOf(
  reading: Reading,
  caller: Caller,
  projectId: number,
  now: number,
): Promise<number> {
  const user = userOf(caller);
  return user === null ? 0 : await accessLevelOf(reading, user.id, projectId, now);
}

/** How a caller stands to a project; `level`, if it was read already, is what `levelOf` gave. */
export async function viewerOf(
  reading: Reading,
  caller: Caller,
  project: Project,
  now: number,
  level?: number,
): Promise<Viewer> {
  const user = userOf(caller);
  const byJob = caller.kind === 'job';
  const jobRefused = caller.kind === 'job' && !(await takesJobsOf(reading, project, caller.projectId));
  return {
    userId: user?.id ?? null,
    admin: (user?.admin ?? false) && !jobRefused,
    external: user?.external ?? false,
    level: jobRefused ? 0 : (level ?? (await levelOf(reading, caller, project.id, now))),
    byJob,
    jobRefused,
    project,
  };
}

/** Whether the viewer may do it, to the project or to what is given. Pure; the whole of jobs-api 3 and security 4.1. */
export function may(viewer: Viewer, action: Action, on: ActedOn = {}): boolean {
  if (!canRead(viewer)) return false;
  if (viewer.byJob && !OPEN_TO_JOBS.has(action)) return false;
  if (viewer.project.archived && WRITES_LOST_IN_ARCHIVE.has(action)) return false;
  switch (action) {
    case 'read_project':
      return true;
    case 'download_code':
      return mayDownloadCode(viewer);
    case 'push_code':
      return viewer.project.repositoryAccessLevel !== 'disabled' && atLeast(viewer, DEVELOPER);
    case 'read_build':
    case 'read_pipeline_schedule':
      return mayReadBuilds(viewer);
    case 'read_pipeline':
      return buildsOpenTo(viewer) && (mayReadBuilds(viewer) || hasPublicAccess(viewer));
    case 'read_build_trace':
      return mayReadBuilds(viewer) && (!on.debug || atLeast(viewer, DEVELOPER));
    case 'read_job_artifacts':
      return mayReadBuilds(viewer) && mayReadArchive(viewer, on.artifactAccess ?? 'public');
    case 'update_build':
    case 'cancel_build':
    case 'create_commit_status':
    case 'create_pipeline':
    case 'update_pipeline':
    case 'cancel_pipeline':
    case 'create_pipeline_schedule':
    case 'play_pipeline_schedule':
      return mayRun(viewer, DEVELOPER, on);
    case 'play_job':
    case 'retry_job':
    case 'unschedule_job':
    case 'keep_job_artifacts':
      return mayRun(viewer, DEVELOPER, on) && !on.archived;
    case 'force_cancel_build':
      return mayRun(viewer, MAINTAINER, on);
    case 'erase_build':
      return mayErase(viewer, on);
    case 'update_pipeline_schedule':
      return mayRun(viewer, DEVELOPER, {}) && (viewer.admin || isOwn(viewer, on));
    case 'read_pipeline_variable':
    case 'admin_pipeline_schedule':
      return atLeast(viewer, MAINTAINER) || (mayRun(viewer, DEVELOPER, {}) && isOwn(viewer, on));
    case 'set_pipeline_variables':
      return atLeast(viewer, OVERRIDE_ROLES[viewer.project.ciPipelineVariablesMinimumOverrideRole]);
    case 'read_project_member':
      return viewer.userId !== null;
    default:
      return atLeast(viewer, ROLE_FOR[action]);
  }
}

/** Actions that a role alone decides. */
const ROLE_FOR = {
  read_statistics: REPORTER,
  read_resource_group: DEVELOPER,
  update_resource_group: DEVELOPER,
  read_environment: REPORTER,
  update_environment: DEVELOPER,
  admin_environment: MAINTAINER,
  delete_job_artifact: MAINTAINER,
  admin_project_member: MAINTAINER,
  admin_project: MAINTAINER,
  admin_cicd_variables: MAINTAINER,
  admin_trigger: MAINTAINER,
  admin_web_hook: MAINTAINER,
  admin_runner: MAINTAINER,
  admin_protected_refs: MAINTAINER,
  admin_job_token_scope: MAINTAINER,
  read_cluster_agent: DEVELOPER,
  admin_cluster_agent: MAINTAINER,
  manage_resource_access_tokens: MAINTAINER,
  destroy_pipeline: OWNER,
  change_visibility_level: OWNER,
  archive_project: OWNER,
  remove_project: OWNER,
} as const;

const OVERRIDE_ROLES = {
  no_one_allowed: Number.POSITIVE_INFINITY,
  developer: DEVELOPER,
  maintainer: MAINTAINER,
  owner: OWNER,
} as const;

/** A job token reads, and triggers pipelines; nothing else (security JT-2, JT-4). */
const OPEN_TO_JOBS: ReadonlySet<Action> = new Set<Action>([
  'read_project',
  'download_code',
  'read_build',
  'read_pipeline',
  'read_job_artifacts',
  'read_environment',
  'create_commit_status',
  'create_pipeline',
  'update_pipeline',
  'set_pipeline_variables',
]);

/** An archived project is read-only. */
const WRITES_LOST_IN_ARCHIVE: ReadonlySet<Action> = new Set<Action>([
  'push_code',
  'update_build',
  'play_job',
  'retry_job',
  'unschedule_job',
  'keep_job_artifacts',
  'create_pipeline',
  'update_pipeline',
  'create_pipeline_schedule',
  'update_pipeline_schedule',
  'play_pipeline_schedule',
  'update_resource_group',
  'update_environment',
  'admin_environment',
]);

/** Members; on public projects everybody, on internal ones whoever is signed in and not external. */
function canRead(viewer: Viewer): boolean {
  if (atLeast(viewer, GUEST)) return true;
  return viewer.project.markedForDeletionAt === null && hasPublicAccess(viewer);
}

function hasPublicAccess(viewer: Viewer): boolean {
  const { visibility } = viewer.project;
  if (visibility === 'internal') return viewer.userId !== null && !viewer.external;
  return visibility === 'public';
}

function atLeast(viewer: Viewer, level: number): boolean {
  if (level === Number.POSITIVE_INFINITY) return false;
  return viewer.admin || viewer.level >= level;
}

function mayDownloadCode(viewer: Viewer): boolean {
  const setting = viewer.project.repositoryAccessLevel;
  if (setting === 'disabled') return false;
  return atLeast(viewer, REPORTER) || (setting === 'enabled' && hasPublicAccess(viewer));
}

/** CI/CD may be switched off, or be for members only. */
function buildsOpenTo(viewer: Viewer): boolean {
  const setting = viewer.project.buildsAccessLevel;
  return setting === 'enabled' || (setting === 'private' && atLeast(viewer, GUEST));
}

function mayReadBuilds(viewer: Viewer): boolean {
  return buildsOpenTo(viewer) && (atLeast(viewer, REPORTER) || viewer.project.publicBuilds);
}

function mayReadArchive(viewer: Viewer, access: 'public' | 'private' | 'maintainer' | 'none'): boolean {
  switch (access) {
    case 'public':
      return true;
    case 'private':
      return atLeast(viewer, DEVELOPER);
    case 'maintainer':
      return atLeast(viewer, MAINTAINER);
    case 'none':
      return false;
  }
}

function mayRun(viewer: Viewer, level: number, on: ActedOn): boolean {
  return buildsOpenTo(viewer) && atLeast(viewer, level) && mayTouchRef(viewer, on);
}

function mayTouchRef(viewer: Viewer, on: ActedOn): boolean {
  if (on.outdatedDeployment) return false;
  if (on.ref === undefined) return true;
  return mayRunOn(viewer, on.ref.protection, on.ref.tag ? 'tag' : 'branch', on.ref.name);
}

/** Maintainers; developers what they started themselves on an unprotected ref. */
function mayErase(viewer: Viewer, on: ActedOn): boolean {
  if (!mayRun(viewer, DEVELOPER, on)) return false;
  return (
    atLeast(viewer, MAINTAINER) || (isOwn(viewer, on) && on.ref !== undefined && !isProtectedRef(on.ref))
  );
}

function isProtectedRef(ref: NonNullable<ActedOn['ref']>): boolean {
  return isProtected(ref.protection, ref.tag ? 'tag' : 'branch', ref.name);
}

function isOwn(viewer: Viewer, on: ActedOn): boolean {
  return viewer.userId !== null && on.userId === viewer.userId;
}
