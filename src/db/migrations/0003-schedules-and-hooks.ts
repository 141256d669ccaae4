import type { Migration } from '../migrate.ts';

/** Pipeline schedules and webhooks. */
export const schedulesAndHooks: Migration = {
  name: '0003-schedules-and-hooks',
  statements: (t) => [
    `create table pipeline_schedules (
      id ${t.id},
      project_id ${t.integer} not null,
      description text not null,
      ref text not null,
      cron text not null,
      cron_timezone text not null,
      active ${t.integer} not null,
      owner_id ${t.integer} not null,
      next_run_at ${t.integer} not null,
      inputs text not null,
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null
    )`,
    'create index pipeline_schedules_of_project on pipeline_schedules (project_id, id)',
    // what is due
    'create index pipeline_schedules_due on pipeline_schedules (next_run_at) where active = 1',
    `create table pipeline_schedule_variables (
      id ${t.id},
      schedule_id ${t.integer} not null,
      key text not null,
      encrypted_value text not null,
      variable_type text not null,
      raw ${t.integer} not null
    )`,
    'create unique index pipeline_schedule_variables_key on pipeline_schedule_variables (schedule_id, key)',
    `create table pipeline_schedule_runs (
      schedule_id ${t.integer} not null,
      pipeline_id ${t.integer} not null,
      primary key (schedule_id, pipeline_id)
    )`,
    // when a pipeline is deleted
    'create index pipeline_schedule_runs_of_pipeline on pipeline_schedule_runs (pipeline_id)',

    `create table web_hooks (
      id ${t.id},
      project_id ${t.integer} not null,
      name text,
      description text,
      encrypted_url text not null,
      encrypted_token text,
      encrypted_url_variables text not null,
      encrypted_custom_headers text not null,
      enable_ssl_verification ${t.integer} not null,
      push_events ${t.integer} not null,
      tag_push_events ${t.integer} not null,
      job_events ${t.integer} not null,
      pipeline_events ${t.integer} not null,
      other_events text not null,
      push_events_branch_filter text,
      branch_filter_strategy text not null,
      custom_webhook_template text,
      recent_failures ${t.integer} not null,
      disabled_until ${t.integer},
      sending_until ${t.integer} not null,
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null
    )`,
    // asked in the transaction of every status change
    'create index web_hooks_of_project on web_hooks (project_id, id)',
    `create table web_hook_events (
      id ${t.id},
      hook_id ${t.integer} not null,
      project_id ${t.integer} not null,
      trigger text not null,
      idempotency_key text not null,
      chain text not null,
      pipeline_id ${t.integer},
      facts text,
      encrypted_body text,
      created_at ${t.integer} not null,
      delivered_at ${t.integer},
      url text,
      request_headers text,
      response_headers text,
      response_body text,
      response_status ${t.integer},
      failure text,
      duration ${t.integer}
    )`,
    // the log of a hook
    'create index web_hook_events_of_hook on web_hook_events (hook_id, id)',
    // what is yet to be sent
    'create index web_hook_events_waiting on web_hook_events (hook_id, id) where delivered_at is null',
    // which hooks a chain has met
    'create index web_hook_events_chain on web_hook_events (chain, hook_id)',
    // what is old enough to be forgotten
    'create index web_hook_events_delivered on web_hook_events (delivered_at) where delivered_at is not null',
  ],
};
