import type { Logger } from 'pino';
import type {
  AutoCancel,
  BridgeConfig,
  CompiledConfig,
  CompileResult,
  ConfigMessage,
  JobConfig,
  Need,
  YamlVariables,
} from '../../config/compiled.ts';
import type { ConfigFiles } from '../../config/files.ts';
import type { Database } from '../../db/database.ts';
import type { Tx } from '../../db/transaction.ts';
import type { GitCommit } from '../../git/commit.ts';
import type { Repositories } from '../../git/repository.ts';
import type { Caller } from '../../project/caller.ts';
import type { Encryption } from '../../project/encryption.ts';
import type { InstanceSettings } from '../../project/instance-settings.ts';
import type { Project } from '../../project/project.ts';
import type { RefProtection } from '../../project/protected-ref.ts';
import type { User } from '../../project/user.ts';
import type { JobVariable } from '../../project/variable.ts';
import type { JobDefinition } from '../job-definition.ts';
import type { PipelineFacts, PipelineOrigin } from '../variables/predefined.ts';
import type { GitFiles } from './git-files.ts';

/** What makes pipelines. */
export interface CreateDeps {
  db: Database;
  encryption: Encryption;
  repositories: Repositories;
  logger?: Pick<Logger, 'error'>;
}

/** CI_PIPELINE_SOURCE of the pipelines there are (ci-yaml 21). */
export type PipelineSource = 'push' | 'web' | 'trigger' | 'schedule' | 'api' | 'pipeline' | 'parent_pipeline';

/** A variable given with a pipeline. */
export interface GivenVariable {
  key: string;
  value: string;
  file?: boolean;
  raw?: boolean;
}

/** Who wants which pipeline. The user is decided by whoever authenticated, never by a parameter (security AUTHZ-6). */
export interface CreateRequest {
  project: Project;
  user: User;
  /** The job whose token asked, if one did; then its limits count too. */
  caller?: Caller;
  source: PipelineSource;
  /** `refs/heads/x`, `refs/tags/x`, or a name that only one of the two has. */
  ref: string;
  /** The commit; that of the ref when absent. */
  sha?: string;
  /** What the ref was before the push. */
  beforeSha?: string;
  /** External base URL without trailing slash, for CI_SERVER_URL and its like. */
  serverUrl: string;
  variables?: readonly GivenVariable[];
  /** `spec:inputs`, JSON data. */
  inputs?: Readonly<Record<string, unknown>>;
  /** As git sent them: `ci.skip`, `ci.variable=K=V` … */
  pushOptions?: readonly string[];
  /** Whether a pipeline that cannot be made is kept as a failed one: pushes, schedules and triggers (ci-yaml 21). */
  saveOnErrors: boolean;
  /** Stops before anything is stored. */
  dryRun?: boolean;
  /** Text of the configuration, in place of the project's file: a child pipeline, or lint. */
  config?: string;
  /** What `changes` is compared with, in place of the push's own changes: lint. */
  changedPaths?: readonly string[];
  /** Files of earlier jobs, for the configuration of a child pipeline. */
  readArtifact?: ConfigFiles['readArtifact'];
  /** The bridge or job that made this pipeline. */
  sourceJob?: { id: number; pipelineId: number; projectId: number };
  origin?: PipelineOrigin;
  /** Runs in the transaction that stores the pipeline, as `Settle` of a push does. */
  settle?: (tx: Tx, pipelineId: number) => Promise<void>;
}

export type RefusalReason =
  | 'pipelines_disabled'
  | 'forbidden'
  | 'protected_ref'
  | 'reference_not_found'
  | 'commit_not_found'
  | 'ambiguous_ref'
  | 'variables_forbidden'
  | 'invalid_variable'
  | 'rate_limited'
  /** Push option `ci.no_pipeline`. */
  | 'not_wanted'
  | 'missing_config'
  | 'filtered_by_workflow_rules'
  | 'filtered_by_rules'
  | FailureReason;

/** `failure_reason` of a pipeline (ci-yaml 26.2). */
export type FailureReason = 'config_error' | 'size_limit_exceeded' | 'job_activity_limit_exceeded';

export type CreateResult =
  /** Stored and on its way. */
  | { kind: 'created'; pipelineId: number; iid: number; warnings: ConfigMessage[] }
  /** Stored without jobs: the commit or the push asked for it. */
  | { kind: 'skipped'; pipelineId: number; iid: number }
  /** Stored as failed; the first of `messages` is its `yaml_errors`, with a position where one is known. */
  | {
      kind: 'failed';
      pipelineId: number;
      iid: number;
      reason: FailureReason;
      messages: ConfigMessage[];
      warnings: ConfigMessage[];
    }
  /** Nothing was stored; `message` is GitLab's text (ci-yaml 21). */
  | { kind: 'refused'; reason: RefusalReason; message: string; messages: ConfigMessage[] }
  /** What would be stored. */
  | { kind: 'dry_run'; config: CompiledConfig; jobs: PlannedJob[]; name: string | null };

/** A job that its rules let in, ready to be stored. */
export interface PlannedJob {
  config: JobConfig | BridgeConfig;
  definition: JobDefinition;
  when: JobConfig['when'];
  allowFailure: boolean;
  schedulingType: 'stage' | 'dag';
  needs: Need[];
  interruptible: boolean;
  /** Expanded name. */
  environment: string | null;
  /** Expanded key. */
  resourceGroup: string | null;
}

/** A pipeline in the making: each step of the sequence fills in what it found. */
export interface Creation {
  readonly deps: CreateDeps;
  readonly request: CreateRequest;
  readonly now: number;
  readonly settings: InstanceSettings;
  /** Branch or tag without `refs/…/`. */
  readonly ref: string;
  readonly tag: boolean;
  /** Whether there is such a branch, and such a tag. */
  readonly exists: { branch: boolean; tag: boolean };
  readonly commit: GitCommit | null;
  readonly protection: RefProtection;
  readonly facts: PipelineFacts;
  readonly options: { skip: boolean; noPipeline: boolean };
  readonly variables: readonly GivenVariable[];
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly files: GitFiles;
  /** Secret variables for an environment, or for a job without one. */
  readonly secretsFor: (environment: string | null) => Promise<readonly JobVariable[]>;
  /** Text of the configuration and the name of its file. */
  content: { text: string; path: string } | null;
  /** What the configuration compiled to, right or wrong. */
  compiled: CompileResult | null;
  config: CompiledConfig | null;
  /** Root variables with those of the workflow rule. */
  rootVariables: YamlVariables;
  autoCancel: AutoCancel;
  jobs: PlannedJob[];
  name: string | null;
}

/** One step: null to go on, or how it ended. */
export type Step = (creation: Creation) => Promise<CreateResult | null>;

/** An end without a trace. */
export function refuse(reason: RefusalReason, message: string, messages: ConfigMessage[] = []): CreateResult {
  const shown = messages.length > 0 ? messages : [{ severity: 'error' as const, message }];
  return { kind: 'refused', reason, message, messages: shown };
}
