/**
 * What goes over the wire between a runner and the server, both ways (runner-api 1 to 4), with the keys in the order in
 * which they are sent. Types only: the built-in runner and the tests share them with the server.
 */

/** What a runner says about itself with verify, jobs/request and PUT. Nothing of it is trusted. */
export interface RunnerInfo {
  name?: string;
  version?: string;
  revision?: string;
  platform?: string;
  architecture?: string;
  executor?: string;
  shell?: string;
  features?: Partial<Record<RunnerFeature, boolean>>;
  config?: { gpus?: string };
  labels?: Record<string, string>;
}

export type RunnerFeature =
  | 'variables'
  | 'image'
  | 'services'
  | 'artifacts'
  | 'cache'
  | 'fallback_cache_keys'
  | 'shared'
  | 'upload_multiple_artifacts'
  | 'upload_raw_artifacts'
  | 'session'
  | 'terminal'
  | 'refspecs'
  | 'masking'
  | 'proxy'
  | 'raw_variables'
  | 'artifacts_exclude'
  | 'multi_build_steps'
  | 'trace_reset'
  | 'trace_checksum'
  | 'trace_size'
  | 'vault_secrets'
  | 'cancelable'
  | 'return_exit_code'
  | 'service_variables'
  | 'service_multiple_aliases'
  | 'image_executor_opts'
  | 'service_executor_opts'
  | 'cancel_gracefully'
  | 'native_steps_integration'
  | 'two_phase_job_commit'
  | 'job_inputs';

/** Body of `POST /runners/verify`. */
export interface VerifyRequest {
  token: string;
  system_id?: string;
  info?: RunnerInfo;
}

/** Answer to registering and verifying. */
export interface RunnerCredentials {
  id: number;
  token: string;
  /** RFC 3339. */
  token_expires_at: string | null;
}

/** Body of `POST /jobs/request`. */
export interface JobRequest {
  token: string;
  system_id?: string;
  /** The last `X-GitLab-Last-Update` that was seen. */
  last_update?: string;
  info?: RunnerInfo;
  session?: { url?: string; certificate?: string; authorization?: string };
}

/** Body of `PUT /jobs/:id`. */
export interface JobUpdate {
  token: string;
  state: 'pending' | 'running' | 'success' | 'failed';
  failure_reason?: string;
  exit_code?: number;
  /** Older runners; `output.checksum` counts. */
  checksum?: string;
  output?: { checksum?: string; bytesize?: number };
  info?: RunnerInfo;
}

/** A variable as the runner takes it; the last of several with one key wins. */
export interface JobVariable {
  key: string;
  value: string;
  public: boolean;
  masked: boolean;
  file?: boolean;
  raw?: boolean;
}

/** Body of a 201 to `POST /jobs/request`: everything a runner needs to run the job. */
export interface JobPayload {
  id: number;
  token: string;
  allow_git_fetch: boolean;
  job_info: JobInfo;
  git_info: GitInfo;
  runner_info: { timeout: number; runner_session_url: string | null };
  inputs: { key: string; value: { type: string; content: unknown; sensitive: boolean } }[];
  variables: JobVariable[];
  /** Left out when `run` is there. */
  steps?: JobStep[];
  hooks: { name: 'pre_get_sources_script' | 'post_get_sources_script'; script: string[] }[];
  image: JobImage | null;
  services: JobService[];
  artifacts: JobArtifact[];
  cache: JobCache[];
  credentials: { type: 'registry'; url: string; username: string; password: string }[];
  dependencies: JobDependency[];
  /** A list of steps as JSON text. */
  run?: string;
  secrets?: Record<string, unknown>;
  features: { trace_sections: boolean; token_mask_prefixes: string[]; failure_reasons: string[] };
}

export interface JobInfo {
  id: number;
  name: string;
  stage: string;
  pipeline_id: number;
  project_id: number;
  project_name: string;
  project_full_path: string;
  namespace_id: number;
  root_namespace_id: number;
  organization_id: number;
  instance_id: string;
  instance_uuid: string;
  user_id: number | null;
  scoped_user_id: number | null;
  time_in_queue_seconds: number;
  /** A number as text, `50+` from there on, or `+Inf` on other than instance runners. */
  project_jobs_running_on_instance_runners_count: string;
  queue_size: number;
  queue_depth: number;
}

export interface GitInfo {
  repo_url: string;
  repo_object_format: 'sha1' | 'sha256';
  ref: string;
  sha: string;
  before_sha: string;
  ref_type: 'branch' | 'tag';
  refspecs: string[];
  /** 0: the whole history. */
  depth: number;
  protected: boolean | null;
}

export interface JobStep {
  name: 'script' | 'release' | 'after_script';
  script: string[];
  timeout: number;
  when: 'on_success' | 'on_failure' | 'always';
  allow_failure: boolean;
}

export interface JobImage {
  name: string;
  alias?: string;
  entrypoint: string[] | null;
  command?: string[] | null;
  ports: { number: number; protocol: string; name: string }[];
  executor_opts: {
    docker?: { platform?: string; user?: string };
    kubernetes?: { user?: string | number };
  };
  pull_policy: string[] | null;
}

export interface JobService extends JobImage {
  command: string[] | null;
  variables: { key: string; value: string }[];
}

export interface JobArtifact {
  name: string | null;
  /** Of the archive only. */
  untracked?: boolean;
  paths: string[] | null;
  exclude?: string[];
  when: 'on_success' | 'on_failure' | 'always';
  expire_in: string | null;
  artifact_type: string;
  artifact_format: 'zip' | 'gzip' | 'raw';
}

export interface JobCache {
  key: string;
  untracked: boolean;
  paths: string[] | null;
  policy: string;
  when: 'on_success' | 'on_failure' | 'always';
  fallback_keys: string[];
}

/** A job whose artifacts are downloaded first. `token` is the running job's own. */
export interface JobDependency {
  id: number;
  name: string;
  token: string;
  artifacts_file?: { filename: string; size: number };
}
