import type { Migration } from '../migrate.ts';

/** Trigger tokens, whose job tokens a project takes, and cluster agents. */
export const triggersAndAllowlists: Migration = {
  name: '0002-triggers-and-allowlists',
  statements: (t) => [
    `create table triggers (
      id ${t.id},
      project_id ${t.integer} not null,
      owner_id ${t.integer} not null,
      digest text not null unique,
      encrypted_token text not null,
      description text not null,
      expires_at ${t.integer},
      last_used_at ${t.integer},
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null
    )`,
    'create index triggers_of_project on triggers (project_id, id)',

    `create table job_token_allowed_projects (
      project_id ${t.integer} not null,
      allowed_project_id ${t.integer} not null,
      created_at ${t.integer} not null,
      primary key (project_id, allowed_project_id)
    )`,
    `create table job_token_allowed_groups (
      project_id ${t.integer} not null,
      allowed_group_id ${t.integer} not null,
      created_at ${t.integer} not null,
      primary key (project_id, allowed_group_id)
    )`,

    `create table cluster_agents (
      id ${t.id},
      project_id ${t.integer} not null,
      name text not null,
      created_by_id ${t.integer},
      created_at ${t.integer} not null
    )`,
    'create unique index cluster_agents_of_project on cluster_agents (project_id, name)',
    `create table cluster_agent_tokens (
      id ${t.id},
      agent_id ${t.integer} not null,
      name text not null,
      description text,
      digest text not null unique,
      revoked ${t.integer} not null,
      created_by_id ${t.integer},
      last_used_at ${t.integer},
      created_at ${t.integer} not null
    )`,
    'create index cluster_agent_tokens_of_agent on cluster_agent_tokens (agent_id, id)',
  ],
};
