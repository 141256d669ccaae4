import type { Reading } from '../db/transaction.ts';
import {
  forkCounts,
  type ProjectRow,
  projectIdsBelow,
  projectRow,
  projectRowByPath,
  projectRows,
  redirectTarget,
} from './queries/projects.ts';

export { forkCounts, projectIdsBelow };

/** A project with the settings that decide something; times in milliseconds. GitLab's names in camel case. */
export interface Project {
  id: number;
  namespaceId: number;
  creatorId: number | null;
  name: string;
  path: string;
  fullPath: string;
  description: string | null;
  visibility: 'private' | 'internal' | 'public';
  defaultBranch: string | null;
  archived: boolean;
  publicBuilds: boolean;
  buildsAccessLevel: 'disabled' | 'private' | 'enabled';
  repositoryAccessLevel: 'disabled' | 'private' | 'enabled';
  buildTimeoutSeconds: number;
  ciConfigPath: string | null;
  ciDefaultGitDepth: number | null;
  buildGitStrategy: 'fetch' | 'clone';
  autoCancelPendingPipelines: boolean;
  sharedRunnersEnabled: boolean;
  groupRunnersEnabled: boolean;
  keepLatestArtifact: boolean;
  ciOutboundJobTokenScopeEnabled: boolean;
  ciInboundJobTokenScopeEnabled: boolean;
  ciSeparatedCaches: boolean;
  ciForwardDeploymentEnabled: boolean;
  ciPipelineVariablesMinimumOverrideRole: 'no_one_allowed' | 'developer' | 'maintainer' | 'owner';
  resourceGroupDefaultProcessMode: 'unordered' | 'oldest_first' | 'newest_first' | 'newest_ready_first';
  /** MiB; null: the instance's. */
  maxArtifactsSize: number | null;
  settings: Record<string, unknown>;
  markedForDeletionAt: number | null;
  lastActivityAt: number;
  /** The project this one is a fork of. */
  forkedFromId: number | null;
  starCount: number;
  createdAt: number;
  updatedAt: number;
}

export type FoundProject =
  | { kind: 'found'; project: Project }
  /** The path is a former one of this project. */
  | { kind: 'moved'; project: Project }
  | { kind: 'missing' };

/** The project with this id, or null. One that is being removed does not exist any more. */
export async function projectById(reading: Reading, id: number): Promise<Project | null> {
  const row = await projectRow(reading, id);
  return row === undefined || isBeingRemoved(row) ? null : projectOfRow(row);
}

/**
 * The project that `:id` names: digits are an id, anything else a full path in any case, which has a slash
 * (jobs-api 1.3). Whoever may see it is not asked here.
 */
export async function findProject(reading: Reading, idOrPath: string): Promise<FoundProject> {
  const id = projectIdIn(idOrPath);
  if (id !== null) {
    const project = await projectById(reading, id);
    return project === null ? { kind: 'missing' } : { kind: 'found', project };
  }
  if (!idOrPath.includes('/')) return { kind: 'missing' };
  const key = idOrPath.toLowerCase();
  const row = await projectRowByPath(reading, key);
  if (row !== undefined && !isBeingRemoved(row)) return { kind: 'found', project: projectOfRow(row) };
  const target = await redirectTarget(reading, key);
  const project = target === undefined ? null : await projectById(reading, target);
  return project === null ? { kind: 'missing' } : { kind: 'moved', project };
}

/** The number that `:id` of a project is, or null for a path. */
export function projectIdIn(idOrPath: string): number | null {
  return /^\d{1,15}$/.test(idOrPath) ? Number(idOrPath) : null;
}

/** Those of these projects that exist. */
export async function projectsByIds(reading: Reading, ids: readonly number[]): Promise<Project[]> {
  return (await projectRows(reading, [...new Set(ids)])).map(projectOfRow);
}

/** Marked "now, for good": the row waits for the duty that removes everything the project had. */
function isBeingRemoved(row: ProjectRow): boolean {
  return row.marked_for_deletion_at === 0;
}

/** A row as the rooms see it. */
export function projectOfRow(row: ProjectRow): Project {
  return {
    id: row.id,
    namespaceId: row.namespace_id,
    creatorId: row.creator_id,
    name: row.name,
    path: row.path,
    fullPath: row.full_path,
    description: row.description,
    visibility: row.visibility as Project['visibility'],
    defaultBranch: row.default_branch,
    archived: row.archived === 1,
    publicBuilds: row.public_builds === 1,
    buildsAccessLevel: row.builds_access_level as Project['buildsAccessLevel'],
    repositoryAccessLevel: row.repository_access_level as Project['repositoryAccessLevel'],
    buildTimeoutSeconds: row.build_timeout_seconds,
    ciConfigPath: row.ci_config_path,
    ciDefaultGitDepth: row.ci_default_git_depth,
    buildGitStrategy: row.build_git_strategy as Project['buildGitStrategy'],
    autoCancelPendingPipelines: row.auto_cancel_pending_pipelines === 1,
    sharedRunnersEnabled: row.shared_runners_enabled === 1,
    groupRunnersEnabled: row.group_runners_enabled === 1,
    keepLatestArtifact: row.keep_latest_artifact === 1,
    ciOutboundJobTokenScopeEnabled: row.ci_outbound_job_token_scope_enabled === 1,
    ciInboundJobTokenScopeEnabled: row.ci_inbound_job_token_scope_enabled === 1,
    ciSeparatedCaches: row.ci_separated_caches === 1,
    ciForwardDeploymentEnabled: row.ci_forward_deployment_enabled === 1,
    ciPipelineVariablesMinimumOverrideRole:
      row.ci_pipeline_variables_minimum_override_role as Project['ciPipelineVariablesMinimumOverrideRole'],
    resourceGroupDefaultProcessMode:
      row.resource_group_default_process_mode as Project['resourceGroupDefaultProcessMode'],
    maxArtifactsSize: row.max_artifacts_size,
    settings: JSON.parse(row.settings) as Record<string, unknown>,
    markedForDeletionAt: row.marked_for_deletion_at,
    lastActivityAt: row.last_activity_at,
    forkedFromId: row.forked_from_id,
    starCount: row.star_count,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
