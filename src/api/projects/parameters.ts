import type { ProjectSettings } from '../../project/project-settings.ts';
import { AVATAR_INPUT, type AvatarChange, avatarSetting } from '../avatars/upload.ts';
import { FEATURE_LEVEL_NAMES } from '../entities/project.ts';
import type { Input, InputShape } from '../input.ts';

const LEVELS = ['disabled', 'private', 'enabled', 'public'] as const;
const VISIBILITIES = ['private', 'internal', 'public'] as const;

/** Parameters of create and edit alike (rest-resources 1.5). */
const SHARED = {
  description: { type: 'string', nullable: true },
  visibility: { type: 'string', values: VISIBILITIES },
  default_branch: { type: 'string', notBlank: true },
  build_git_strategy: { type: 'string', values: ['fetch', 'clone'] },
  build_timeout: { type: 'integer' },
  auto_cancel_pending_pipelines: { type: 'string', values: ['disabled', 'enabled'] },
  ci_config_path: { type: 'string', nullable: true },
  jobs_enabled: { type: 'boolean' },
  builds_access_level: { type: 'string', values: ['disabled', 'private', 'enabled'] },
  repository_access_level: { type: 'string', values: ['disabled', 'private', 'enabled'] },
  shared_runners_enabled: { type: 'boolean' },
  group_runners_enabled: { type: 'boolean' },
  resource_group_default_process_mode: {
    type: 'string',
    values: ['unordered', 'oldest_first', 'newest_first', 'newest_ready_first'],
  },
  public_jobs: { type: 'boolean' },
  public_builds: { type: 'boolean' },
  ...AVATAR_INPUT,
  topics: { type: 'comma-list' },
  tag_list: { type: 'comma-list' },
} as const satisfies InputShape;

/** Levels of features that Teaspoon does not have are kept and shown again. */
const OTHER_LEVELS: InputShape = Object.fromEntries(
  FEATURE_LEVEL_NAMES.filter(
    (name) => !['builds_access_level', 'repository_access_level'].includes(name),
  ).map((name) => [name, { type: 'string', values: LEVELS }]),
);

export const CREATE_INPUT = {
  ...SHARED,
  ...OTHER_LEVELS,
  name: { type: 'string' },
  path: { type: 'string' },
  namespace_id: { type: 'integer' },
  initialize_with_readme: { type: 'boolean', default: false },
  repository_object_format: { type: 'string', values: ['sha1', 'sha256'] },
  import_url: { type: 'string' },
  template_name: { type: 'string' },
  template_project_id: { type: 'integer' },
} as const satisfies InputShape;

const EDIT_ONLY = {
  name: { type: 'string' },
  path: { type: 'string' },
  ci_default_git_depth: { type: 'integer', nullable: true },
  keep_latest_artifact: { type: 'boolean' },
  ci_forward_deployment_enabled: { type: 'boolean' },
  ci_forward_deployment_rollback_allowed: { type: 'boolean' },
  ci_allow_fork_pipelines_to_run_in_parent_project: { type: 'boolean' },
  ci_separated_caches: { type: 'boolean' },
  restrict_user_defined_variables: { type: 'boolean' },
  ci_pipeline_variables_minimum_override_role: {
    type: 'string',
    values: ['no_one_allowed', 'developer', 'maintainer', 'owner'],
  },
  ci_push_repository_for_job_token_allowed: { type: 'boolean' },
  ci_id_token_sub_claim_components: { type: 'string-list' },
  ci_delete_pipelines_in_seconds: { type: 'integer', nullable: true },
  max_artifacts_size: { type: 'integer', nullable: true, min: 0 },
} as const satisfies InputShape;

export const EDIT_INPUT = { ...SHARED, ...OTHER_LEVELS, ...EDIT_ONLY } as const satisfies InputShape;

/** What a client may send to edit, including what means nothing here but is no mistake. */
export const EDITABLE = [
  ...Object.keys(EDIT_INPUT),
  ...'allow_merge_on_skipped_pipeline approvals_before_merge autoclose_referenced_issues auto_devops_deploy_strategy auto_devops_enabled ci_restrict_pipeline_cancellation_role container_expiration_policy_attributes container_registry_enabled emails_disabled emails_enabled enforce_auth_checks_on_uploads external_authorization_classification_label import_url issue_branch_template issues_enabled issues_template lfs_enabled merge_commit_template merge_method merge_requests_enabled merge_requests_template mirror mr_default_target_self only_allow_merge_if_all_discussions_are_resolved only_allow_merge_if_pipeline_succeeds packages_enabled printing_merge_request_link_enabled remove_source_branch_after_merge repository_storage request_access_enabled resolve_outdated_diff_discussions runner_token_expiration_interval service_desk_enabled show_default_award_emojis show_diff_preview_in_email snippets_enabled squash_commit_template squash_option suggestion_commit_message warn_about_potentially_unwanted_characters wiki_enabled'.split(
    ' ',
  ),
];

type Given = Partial<Input<typeof EDIT_INPUT>>;

/** What the parameters say of a project's settings; absent ones say nothing. */
export function settingsOf(given: Given): ProjectSettings {
  const settings: Record<string, unknown> = {
    description: given.description,
    visibility: given.visibility,
    publicBuilds: given.public_jobs ?? given.public_builds,
    buildsAccessLevel: given.builds_access_level ?? enabled(given.jobs_enabled),
    repositoryAccessLevel: given.repository_access_level,
    buildTimeoutSeconds: given.build_timeout,
    ciConfigPath: given.ci_config_path,
    ciDefaultGitDepth: given.ci_default_git_depth,
    buildGitStrategy: given.build_git_strategy,
    autoCancelPendingPipelines: isEnabled(given.auto_cancel_pending_pipelines),
    sharedRunnersEnabled: given.shared_runners_enabled,
    groupRunnersEnabled: given.group_runners_enabled,
    keepLatestArtifact: given.keep_latest_artifact,
    ciSeparatedCaches: given.ci_separated_caches,
    ciForwardDeploymentEnabled: given.ci_forward_deployment_enabled,
    ciPipelineVariablesMinimumOverrideRole: overrideRole(given),
    resourceGroupDefaultProcessMode: given.resource_group_default_process_mode,
    maxArtifactsSize: given.max_artifacts_size,
  };
  const other = otherSettings(given);
  if (Object.keys(other).length > 0) settings.other = other;
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function isEnabled(given: 'enabled' | 'disabled' | undefined): boolean | undefined {
  return given === undefined ? undefined : given === 'enabled';
}

function enabled(given: boolean | undefined): 'enabled' | 'disabled' | undefined {
  if (given === undefined) return undefined;
  return given ? 'enabled' : 'disabled';
}

/** The older switch asks for `maintainer`, or takes the restriction back. */
function overrideRole(given: Given): string | undefined {
  if (given.ci_pipeline_variables_minimum_override_role !== undefined) {
    return given.ci_pipeline_variables_minimum_override_role;
  }
  if (given.restrict_user_defined_variables === undefined) return undefined;
  return given.restrict_user_defined_variables ? 'maintainer' : 'developer';
}

/** Settings without a column, by GitLab's names. */
const KEPT = [
  'ci_forward_deployment_rollback_allowed',
  'ci_allow_fork_pipelines_to_run_in_parent_project',
  'ci_push_repository_for_job_token_allowed',
  'ci_id_token_sub_claim_components',
  'ci_delete_pipelines_in_seconds',
  ...Object.keys(OTHER_LEVELS),
];

function otherSettings(given: Given): Record<string, unknown> {
  const values = given as Record<string, unknown>;
  const other: Record<string, unknown> = {};
  for (const name of KEPT) if (values[name] !== undefined) other[name] = values[name];
  const topics = given.topics ?? given.tag_list;
  if (topics !== undefined) other.topics = [...new Set(topics)];
  return other;
}

/** Settings that note the name of a picture that comes or goes with them. */
export function withAvatar(settings: ProjectSettings, change: AvatarChange): ProjectSettings {
  return change === undefined
    ? settings
    : { ...settings, other: { ...settings.other, ...avatarSetting(change) } };
}
