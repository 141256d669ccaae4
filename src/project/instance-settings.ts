import type { Reading, Tx } from '../db/transaction.ts';
import { putSetting, settingRows } from './queries/settings.ts';

/** What each instance setting is when nobody changed it, by GitLab's names (design 2). */
export const DEFAULT_SETTINGS = {
  allow_local_requests_from_web_hooks_and_services: false,
  allow_local_requests_from_system_hooks: true,
  /** Hosts, addresses and networks that outbound requests may reach although they are local. */
  outbound_local_requests_whitelist: [] as string[],
  ci_max_includes: 150,
  ci_max_total_yaml_size_bytes: 314_572_800,
  max_yaml_size_bytes: 2_097_152,
  max_yaml_depth: 100,
  default_artifacts_expire_in: '30 days',
  default_branch_name: 'main',
  default_ci_config_path: null as string | null,
  default_project_visibility: 'private' as 'private' | 'internal' | 'public',
  default_group_visibility: 'private' as 'private' | 'internal' | 'public',
  default_projects_limit: 100_000,
  /** Days between DELETE and the removal of a project or group. */
  deletion_adjourned_period: 30,
  can_create_group: true,
  keep_latest_artifact: true,
  /** MiB. */
  max_artifacts_size: 100,
  /** Calls a minute and user; 0 is no limit. */
  project_jobs_api_rate_limit: 600,
  /** Pipelines a minute for each project, user and commit; 0 is no limit. */
  pipeline_limit_per_project_user_sha: 25,
  require_personal_access_token_expiry: true,
  shared_runners_enabled: true,
  signup_enabled: false,
  allow_runner_registration_token: true,
  /** Seconds. */
  runner_token_expiration_interval: null as number | null,
  /** Jobs older than this (as `3 months`) can not be run again. */
  archive_builds_in_human_readable: null as string | null,
  enforce_ci_inbound_job_token_scope_enabled: false,
};

export type InstanceSettings = typeof DEFAULT_SETTINGS;

/** All instance settings, defaults filled in. */
export async function instanceSettings(reading: Reading): Promise<InstanceSettings> {
  const settings: Record<string, unknown> = { ...DEFAULT_SETTINGS };
  for (const { name, value } of await settingRows(reading)) {
    if (Object.hasOwn(DEFAULT_SETTINGS, name)) settings[name] = JSON.parse(value);
  }
  return settings as InstanceSettings;
}

/** Stores the given settings; their types and limits were checked before. */
export async function changeInstanceSettings(tx: Tx, changes: Partial<InstanceSettings>): Promise<void> {
  for (const [name, value] of Object.entries(changes)) {
    if (value !== undefined) await putSetting(tx, name, JSON.stringify(value));
  }
}
