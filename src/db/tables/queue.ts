/** Tables of the room `queue`: only `queue/queries.ts` writes them. */
import type { Flag, Json, Millis } from './columns.ts';

/** A pending job with everything that matching needs; the row exists exactly while the job is pending and unassigned. */
export interface QueueEntriesTable {
  job_id: number;
  project_id: number;
  namespace_id: number;
  /** Ids from the root group to the project's own, as `/1/5/`; empty for a personal project. */
  group_path: string;
  instance_runners: Flag;
  group_runners: Flag;
  protected: Flag;
  /** Sorted JSON array of the job's tags; `[]` for an untagged job. */
  tags: Json;
  priority: number;
  queued_at: Millis;
}

/** Jobs that run now, for fair share between projects and for limits. */
export interface RunningJobsTable {
  job_id: number;
  project_id: number;
  runner_id: number;
  /** instance_type, group_type, project_type */
  runner_type: string;
}

/** The value behind X-GitLab-Last-Update: changed for a scope when one of its runners might find something new. */
export interface QueueVersionsTable {
  /** instance, group:<id>, project:<id>, runner:<id> */
  scope: string;
  version: string;
}
