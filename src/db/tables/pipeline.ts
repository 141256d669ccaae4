/** Tables of the room `pipeline`: only `pipeline/queries.ts` writes them. */
import type { Generated } from 'kysely';
import type { Flag, Id, Json, Millis } from './columns.ts';

/** What an API answer needs of a commit, copied when its first pipeline is created. */
export interface CommitsTable {
  id: Id;
  project_id: number;
  sha: string;
  /** JSON array of shas. */
  parent_ids: Json;
  title: string;
  message: string;
  author_name: string;
  author_email: string;
  /** ISO 8601 with the author's offset. */
  authored_date: string;
  committer_name: string;
  committer_email: string;
  committed_date: string;
}

export interface PipelinesTable {
  id: Id;
  iid: number;
  project_id: number;
  commit_id: number | null;
  ref: string;
  tag: Flag;
  sha: string;
  before_sha: string;
  source: string;
  status: string;
  protected: Flag;
  user_id: number | null;
  name: string | null;
  yaml_errors: string | null;
  failure_reason: string | null;
  /** conservative, interruptible, none */
  auto_cancel_on_new_commit: string;
  /** none, all */
  auto_cancel_on_job_failure: string;
  auto_canceled_by_id: number | null;
  /** Artifacts are kept while the pipeline is the latest successful one of its ref. */
  locked: Flag;
  /** The job (a bridge, or a job whose token called the trigger) that made this pipeline. */
  source_job_id: number | null;
  source_pipeline_id: number | null;
  /** Messages of a workflow or of warnings, JSON array of strings. */
  messages: Json;
  /** What only variables tell: tag message, schedule, upstream (`pipeline/variables/predefined.ts`); null for none. */
  origin: Json | null;
  /** 1 while it waits to be set going, 2 while its processing pass is to be gone on with, else 0. */
  unprocessed: number;
  lock_version: number;
  coverage: number | null;
  /** Whole seconds. */
  duration: number | null;
  created_at: Millis;
  updated_at: Millis;
  started_at: Millis | null;
  finished_at: Millis | null;
  committed_at: Millis | null;
}

/** A large pipeline whose jobs are being stored before it: it has no row yet (`pipeline/create/draft.ts`). */
export interface PipelineDraftsTable {
  /** Of the pipeline to be. */
  id: number;
  project_id: number;
  created_at: Millis;
}

/** Counter of `iid`s per project. */
export interface PipelineCountersTable {
  project_id: number;
  last_iid: number;
}

export interface PipelineVariablesTable {
  id: Id;
  pipeline_id: number;
  key: string;
  encrypted_value: string;
  variable_type: string;
  raw: Flag;
}

export interface StagesTable {
  id: Id;
  pipeline_id: number;
  name: string;
  position: number;
  status: string;
}

/** What each transaction changed of a pipeline, for some minutes: what the event stream reads. */
export interface StatusEventsTable {
  id: Id;
  /** Number of the transaction on PostgreSQL, where ids do not come in the order of commits; 0 on SQLite, where they do. */
  xact: Generated<number>;
  project_id: number;
  pipeline_id: number;
  status: string;
  /** JSON array of [job id, status, 1 if it came to wait for a runner or no longer does]. */
  jobs: Json;
  created_at: Millis;
}

/** What a job is, stored once by the hash of its canonical JSON (`pipeline/job-definition.ts`) and shared. */
export interface JobDefinitionsTable {
  id: Id;
  /** SHA-256, hex. */
  digest: string;
  content: Json;
}

/** One attempt of a job or bridge: narrow, the rest is in its definition. */
export interface JobsTable {
  id: Id;
  /** build, bridge, external */
  type: string;
  project_id: number;
  pipeline_id: number;
  stage_id: number;
  definition_id: number;
  name: string;
  stage_index: number;
  status: string;
  /** on_success, on_failure, always, manual, delayed */
  when: string;
  allow_failure: Flag;
  /** stage, dag */
  scheduling_type: string;
  ref: string;
  tag: Flag;
  protected: Flag;
  interruptible: Flag;
  /** A user retried it: a manual or delayed job is not held back again when its turn comes. */
  enqueue_immediately: Flag;
  user_id: number | null;
  runner_id: number | null;
  runner_manager_id: number | null;
  /** 1 for an attempt that a newer one replaced. */
  retried: Flag;
  /** SHA-256 of the job token while the job holds one. */
  token_digest: string | null;
  /** Seconds, set when a runner takes the job. */
  timeout_seconds: number | null;
  failure_reason: string | null;
  exit_code: number | null;
  coverage: number | null;
  debug: Flag;
  /** Expanded environment name. */
  environment: string | null;
  resource_group_id: number | null;
  auto_canceled_by_id: number | null;
  erased_by_id: number | null;
  artifacts_expire_at: Millis | null;
  scheduled_at: Millis | null;
  created_at: Millis;
  updated_at: Millis;
  queued_at: Millis | null;
  started_at: Millis | null;
  finished_at: Millis | null;
  erased_at: Millis | null;
  /**
   * When the server ends it by itself: started_at plus timeout plus grace. Of a pending job: until when the runner that was
   * given it may accept it.
   */
  deadline_at: Millis | null;
}

export interface JobNeedsTable {
  job_id: number;
  pipeline_id: number;
  name: string;
  artifacts: Flag;
  optional: Flag;
}

/** Variables that belong to one attempt: given at play, or read from dotenv reports it produced; and the values of its inputs, as JSON. */
export interface JobVariablesTable {
  id: Id;
  job_id: number;
  /** manual, dotenv, input */
  source: string;
  key: string;
  encrypted_value: string;
  raw: Flag;
}

/** What another system said with a status that it reported, beside its state: of jobs of the type `external`. */
export interface CommitStatusesTable {
  job_id: number;
  target_url: string | null;
  description: string | null;
}

export interface ResourceGroupsTable {
  id: Id;
  project_id: number;
  key: string;
  process_mode: string;
  /** The job that holds the slot. */
  job_id: number | null;
  created_at: Millis;
  updated_at: Millis;
}

/** A place that jobs deploy to, made when the first pipeline names it or through the API. */
export interface EnvironmentsTable {
  id: Id;
  project_id: number;
  name: string;
  slug: string;
  /** production, staging, testing, development, other */
  tier: string;
  /** available, stopping, stopped */
  state: string;
  external_url: string | null;
  description: string | null;
  /** always, with_action */
  auto_stop_setting: string;
  auto_stop_at: Millis | null;
  /** When a review app that was given up is deleted. */
  auto_delete_at: Millis | null;
  cluster_agent_id: number | null;
  kubernetes_namespace: string | null;
  flux_resource_path: string | null;
  created_at: Millis;
  updated_at: Millis;
}

/** Counter of the `iid`s of deployments per project. */
export interface DeploymentCountersTable {
  project_id: number;
  last_iid: number;
}

/** One try to deploy: of a job's attempt, or told through the API. */
export interface DeploymentsTable {
  id: Id;
  iid: number;
  project_id: number;
  environment_id: number;
  /** The attempt that deploys; null when the API told of it. */
  job_id: number | null;
  pipeline_id: number | null;
  ref: string;
  tag: Flag;
  sha: string;
  /** created, blocked, running, success, failed, canceled, skipped */
  status: string;
  user_id: number | null;
  /** Name of the job that stops the environment again. */
  on_stop: string | null;
  /** What the environment gets when this one succeeds: its address, null keeps the one it has. */
  external_url: string | null;
  /** The same for the seconds until it stops by itself. */
  auto_stop_seconds: number | null;
  created_at: Millis;
  updated_at: Millis;
  finished_at: Millis | null;
}
