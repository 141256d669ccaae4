import type { Migration } from '../migrate.ts';

/** The first schema. Indexes stand beside their table, each with the question it answers. */
export const initial: Migration = {
  name: '0001-initial',
  statements: (t) => [
    `create table users (
      id ${t.id},
      username text not null,
      name text not null,
      email text not null,
      public_email text not null,
      state text not null,
      admin ${t.integer} not null,
      bot ${t.integer} not null,
      external ${t.integer} not null,
      can_create_group ${t.integer} not null,
      projects_limit ${t.integer} not null,
      password_hash text,
      profile text not null,
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null,
      last_activity_at ${t.integer},
      last_sign_in_at ${t.integer}
    )`,
    'create unique index users_username on users (lower(username))',
    'create unique index users_email on users (lower(email))',

    `create table namespaces (
      id ${t.id},
      kind text not null,
      name text not null,
      path text not null,
      full_path text not null,
      path_key text not null unique,
      parent_id ${t.integer},
      owner_id ${t.integer},
      description text not null,
      visibility text not null,
      settings text not null,
      marked_for_deletion_at ${t.integer},
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null
    )`,
    'create index namespaces_parent on namespaces (parent_id)',
    'create index namespaces_owner on namespaces (owner_id)',

    `create table projects (
      id ${t.id},
      namespace_id ${t.integer} not null,
      creator_id ${t.integer},
      name text not null,
      path text not null,
      full_path text not null,
      path_key text not null unique,
      description text,
      visibility text not null,
      default_branch text,
      archived ${t.integer} not null,
      public_builds ${t.integer} not null,
      builds_access_level text not null,
      repository_access_level text not null,
      build_timeout_seconds ${t.integer} not null,
      ci_config_path text,
      ci_default_git_depth ${t.integer},
      build_git_strategy text not null,
      auto_cancel_pending_pipelines ${t.integer} not null,
      shared_runners_enabled ${t.integer} not null,
      group_runners_enabled ${t.integer} not null,
      keep_latest_artifact ${t.integer} not null,
      ci_outbound_job_token_scope_enabled ${t.integer} not null,
      ci_inbound_job_token_scope_enabled ${t.integer} not null,
      ci_separated_caches ${t.integer} not null,
      ci_forward_deployment_enabled ${t.integer} not null,
      ci_pipeline_variables_minimum_override_role text not null,
      resource_group_default_process_mode text not null,
      max_artifacts_size ${t.integer},
      settings text not null,
      marked_for_deletion_at ${t.integer},
      last_activity_at ${t.integer} not null,
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null
    )`,
    'create index projects_namespace on projects (namespace_id)',

    `create table redirects (
      path_key text not null primary key,
      project_id ${t.integer} not null
    )`,

    `create table members (
      id ${t.id},
      source_type text not null,
      source_id ${t.integer} not null,
      user_id ${t.integer} not null,
      access_level ${t.integer} not null,
      expires_at text,
      created_by_id ${t.integer},
      created_at ${t.integer} not null
    )`,
    'create unique index members_source on members (source_type, source_id, user_id)',
    'create index members_user on members (user_id)',

    `create table access_tokens (
      id ${t.id},
      user_id ${t.integer} not null,
      digest text not null unique,
      kind text not null,
      resource_id ${t.integer},
      access_level ${t.integer},
      name text not null,
      description text,
      scopes text not null,
      revoked ${t.integer} not null,
      expires_at text,
      last_used_at ${t.integer},
      rotated_from_id ${t.integer},
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null
    )`,
    'create index access_tokens_user on access_tokens (user_id)',
    'create index access_tokens_resource on access_tokens (kind, resource_id)',

    `create table protected_refs (
      id ${t.id},
      project_id ${t.integer} not null,
      kind text not null,
      name text not null,
      allow_force_push ${t.integer} not null,
      created_at ${t.integer} not null
    )`,
    'create unique index protected_refs_name on protected_refs (project_id, kind, name)',

    `create table protected_ref_access (
      id ${t.id},
      protected_ref_id ${t.integer} not null,
      action text not null,
      access_level ${t.integer} not null
    )`,
    'create index protected_ref_access_ref on protected_ref_access (protected_ref_id)',

    `create table variables (
      id ${t.id},
      level text not null,
      owner_id ${t.integer} not null,
      key text not null,
      encrypted_value text not null,
      variable_type text not null,
      protected ${t.integer} not null,
      masked ${t.integer} not null,
      hidden ${t.integer} not null,
      raw ${t.integer} not null,
      environment_scope text not null,
      description text,
      created_at ${t.integer} not null
    )`,
    'create unique index variables_key on variables (level, owner_id, key, environment_scope)',

    `create table instance_settings (
      name text not null primary key,
      value text not null
    )`,

    `create table pushes (
      id ${t.id},
      project_id ${t.integer} not null,
      user_id ${t.integer} not null,
      updates text not null,
      options text not null,
      state text not null,
      created_at ${t.integer} not null
    )`,

    `create table commits (
      id ${t.id},
      project_id ${t.integer} not null,
      sha text not null,
      parent_ids text not null,
      title text not null,
      message text not null,
      author_name text not null,
      author_email text not null,
      authored_date text not null,
      committer_name text not null,
      committer_email text not null,
      committed_date text not null
    )`,
    'create unique index commits_sha on commits (project_id, sha)',

    `create table pipelines (
      id ${t.id},
      iid ${t.integer} not null,
      project_id ${t.integer} not null,
      commit_id ${t.integer},
      ref text not null,
      tag ${t.integer} not null,
      sha text not null,
      before_sha text not null,
      source text not null,
      status text not null,
      protected ${t.integer} not null,
      user_id ${t.integer},
      name text,
      yaml_errors text,
      failure_reason text,
      auto_cancel_on_new_commit text not null,
      auto_cancel_on_job_failure text not null,
      auto_canceled_by_id ${t.integer},
      locked ${t.integer} not null,
      source_job_id ${t.integer},
      source_pipeline_id ${t.integer},
      messages text not null,
      origin text,
      unprocessed ${t.integer} not null,
      lock_version ${t.integer} not null,
      coverage ${t.real},
      duration ${t.integer},
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null,
      started_at ${t.integer},
      finished_at ${t.integer},
      committed_at ${t.integer}
    )`,
    'create unique index pipelines_iid on pipelines (project_id, iid)',
    // lists of a project, with one filter each
    'create index pipelines_project on pipelines (project_id, id)',
    'create index pipelines_status on pipelines (project_id, status, id)',
    'create index pipelines_ref on pipelines (project_id, ref, status, id)',
    'create index pipelines_sha on pipelines (project_id, sha, id)',
    // children of a pipeline
    'create index pipelines_source_pipeline on pipelines (source_pipeline_id) where source_pipeline_id is not null',
    'create index pipelines_source_job on pipelines (source_job_id) where source_job_id is not null',
    // whose artifacts are kept: one family a ref
    'create index pipelines_locked on pipelines (project_id, ref) where locked = 1',
    // what a killed process left
    'create index pipelines_unprocessed on pipelines (id) where unprocessed = 1',

    `create table pipeline_counters (
      project_id ${t.integer} primary key,
      last_iid ${t.integer} not null
    )`,

    `create table pipeline_variables (
      id ${t.id},
      pipeline_id ${t.integer} not null,
      key text not null,
      encrypted_value text not null,
      variable_type text not null,
      raw ${t.integer} not null
    )`,
    'create index pipeline_variables_pipeline on pipeline_variables (pipeline_id)',

    `create table stages (
      id ${t.id},
      pipeline_id ${t.integer} not null,
      name text not null,
      position ${t.integer} not null,
      status text not null
    )`,
    'create unique index stages_position on stages (pipeline_id, position)',

    `create table job_definitions (
      id ${t.id},
      digest text not null unique,
      content text not null
    )`,

    `create table jobs (
      id ${t.id},
      type text not null,
      project_id ${t.integer} not null,
      pipeline_id ${t.integer} not null,
      stage_id ${t.integer} not null,
      definition_id ${t.integer} not null,
      name text not null,
      stage_index ${t.integer} not null,
      status text not null,
      "when" text not null,
      allow_failure ${t.integer} not null,
      scheduling_type text not null,
      ref text not null,
      tag ${t.integer} not null,
      protected ${t.integer} not null,
      interruptible ${t.integer} not null,
      enqueue_immediately ${t.integer} not null default 0,
      user_id ${t.integer},
      runner_id ${t.integer},
      runner_manager_id ${t.integer},
      retried ${t.integer} not null,
      token_digest text,
      timeout_seconds ${t.integer},
      failure_reason text,
      exit_code ${t.integer},
      coverage ${t.real},
      debug ${t.integer} not null,
      environment text,
      resource_group_id ${t.integer},
      auto_canceled_by_id ${t.integer},
      erased_by_id ${t.integer},
      artifacts_expire_at ${t.integer},
      scheduled_at ${t.integer},
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null,
      queued_at ${t.integer},
      started_at ${t.integer},
      finished_at ${t.integer},
      erased_at ${t.integer},
      deadline_at ${t.integer}
    )`,
    // one pipeline's jobs, latest attempts, by name
    'create index jobs_pipeline on jobs (pipeline_id, retried, id)',
    'create index jobs_pipeline_name on jobs (pipeline_id, name)',
    // lists of a project, without and with a scope; builds only
    "create index jobs_project on jobs (project_id, id) where type = 'build'",
    "create index jobs_status on jobs (project_id, status, id) where type = 'build'",
    'create unique index jobs_token on jobs (token_digest) where token_digest is not null',
    'create index jobs_runner on jobs (runner_id, id) where runner_id is not null',
    // duties ask what is due, never what was
    "create index jobs_deadline on jobs (deadline_at) where deadline_at is not null and status in ('running', 'canceling')",
    "create index jobs_scheduled on jobs (scheduled_at) where status = 'scheduled'",
    "create index jobs_silent on jobs (updated_at) where status in ('running', 'canceling')",
    "create index jobs_pending_bridges on jobs (id) where type = 'bridge' and status = 'pending'",
    "create index jobs_stuck on jobs (queued_at) where status = 'pending'",
    "create index jobs_resource on jobs (resource_group_id, pipeline_id, id) where resource_group_id is not null and status in ('created', 'scheduled', 'waiting_for_resource')",

    `create table job_needs (
      job_id ${t.integer} not null,
      pipeline_id ${t.integer} not null,
      name text not null,
      artifacts ${t.integer} not null,
      optional ${t.integer} not null,
      primary key (job_id, name)
    )`,
    'create index job_needs_pipeline on job_needs (pipeline_id)',

    `create table job_variables (
      id ${t.id},
      job_id ${t.integer} not null,
      source text not null,
      key text not null,
      encrypted_value text not null,
      raw ${t.integer} not null
    )`,
    'create index job_variables_job on job_variables (job_id, source)',

    `create table resource_groups (
      id ${t.id},
      project_id ${t.integer} not null,
      key text not null,
      process_mode text not null,
      job_id ${t.integer},
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null
    )`,
    'create unique index resource_groups_key on resource_groups (project_id, key)',

    `create table queue_lanes (
      id ${t.id},
      project_id ${t.integer} not null,
      kind text not null,
      scopes text not null
    )`,
    'create unique index queue_lanes_kind on queue_lanes (project_id, kind)',

    `create table queue_offers (
      lane_id ${t.integer} not null references queue_lanes (id) on delete cascade,
      scope text not null,
      kind text not null,
      running ${t.integer} not null,
      head_job_id ${t.integer} not null,
      primary key (lane_id, scope)
    )`,
    // the next lane of a kind for a runner, without looking at the others
    'create index queue_offers_order on queue_offers (scope, kind, running, head_job_id)',

    `create table queue_entries (
      job_id ${t.integer} primary key,
      lane_id ${t.integer} not null references queue_lanes (id),
      queued_at ${t.integer} not null
    )`,
    'create unique index queue_entries_lane on queue_entries (lane_id, job_id)',

    `create table running_jobs (
      job_id ${t.integer} primary key,
      project_id ${t.integer} not null,
      runner_id ${t.integer} not null,
      runner_type text not null
    )`,
    'create index running_jobs_project on running_jobs (project_id, runner_type)',
    'create index running_jobs_runner on running_jobs (runner_id)',

    `create table queue_versions (
      scope text not null primary key,
      version text not null
    )`,

    `create table runners (
      id ${t.id},
      runner_type text not null,
      token_digest text not null unique,
      short_token text not null,
      token_expires_at ${t.integer},
      namespace_id ${t.integer},
      name text,
      description text,
      maintenance_note text,
      paused ${t.integer} not null,
      locked ${t.integer} not null,
      run_untagged ${t.integer} not null,
      access_level text not null,
      maximum_timeout ${t.integer},
      tag_list text not null,
      creator_id ${t.integer},
      creation_finished ${t.integer} not null,
      contacted_at ${t.integer},
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null
    )`,
    'create index runners_namespace on runners (namespace_id) where namespace_id is not null',

    `create table runner_projects (
      runner_id ${t.integer} not null,
      project_id ${t.integer} not null,
      primary key (runner_id, project_id)
    )`,
    'create index runner_projects_project on runner_projects (project_id)',

    `create table runner_managers (
      id ${t.id},
      runner_id ${t.integer} not null,
      system_xid text not null,
      version text,
      revision text,
      platform text,
      architecture text,
      executor text,
      ip_address text,
      features text not null,
      contacted_at ${t.integer},
      created_at ${t.integer} not null
    )`,
    'create unique index runner_managers_system on runner_managers (runner_id, system_xid)',
    'create index runner_managers_contacted on runner_managers (contacted_at)',

    `create table traces (
      job_id ${t.integer} primary key,
      size ${t.integer} not null,
      archived ${t.integer} not null,
      checksum text,
      corrupt ${t.integer} not null,
      updated_at ${t.integer} not null
    )`,
    // live logs: those of running jobs, and finished ones on their way to the archive
    'create index traces_live on traces (job_id) where archived = 0',

    `create table trace_chunks (
      job_id ${t.integer} not null,
      start ${t.integer} not null,
      bytes ${t.bytes} not null,
      primary key (job_id, start)
    )`,

    `create table artifacts (
      id ${t.id},
      project_id ${t.integer} not null,
      job_id ${t.integer} not null,
      file_type text not null,
      file_format text,
      filename text not null,
      size ${t.integer} not null,
      sha256 text not null,
      store_key text not null,
      accessibility text not null,
      locked ${t.integer} not null,
      expire_at ${t.integer},
      created_at ${t.integer} not null
    )`,
    'create unique index artifacts_job on artifacts (job_id, file_type)',
    'create index artifacts_project on artifacts (project_id, id)',
    'create unique index artifacts_key on artifacts (store_key)',
    'create index artifacts_due on artifacts (expire_at) where expire_at is not null and locked = 0',

    `create table deleted_files (
      store_key text not null primary key,
      created_at ${t.integer} not null
    )`,

    `create table duties (
      name text not null primary key,
      last_run_at ${t.integer} not null,
      claimed_until ${t.integer} not null
    )`,
  ],
};
