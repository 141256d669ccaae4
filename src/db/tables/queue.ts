/** Tables of the room `queue`: only `queue/queries.ts` writes them. */
import type { Id, Json, Millis } from './columns.ts';

/**
 * Waiting jobs that no runner can tell apart: one project, one set of tags, one protection. The row exists while jobs
 * wait in it, so picking looks at a few lanes and never at all the jobs.
 */
export interface QueueLanesTable {
  id: Id;
  project_id: number;
  /** Tags and protection as `queue/match.ts` writes them: `u["docker"]`, `p[]`. */
  kind: string;
  /** JSON array of the scopes that offer it: instance, group:<id>, project:<id>. */
  scopes: Json;
}

/** A lane as the runners of one scope see it, in the order in which they take from lanes. */
export interface QueueOffersTable {
  lane_id: number;
  scope: string;
  kind: string;
  /** Jobs of the project that run on instance runners now; 0 in other scopes, where order is by job id alone. */
  running: number;
  /** Lowest id that waits in the lane. With several processes it may lag behind: it orders lanes, it decides nothing. */
  head_job_id: number;
}

/** A pending job; the row exists exactly while the job is pending and unassigned. */
export interface QueueEntriesTable {
  job_id: number;
  lane_id: number;
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

/**
 * How many jobs of a project run on instance runners: the sum of its rows. Whoever changes the number takes a row that nobody
 * else holds, so several processes never wait for each other; there are as many as changed it at the same moment.
 */
export interface RunningCountsTable {
  id: Id;
  project_id: number;
  /** May be negative in one row, as another one counted what ended here. */
  running: number;
}

/** The value behind X-GitLab-Last-Update: changed for a scope when one of its runners might find something new. */
export interface QueueVersionsTable {
  /** instance, group:<id>, project:<id>, runner:<id> */
  scope: string;
  version: string;
}
