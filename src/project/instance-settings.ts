import type { Reading, Tx } from '../db/transaction.ts';
import { putSetting, settingRows } from './queries/settings.ts';

/** What each instance setting is when nobody changed it, by GitLab's names (design 2). */
export const DEFAULT_SETTINGS = {
  /** Whether runners may make themselves with a registration token, the way before runners were made by users. */
  allow_runner_registration_token: false,
  allow_local_requests_from_web_hooks_and_services: false,
  /** Hosts, addresses and networks that outbound requests may reach although they are local. */
  outbound_local_requests_whitelist: [] as string[],
  ci_max_includes: 150,
  /** Jobs of one pipeline; 0 is no limit. */
  ci_pipeline_size: 0,
  /** Jobs of a project in pipelines that are under way; 0 is no limit. */
  ci_active_jobs: 0,
  /** The largest log of a job, MiB; 0 is no limit (security LIM-2). */
  ci_jobs_trace_size_limit: 100,
  /** Age of pipelines whose jobs can no longer run, a duration; null for none. */
  archive_builds_in_human_readable: null as string | null,
  default_artifacts_expire_in: '30 days',
  default_branch_name: 'main',
  default_ci_config_path: null as string | null,
  default_project_visibility: 'private' as 'private' | 'internal' | 'public',
  default_group_visibility: 'private' as 'private' | 'internal' | 'public',
  /** Projects in one's own namespace, for users made from now on. */
  default_projects_limit: 100_000,
  /** Whether users made from now on may make groups at the top. */
  can_create_group: true,
  /** MiB. */
  max_artifacts_size: 100,
  /** Calls a minute and user; 0 is no limit. */
  project_jobs_api_rate_limit: 600,
  /**
   * Calls of runners a minute; 0 is no limit, as shipped: how many runners share a token, and how fast a job prints, is not
   * known here. For jobs, by the runner's token; of logs and of all else, by the job's.
   */
  runner_jobs_request_api_limit: 0,
  runner_jobs_patch_trace_api_limit: 0,
  runner_jobs_endpoints_api_limit: 0,
  /** Checks of configurations a minute and user; 0 is no limit. */
  ci_lint_limit_per_user: 0,
  /** Tests of webhooks, and deliveries sent again, a minute for each project and user; 0 is no limit. */
  web_hook_test_limit: 5,
  web_hook_event_resend_limit: 5,
  /** Ours: single files of archives a minute for each user, or address without one; 0 is no limit. */
  raw_artifact_request_limit: 6000,
  /** How long tokens of runners that are made from now on are good, seconds; null for ever. */
  runner_token_expiration_interval: null as number | null,
  group_runner_token_expiration_interval: null as number | null,
  project_runner_token_expiration_interval: null as number | null,
  /** Pipelines a minute for each project, user and commit; 0 is no limit. */
  pipeline_limit_per_project_user_sha: 0,
  /** All calls of the API by one user, or by one address without one, in a period. */
  throttle_authenticated_api_enabled: false,
  throttle_authenticated_api_requests_per_period: 7200,
  throttle_authenticated_api_period_in_seconds: 3600,
  throttle_unauthenticated_api_enabled: false,
  throttle_unauthenticated_api_requests_per_period: 3600,
  throttle_unauthenticated_api_period_in_seconds: 3600,
  /** Days that a project or group marked for deletion can still be restored. */
  deletion_adjourned_period: 30,
  require_personal_access_token_expiry: true,
  shared_runners_enabled: true,
  signup_enabled: false,
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

/** Settings that open what is shut by default: their names, for the log of a start (security OPS-4). */
export function openedSettings(settings: InstanceSettings): string[] {
  const opened: [keyof InstanceSettings, boolean][] = [
    ['allow_runner_registration_token', settings.allow_runner_registration_token],
    [
      'allow_local_requests_from_web_hooks_and_services',
      settings.allow_local_requests_from_web_hooks_and_services,
    ],
    ['outbound_local_requests_whitelist', settings.outbound_local_requests_whitelist.length > 0],
    ['require_personal_access_token_expiry', !settings.require_personal_access_token_expiry],
    ['project_jobs_api_rate_limit', settings.project_jobs_api_rate_limit === 0],
  ];
  return opened.flatMap(([name, isOpen]) => (isOpen ? name : []));
}
