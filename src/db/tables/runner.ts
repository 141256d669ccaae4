/** Tables of the room `runner`: only `runner/queries.ts` writes them. */
import type { Flag, Id, Json, Millis } from './columns.ts';

export interface RunnersTable {
  id: Id;
  /** instance_type, group_type, project_type */
  runner_type: string;
  token_digest: string;
  /** First characters of the token, shown as its short form. */
  short_token: string;
  token_expires_at: Millis | null;
  /** Group of a group runner. */
  namespace_id: number | null;
  name: string | null;
  description: string | null;
  maintenance_note: string | null;
  paused: Flag;
  locked: Flag;
  run_untagged: Flag;
  /** not_protected, ref_protected */
  access_level: string;
  /** Seconds. */
  maximum_timeout: number | null;
  /** Sorted JSON array. */
  tag_list: Json;
  creator_id: number | null;
  /** 0 until the first job request. */
  creation_finished: Flag;
  contacted_at: Millis | null;
  created_at: Millis;
  updated_at: Millis;
}

/** Projects of a project runner; the first is its owner. */
export interface RunnerProjectsTable {
  runner_id: number;
  project_id: number;
  created_at: Millis;
}

/** One process of a runner, told apart by its `system_id`. */
export interface RunnerManagersTable {
  id: Id;
  runner_id: number;
  system_xid: string;
  version: string | null;
  revision: string | null;
  platform: string | null;
  architecture: string | null;
  executor: string | null;
  ip_address: string | null;
  /** JSON object of feature flags. */
  features: Json;
  contacted_at: Millis | null;
  created_at: Millis;
}

/** One registration token for each place that was asked for one. */
export interface RunnerRegistrationTokensTable {
  /** instance, group:<id>, project:<id> */
  scope: string;
  token_digest: string;
  created_at: Millis;
}
