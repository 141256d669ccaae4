import type { Migration } from '../migrate.ts';

/** Environments and what was deployed to them. */
export const environments: Migration = {
  name: '0004-environments',
  statements: (t) => [
    `create table environments (
      id ${t.id},
      project_id ${t.integer} not null,
      name text not null,
      slug text not null,
      tier text not null,
      state text not null,
      external_url text,
      description text,
      auto_stop_setting text not null,
      auto_stop_at ${t.integer},
      auto_delete_at ${t.integer},
      cluster_agent_id ${t.integer},
      kubernetes_namespace text,
      flux_resource_path text,
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null
    )`,
    'create unique index environments_of_project on environments (project_id, name)',
    // what is due
    `create index environments_auto_stop on environments (auto_stop_at)
      where state = 'available' and auto_stop_at is not null`,
    'create index environments_auto_delete on environments (auto_delete_at) where auto_delete_at is not null',

    `create table deployment_counters (
      project_id ${t.integer} primary key,
      last_iid ${t.integer} not null
    )`,
    `create table deployments (
      id ${t.id},
      iid ${t.integer} not null,
      project_id ${t.integer} not null,
      environment_id ${t.integer} not null,
      job_id ${t.integer},
      pipeline_id ${t.integer},
      ref text not null,
      tag ${t.integer} not null,
      sha text not null,
      status text not null,
      user_id ${t.integer},
      on_stop text,
      external_url text,
      auto_stop_seconds ${t.integer},
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null,
      finished_at ${t.integer}
    )`,
    'create unique index deployments_of_project on deployments (project_id, iid)',
    // lists
    'create index deployments_by_id on deployments (project_id, id)',
    'create unique index deployments_of_job on deployments (job_id) where job_id is not null',
    'create index deployments_of_pipeline on deployments (pipeline_id) where pipeline_id is not null',
    // the last successful one, the last finished one
    'create index deployments_of_environment on deployments (environment_id, status, id)',
  ],
};
