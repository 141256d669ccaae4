import { may, type Viewer } from '../../project/authorize.ts';
import type { Namespace } from '../../project/namespace.ts';
import type { Project } from '../../project/project.ts';
import type { Share } from '../../project/share.ts';
import type { User } from '../../project/user.ts';
import { avatarUrl } from './avatar.ts';
import { namespaceBasic } from './namespace.ts';
import { isoTime } from './time.ts';
import { userBasic } from './user.ts';

/** What an answer about a project needs beyond it. */
export interface ProjectContext {
  baseUrl: string;
  viewer: Viewer;
  /** The project's namespace and all above it, outermost first. */
  namespaces: readonly Namespace[];
  /** The user whose own namespace it is in. */
  owner: User | null;
  forksCount: number;
}

/** What only the whole entity shows. */
export interface ProjectExtras {
  /** The short form of the project that this one is a fork of, where the caller may see it. */
  forkedFrom: unknown;
  sharedWith: readonly { share: Share; group: Namespace }[];
  /** Null where nobody asked, or the caller may not know. */
  sizes: { commitCount: number; repository: number; artifacts: number } | null;
}

/** Levels of the caller: on the project itself and through its group, null without. */
export interface Permissions {
  project: number | null;
  group: number | null;
}

/** A project's page. */
export function projectUrl(project: Pick<Project, 'fullPath'>, baseUrl: string): string {
  return `${baseUrl}/${project.fullPath}`;
}

/** The shortest form of a project (jobs-api 4.5). `namespaces` are those it lies in, outermost first. */
export function projectIdentity(project: Project, namespaces: readonly Namespace[]) {
  return {
    id: project.id,
    description: project.description,
    name: project.name,
    name_with_namespace: [...namespaces.map(({ name }) => name), project.name].join(' / '),
    path: project.path,
    path_with_namespace: project.fullPath,
    created_at: isoTime(project.createdAt),
  };
}

/** The short form: lists with `simple`, everything an anonymous caller gets (rest-resources 1.4). */
export function projectBasic(project: Project, context: ProjectContext) {
  const { baseUrl, viewer, namespaces, forksCount } = context;
  const readsCode = may(viewer, 'download_code');
  const url = projectUrl(project, baseUrl);
  const topics = listOf(project.settings.topics);
  return {
    ...projectIdentity(project, namespaces),
    ...(readsCode ? { default_branch: project.defaultBranch } : {}),
    tag_list: topics,
    topics,
    ssh_url_to_repo: `git@${new URL(baseUrl).hostname}:${project.fullPath}.git`,
    http_url_to_repo: `${url}.git`,
    web_url: url,
    ...(readsCode ? { readme_url: null, forks_count: forksCount } : {}),
    avatar_url: avatarUrl('project', project.id, project.settings.avatar, baseUrl),
    star_count: project.starCount,
    last_activity_at: isoTime(project.lastActivityAt),
    visibility: project.visibility,
    namespace: namespaceBasic(namespaces.at(-1)!, baseUrl),
    ...(viewer.admin ? { repository_storage: 'default' } : {}),
  };
}

/** The whole project; `permissions` is absent in answers to create and edit. */
export function projectEntity(
  project: Project,
  context: ProjectContext,
  extras: ProjectExtras,
  permissions?: Permissions,
) {
  const { baseUrl, viewer, owner } = context;
  const marked = isoTime(project.markedForDeletionAt)?.slice(0, 10) ?? null;
  return {
    ...projectBasic(project, context),
    ...(extras.forkedFrom === null ? {} : { forked_from_project: extras.forkedFrom }),
    _links: linksOf(project, baseUrl),
    marked_for_deletion_at: marked,
    marked_for_deletion_on: marked,
    packages_enabled: false,
    empty_repo: project.settings.has_commits !== true,
    archived: project.archived,
    ...(owner === null ? {} : { owner: userBasic(owner, baseUrl) }),
    resolve_outdated_diff_discussions: false,
    repository_object_format: 'sha1',
    issues_enabled: false,
    merge_requests_enabled: false,
    wiki_enabled: false,
    jobs_enabled: may(viewer, 'read_pipeline'),
    snippets_enabled: false,
    container_registry_enabled: false,
    service_desk_enabled: false,
    service_desk_address: null,
    can_create_merge_request_in: false,
    ...featureLevels(project),
    emails_disabled: false,
    emails_enabled: true,
    show_diff_preview_in_email: true,
    shared_runners_enabled: project.sharedRunnersEnabled,
    lfs_enabled: false,
    creator_id: project.creatorId,
    ...(project.forkedFromId === null ? {} : { mr_default_target_self: false }),
    import_url: null,
    import_type: null,
    import_status: project.forkedFromId === null ? 'none' : 'finished',
    ...(may(viewer, 'admin_project') ? { import_error: null } : {}),
    description_html: paragraph(project.description),
    updated_at: isoTime(project.updatedAt),
    ...(may(viewer, 'admin_project') ? ciSettings(project) : {}),
    ...(may(viewer, 'download_code') ? { ci_config_path: project.ciConfigPath } : {}),
    public_jobs: project.publicBuilds,
    shared_with_groups: extras.sharedWith.map(sharedWithGroup),
    ...MERGE_REQUEST_CONSTANTS,
    ...(extras.sizes === null ? {} : { statistics: statisticsOf(extras.sizes) }),
    warn_about_potentially_unwanted_characters: true,
    autoclose_referenced_issues: true,
    max_artifacts_size: project.maxArtifactsSize,
    ...(permissions === undefined ? {} : { permissions: permissionsOf(permissions) }),
  };
}

/** One line of `shared_with_groups`, of projects and groups alike. */
export function sharedWithGroup({ share, group }: { share: Share; group: Namespace }) {
  return {
    group_id: group.id,
    group_name: group.name,
    group_full_path: group.fullPath,
    group_access_level: share.accessLevel,
    expires_at: share.expiresAt,
  };
}

function statisticsOf({ commitCount, repository, artifacts }: NonNullable<ProjectExtras['sizes']>) {
  return { commit_count: commitCount, ...sizesOf(repository, artifacts), container_registry_size: 0 };
}

/** Bytes of a project, or of all in a group; of what does not exist here they are 0. */
export function sizesOf(repository: number, artifacts: number) {
  return {
    storage_size: repository + artifacts,
    repository_size: repository,
    wiki_size: 0,
    lfs_objects_size: 0,
    job_artifacts_size: artifacts,
    pipeline_artifacts_size: 0,
    packages_size: 0,
    snippets_size: 0,
    uploads_size: 0,
  };
}

function linksOf(project: Project, baseUrl: string) {
  const self = `${baseUrl}/api/v4/projects/${project.id}`;
  return {
    self,
    repo_branches: `${self}/repository/branches`,
    labels: `${self}/labels`,
    events: `${self}/events`,
    members: `${self}/members`,
    cluster_agents: `${self}/cluster_agents`,
  };
}

/** Features that Teaspoon does not have report what was set, else `disabled`. */
const FEATURES = [
  'issues',
  'repository',
  'merge_requests',
  'forking',
  'wiki',
  'builds',
  'snippets',
  'pages',
  'analytics',
  'container_registry',
  'security_and_compliance',
  'releases',
  'environments',
  'feature_flags',
  'infrastructure',
  'monitor',
  'model_experiments',
  'model_registry',
  'package_registry',
] as const;

/** Names of the features' settings, as create and edit take them. */
export const FEATURE_LEVEL_NAMES = FEATURES.map((feature) => `${feature}_access_level`);

function featureLevels(project: Project) {
  const known: Record<string, unknown> = {
    repository_access_level: project.repositoryAccessLevel,
    builds_access_level: project.buildsAccessLevel,
    environments_access_level: project.settings.environments_access_level ?? 'enabled',
  };
  return Object.fromEntries(
    FEATURE_LEVEL_NAMES.map((name) => [name, known[name] ?? project.settings[name] ?? 'disabled']),
  );
}

/** Settings that only maintainers see, in GitLab's order. */
function ciSettings(project: Project) {
  const { settings } = project;
  return {
    ci_default_git_depth: project.ciDefaultGitDepth,
    ci_delete_pipelines_in_seconds: settings.ci_delete_pipelines_in_seconds ?? null,
    ci_forward_deployment_enabled: project.ciForwardDeploymentEnabled,
    ci_forward_deployment_rollback_allowed: settings.ci_forward_deployment_rollback_allowed ?? true,
    ci_job_token_scope_enabled: project.ciOutboundJobTokenScopeEnabled,
    ci_separated_caches: project.ciSeparatedCaches,
    ci_allow_fork_pipelines_to_run_in_parent_project:
      settings.ci_allow_fork_pipelines_to_run_in_parent_project ?? true,
    ci_id_token_sub_claim_components: settings.ci_id_token_sub_claim_components ?? [
      'project_path',
      'ref_type',
      'ref',
    ],
    build_git_strategy: project.buildGitStrategy,
    keep_latest_artifact: project.keepLatestArtifact,
    restrict_user_defined_variables: project.ciPipelineVariablesMinimumOverrideRole !== 'developer',
    ci_pipeline_variables_minimum_override_role: project.ciPipelineVariablesMinimumOverrideRole,
    runner_token_expiration_interval: null,
    group_runners_enabled: project.groupRunnersEnabled,
    resource_group_default_process_mode: project.resourceGroupDefaultProcessMode,
    auto_cancel_pending_pipelines: project.autoCancelPendingPipelines ? 'enabled' : 'disabled',
    build_timeout: project.buildTimeoutSeconds,
    auto_devops_enabled: false,
    auto_devops_deploy_strategy: 'continuous',
    ci_push_repository_for_job_token_allowed: settings.ci_push_repository_for_job_token_allowed ?? false,
    runners_token: null,
  };
}

/** Merge requests do not exist here; clients read these keys all the same. */
const MERGE_REQUEST_CONSTANTS = {
  only_allow_merge_if_pipeline_succeeds: false,
  allow_merge_on_skipped_pipeline: null,
  request_access_enabled: true,
  only_allow_merge_if_all_discussions_are_resolved: false,
  remove_source_branch_after_merge: true,
  printing_merge_request_link_enabled: true,
  merge_method: 'merge',
  merge_request_title_regex: null,
  merge_request_title_regex_description: null,
  squash_option: 'default_off',
  enforce_auth_checks_on_uploads: true,
  suggestion_commit_message: null,
  merge_commit_template: null,
  squash_commit_template: null,
  issue_branch_template: null,
};

function permissionsOf({ project, group }: Permissions) {
  const access = (level: number | null) =>
    level === null ? null : { access_level: level, notification_level: 3 };
  return { project_access: access(project), group_access: access(group) };
}

function paragraph(text: string | null): string {
  if (text === null || text === '') return '';
  const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return `<p dir="auto">${text.replace(/[&<>"]/g, (sign) => signs[sign]!)}</p>`;
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
