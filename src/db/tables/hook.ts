/** Tables of the room `pipeline`: only its `queries/` write them. */
import type { Flag, Id, Json, Millis } from './columns.ts';

/** Webhooks of projects (rest-resources 10). Whatever may hold a secret is encrypted. */
export interface WebHooksTable {
  id: Id;
  project_id: number;
  name: string | null;
  description: string | null;
  encrypted_url: string;
  encrypted_token: string | null;
  /** JSON object of texts by name, encrypted; what replaces `{name}` in the URL. */
  encrypted_url_variables: string;
  /** JSON object of texts by name, encrypted. */
  encrypted_custom_headers: string;
  enable_ssl_verification: Flag;
  push_events: Flag;
  tag_push_events: Flag;
  job_events: Flag;
  pipeline_events: Flag;
  /** JSON array of events that are only remembered, for a client that reads them back. */
  other_events: Json;
  push_events_branch_filter: string | null;
  /** wildcard, regex, all_branches */
  branch_filter_strategy: string;
  custom_webhook_template: string | null;
  /** Failures since the last success. */
  recent_failures: number;
  disabled_until: Millis | null;
  /** A process sends its events until then; another may begin afterwards. */
  sending_until: Millis;
  created_at: Millis;
  updated_at: Millis;
}

/**
 * What a hook has to send, written in the transaction of the change that it tells of, and afterwards what became of it. In
 * the order of ids.
 */
export interface WebHookEventsTable {
  id: Id;
  hook_id: number;
  project_id: number;
  /** push_events, tag_push_events, job_events, pipeline_events */
  trigger: string;
  /** Same whenever the event is sent again. */
  idempotency_key: string;
  /** Same for all events that one hook led to through another. */
  chain: string;
  /** The pipeline it tells of; null for pushes. */
  pipeline_id: number | null;
  /** What the change looked like, JSON, until the body is made of it at the first attempt. */
  facts: Json | null;
  /** The body as it was sent; encrypted, as variables are part of it. */
  encrypted_body: string | null;
  created_at: Millis;
  /** When it was over, well or not; null while it waits. */
  delivered_at: Millis | null;
  /** URL without secrets. */
  url: string | null;
  /** JSON object, without secrets. */
  request_headers: Json | null;
  response_headers: Json | null;
  response_body: string | null;
  /** HTTP status; null without an answer. */
  response_status: number | null;
  /** Why there is no answer. */
  failure: string | null;
  /** Milliseconds. */
  duration: number | null;
}
