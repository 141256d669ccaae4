import type { Hook } from '../../pipeline/hook.ts';
import type { HookLogEntry } from '../../pipeline/hook-log.ts';
import { isoTime } from './time.ts';

/** Events of what Teaspoon does not have, by the names of their parameters. */
export const OTHER_EVENTS = [
  'merge_requests_events',
  'repository_update_events',
  'issues_events',
  'confidential_issues_events',
  'note_events',
  'confidential_note_events',
  'wiki_page_events',
  'deployment_events',
  'feature_flag_events',
  'releases_events',
  'milestone_events',
  'emoji_events',
  'resource_access_token_events',
] as const;

/** A webhook in GitLab's key order (rest-resources 10.1): no token, and of headers and variables only their names. */
export function hookEntity(hook: Hook, alertStatus: string) {
  const other = (name: (typeof OTHER_EVENTS)[number]) => hook.otherEvents[name] ?? false;
  const keysOf = (texts: Readonly<Record<string, string>>) => Object.keys(texts).map((key) => ({ key }));
  return {
    id: hook.id,
    url: hook.url,
    name: hook.name,
    description: hook.description,
    created_at: isoTime(hook.createdAt),
    push_events: hook.pushEvents,
    tag_push_events: hook.tagPushEvents,
    merge_requests_events: other('merge_requests_events'),
    repository_update_events: other('repository_update_events'),
    enable_ssl_verification: hook.enableSslVerification,
    alert_status: alertStatus,
    disabled_until: isoTime(hook.disabledUntil),
    url_variables: keysOf(hook.urlVariables),
    push_events_branch_filter: hook.pushEventsBranchFilter,
    branch_filter_strategy: hook.branchFilterStrategy,
    custom_webhook_template: hook.customWebhookTemplate,
    custom_headers: keysOf(hook.customHeaders),
    project_id: hook.projectId,
    issues_events: other('issues_events'),
    confidential_issues_events: other('confidential_issues_events'),
    note_events: other('note_events'),
    confidential_note_events: hook.otherEvents.confidential_note_events ?? null,
    pipeline_events: hook.pipelineEvents,
    wiki_page_events: other('wiki_page_events'),
    deployment_events: other('deployment_events'),
    feature_flag_events: other('feature_flag_events'),
    job_events: hook.jobEvents,
    releases_events: other('releases_events'),
    milestone_events: other('milestone_events'),
    emoji_events: other('emoji_events'),
    resource_access_token_events: other('resource_access_token_events'),
  };
}

/** One delivery of the log; no secret is in it (security HOOK-2). */
export function hookEventEntity(entry: HookLogEntry) {
  return {
    id: entry.id,
    url: entry.url,
    trigger: entry.trigger.replace(/_events$/, '_hooks'),
    request_headers: entry.requestHeaders,
    request_data: entry.requestData,
    response_headers: entry.responseHeaders,
    response_body: entry.responseBody ?? entry.failure ?? '',
    execution_duration: entry.durationSeconds,
    response_status: entry.responseStatus === null ? 'internal error' : String(entry.responseStatus),
    created_at: isoTime(entry.createdAt),
  };
}
