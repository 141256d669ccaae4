/** Tables of the room `project`: only `project/queries.ts` writes them. */
import type { Bytes, Count, Flag, Id, Json, Millis } from './columns.ts';

/** `password_hash` is scrypt, null when only tokens sign in. `profile` holds the optional texts of a user entity. */
export interface UsersTable {
  id: Id;
  username: string;
  name: string;
  email: string;
  public_email: string;
  /** active, blocked, blocked_pending_approval, deactivated, banned, removed */
  state: string;
  admin: Flag;
  bot: Flag;
  external: Flag;
  can_create_group: Flag;
  projects_limit: number;
  password_hash: string | null;
  /** From when on it only lets its user choose another; null for never. */
  password_expires_at: Millis | null;
  profile: Json;
  created_at: Millis;
  updated_at: Millis;
  last_activity_at: Millis | null;
  last_sign_in_at: Millis | null;
}

/** Users' own namespaces and groups; a group's id is its namespace's. `path_key` is the full path in lower case. */
export interface NamespacesTable {
  id: Id;
  /** user, group */
  kind: string;
  name: string;
  path: string;
  full_path: string;
  path_key: string;
  parent_id: number | null;
  /** For `kind` user. */
  owner_id: number | null;
  description: string;
  /** private, internal, public */
  visibility: string;
  /** Group settings by GitLab's parameter names. */
  settings: Json;
  marked_for_deletion_at: Millis | null;
  created_at: Millis;
  updated_at: Millis;
}

/** `path_key` is the full path in lower case. Settings that decide something have a column, the rest is in `settings`. */
export interface ProjectsTable {
  id: Id;
  namespace_id: number;
  creator_id: number | null;
  name: string;
  path: string;
  full_path: string;
  path_key: string;
  description: string | null;
  visibility: string;
  default_branch: string | null;
  archived: Flag;
  public_builds: Flag;
  /** disabled, private, enabled */
  builds_access_level: string;
  repository_access_level: string;
  build_timeout_seconds: number;
  ci_config_path: string | null;
  ci_default_git_depth: number | null;
  /** fetch, clone */
  build_git_strategy: string;
  auto_cancel_pending_pipelines: Flag;
  shared_runners_enabled: Flag;
  group_runners_enabled: Flag;
  keep_latest_artifact: Flag;
  ci_outbound_job_token_scope_enabled: Flag;
  ci_inbound_job_token_scope_enabled: Flag;
  ci_separated_caches: Flag;
  ci_forward_deployment_enabled: Flag;
  /** no_one_allowed, developer, maintainer, owner */
  ci_pipeline_variables_minimum_override_role: string;
  resource_group_default_process_mode: string;
  /** MiB; null: the instance's. */
  max_artifacts_size: number | null;
  settings: Json;
  marked_for_deletion_at: Millis | null;
  last_activity_at: Millis;
  /** The project this one is a fork of. */
  forked_from_id: number | null;
  /** Rows in `stars`. */
  star_count: Count;
  created_at: Millis;
  updated_at: Millis;
}

/** Former full paths (lower case) of projects. */
export interface RedirectsTable {
  path_key: string;
  project_id: number;
}

export interface MembersTable {
  id: Id;
  /** project, group */
  source_type: string;
  source_id: number;
  user_id: number;
  access_level: number;
  /** YYYY-MM-DD */
  expires_at: string | null;
  created_by_id: number | null;
  created_at: Millis;
}

/** A group whose members may enter a project or another group, at most with this level (rest-resources 1.1, 3.1). */
export interface SharesTable {
  id: Id;
  /** project, group */
  source_type: string;
  source_id: number;
  group_id: number;
  access_level: number;
  /** YYYY-MM-DD */
  expires_at: string | null;
  created_at: Millis;
}

export interface StarsTable {
  project_id: number;
  user_id: number;
  created_at: Millis;
}

/** Pictures of users, projects and groups; that there is one, and its name, is in their `profile` or `settings`. */
export interface AvatarsTable {
  /** user, project, group */
  owner_type: string;
  owner_id: number;
  content_type: string;
  bytes: Bytes;
}

/** Acts that matter to security; rows are only added. */
export interface AuditEventsTable {
  id: Id;
  author_id: number | null;
  author_name: string;
  act: string;
  /** User, Project, Group, Gitlab::Audit::InstanceScope */
  entity_type: string;
  entity_id: number;
  entity_path: string;
  target: string | null;
  details: Json;
  ip: string;
  created_at: Millis;
}

/** Personal, project, group and impersonation tokens; only the SHA-256 of the token is kept. */
export interface AccessTokensTable {
  id: Id;
  user_id: number;
  digest: string;
  /** personal, impersonation, project, group */
  kind: string;
  resource_id: number | null;
  access_level: number | null;
  name: string;
  description: string | null;
  /** JSON array of scope names. */
  scopes: Json;
  revoked: Flag;
  /** YYYY-MM-DD */
  expires_at: string | null;
  last_used_at: Millis | null;
  /** The token this one was rotated from. */
  rotated_from_id: number | null;
  created_at: Millis;
  updated_at: Millis;
}

/** Browsers that are signed in; of the cookie's secret only the SHA-256 is kept. */
export interface SessionsTable {
  id: Id;
  user_id: number;
  digest: string;
  ip: string;
  user_agent: string;
  created_at: Millis;
  last_used_at: Millis;
}

export interface ProtectedRefsTable {
  id: Id;
  project_id: number;
  /** branch, tag */
  kind: string;
  /** Exact name or pattern with `*`. */
  name: string;
  allow_force_push: Flag;
  created_at: Millis;
  updated_at: Millis;
}

export interface ProtectedRefAccessTable {
  id: Id;
  protected_ref_id: number;
  /** push, merge, create */
  action: string;
  access_level: number;
}

/** CI/CD variables of the instance (`owner_id` 0), a group (namespace id) or a project. */
export interface VariablesTable {
  id: Id;
  /** instance, group, project */
  level: string;
  owner_id: number;
  key: string;
  /** AES-256-GCM, base64. */
  encrypted_value: string;
  /** env_var, file */
  variable_type: string;
  protected: Flag;
  masked: Flag;
  hidden: Flag;
  raw: Flag;
  environment_scope: string;
  description: string | null;
  created_at: Millis;
  updated_at: Millis;
}

/** Instance settings by GitLab's names; absent ones have the default of `project/instance-settings.ts`. */
export interface InstanceSettingsTable {
  name: string;
  value: Json;
}

/** Tokens that start pipelines as their owner (rest-resources 6.1): found by digest, shown to their owner again. */
export interface TriggersTable {
  id: Id;
  project_id: number;
  owner_id: number;
  digest: string;
  encrypted_token: string;
  description: string;
  expires_at: Millis | null;
  last_used_at: Millis | null;
  created_at: Millis;
  updated_at: Millis;
}

/** Projects whose jobs a project lets in beside its own (jobs-api 1.5). */
export interface JobTokenAllowedProjectsTable {
  project_id: number;
  allowed_project_id: number;
  created_at: Millis;
}

/** Groups whose projects' jobs a project lets in. */
export interface JobTokenAllowedGroupsTable {
  project_id: number;
  allowed_group_id: number;
  created_at: Millis;
}

/** Agents of clusters, as far as jobs ask for them (rest-resources 9.2). */
export interface ClusterAgentsTable {
  id: Id;
  project_id: number;
  name: string;
  created_by_id: number | null;
  created_at: Millis;
}

export interface ClusterAgentTokensTable {
  id: Id;
  agent_id: number;
  name: string;
  description: string | null;
  digest: string;
  revoked: Flag;
  created_by_id: number | null;
  last_used_at: Millis | null;
  created_at: Millis;
}
