/**
 * What a `.gitlab-ci.yml` means once every phase of `compile.ts` has run: plain data, no functions, safe to
 * store as JSON. `pipeline/create` reads nothing else of a configuration. Contract: ci-yaml.md part one.
 */

/** A position in a configuration file. Lines and columns count from 1. */
export interface Position {
  /** Path of the file as its include named it; the root file is `.gitlab-ci.yml` (or the project's own path). */
  file: string;
  line: number;
  column: number;
}

/** One error or warning of a configuration; `message` is GitLab's text (ci-yaml.md 1.1). */
export interface ConfigMessage {
  severity: 'error' | 'warning';
  message: string;
  /** Keys from the root to the offending value, where known. */
  path?: (string | number)[];
  position?: Position;
}

/** A file that an `include` brought in; shape of `includes[]` in rest-resources.md 8. */
export interface IncludedFile {
  type: 'local' | 'file' | 'remote' | 'template' | 'component';
  location: string;
  blob: string | null;
  raw: string | null;
  extra: { project?: string; ref?: string };
  contextProject: string | null;
  contextSha: string | null;
}

export type When = 'on_success' | 'on_failure' | 'always' | 'manual' | 'delayed' | 'never';

/** A YAML variable. `raw` is `expand: false`: its value is never expanded (ci-yaml.md 6.3). */
export interface YamlVariable {
  value: string;
  raw: boolean;
}
export type YamlVariables = Record<string, YamlVariable>;

/** A root variable also carries what the "run pipeline" form shows. */
export interface RootVariable extends YamlVariable {
  description: string | null;
  options: string[] | null;
}

/** `rules:changes` (ci-yaml.md 10.3). */
export interface ChangesClause {
  paths: string[];
  compareTo: string | null;
}

/** `rules:exists` (ci-yaml.md 10.3). */
export interface ExistsClause {
  paths: string[];
  project: string | null;
  ref: string | null;
}

/** One entry of `rules` of a job or of the workflow; absent clauses are null and always hold (ci-yaml.md 10.2). */
export interface Rule {
  /** Source text of the expression; it has been parsed once, so parsing again cannot fail. */
  if: string | null;
  changes: ChangesClause | null;
  exists: ExistsClause | null;
  /** null: the job's own `when`. */
  when: When | null;
  startInSeconds: number | null;
  /** null: not given. */
  allowFailure: boolean | null;
  variables: YamlVariables | null;
  /** null: not given; `[]` leaves the job's own needs (ci-yaml.md 8.5). */
  needs: Need[] | null;
  interruptible: boolean | null;
  /** Workflow rules only. */
  autoCancel: Partial<AutoCancel> | null;
}

/** `only` or `except` (ci-yaml.md 10.4); null keys were not given. */
export interface RefPolicy {
  refs: string[] | null;
  variables: string[] | null;
  changes: string[] | null;
  kubernetes: 'active' | null;
}

export interface AutoCancel {
  onNewCommit: 'conservative' | 'interruptible' | 'none';
  onJobFailure: 'none' | 'all';
}

/** A need of another job of the same pipeline. */
export interface Need {
  name: string;
  artifacts: boolean;
  optional: boolean;
}

/** A need of artifacts elsewhere: another pipeline of the family, or another project's latest job. */
export interface CrossNeed {
  pipeline: string | null;
  project: string | null;
  ref: string | null;
  job: string;
  artifacts: boolean;
}

export interface Image {
  name: string;
  alias?: string;
  entrypoint?: string[];
  command?: string[];
  pullPolicy?: string[];
  variables?: Record<string, string>;
  docker?: { platform?: string; user?: string };
  kubernetes?: { user?: string | number };
}

export interface Cache {
  /** A literal key, or the files whose content makes it (ci-yaml.md 9). */
  key: string | { files?: string[]; filesCommits?: string[]; prefix?: string };
  paths: string[];
  untracked: boolean;
  when: 'on_success' | 'on_failure' | 'always';
  policy: string;
  unprotect: boolean;
  fallbackKeys: string[];
}

export interface Artifacts {
  name: string | null;
  paths: string[];
  exclude: string[];
  untracked: boolean;
  when: 'on_success' | 'on_failure' | 'always';
  expireIn: string | null;
  exposeAs: string | null;
  /** `public: false` is `developer` (ci-yaml.md 9). */
  access: 'all' | 'developer' | 'maintainer' | 'none';
  /** Report type to its path list, in file order; `coverage_report` appears as its format (`cobertura`, `jacoco`). */
  reports: Record<string, string[]>;
}

export interface Retry {
  /** 0 to 2. */
  max: number;
  when: string[];
  exitCodes: number[];
}

export interface Environment {
  name: string;
  url: string | null;
  action: 'start' | 'stop' | 'prepare' | 'verify' | 'access';
  onStop: string | null;
  autoStopIn: string | null;
  deploymentTier: 'production' | 'staging' | 'testing' | 'development' | 'other' | null;
  kubernetes: Record<string, unknown> | null;
}

export interface Trigger {
  /** A downstream project's path (multi-project), unexpanded; null with `include`. */
  project: string | null;
  branch: string | null;
  /** Raw `include` entries of a child pipeline; null with `project`. */
  include: unknown[] | null;
  strategy: 'depend' | 'mirror' | null;
  forward: { yamlVariables: boolean; pipelineVariables: boolean };
  inputs: Record<string, unknown> | null;
}

/** Fields that a normal job and a trigger job (bridge) share. */
interface ProcessableConfig {
  name: string;
  stage: string;
  /** Position of the stage in `CompiledConfig.stages`; `.pre` is 0. */
  stageIndex: number;
  /** Job-level `when`, before rules. */
  when: Exclude<When, 'never'>;
  startInSeconds: number | null;
  allowFailure: boolean;
  allowFailureExitCodes: number[];
  manualConfirmation: string | null;
  /** null: no `rules` key. */
  rules: Rule[] | null;
  /** null where absent after defaults were applied (ci-yaml.md 10.4). */
  only: RefPolicy | null;
  except: RefPolicy | null;
  /** Job-level variables, matrix variables included, root variables not. */
  variables: YamlVariables;
  /** `inherit:variables` (true: all, false: none, list: those). */
  inheritVariables: boolean | string[];
  /** null: no `needs` key (a stage job); `[]`: starts at once. */
  needs: Need[] | null;
  crossNeeds: CrossNeed[];
  environment: Environment | null;
  resourceGroup: string | null;
  /** null: unset, which counts as false. */
  interruptible: boolean | null;
  /** Place among the jobs that `parallel` made; null without it. `total` is 1 for others in CI_NODE_TOTAL. */
  parallel: { index: number; total: number } | null;
  position: Position;
}

export interface JobConfig extends ProcessableConfig {
  type: 'build';
  beforeScript: string[];
  script: string[];
  afterScript: string[];
  hooks: { preGetSourcesScript: string[]; postGetSourcesScript: string[] };
  /** `run:` steps, exclusive with `script`. */
  run: unknown[] | null;
  tags: string[];
  image: Image | null;
  services: Image[];
  artifacts: Artifacts | null;
  cache: Cache[];
  /** null: earlier stages or needs (ci-yaml.md 8.4). */
  dependencies: string[] | null;
  retry: Retry | null;
  timeoutSeconds: number | null;
  /** RE2 source without its slashes. */
  coverage: string | null;
  release: Record<string, unknown> | null;
  idTokens: Record<string, { aud: string | string[] }>;
  secrets: Record<string, unknown> | null;
  pages: Record<string, unknown> | boolean | null;
  inputs: Record<string, unknown> | null;
  identity: string | null;
  dastConfiguration: Record<string, unknown> | null;
}

export interface BridgeConfig extends ProcessableConfig {
  type: 'bridge';
  /** null for a bridge that only mirrors another pipeline through `needs: {pipeline}`. */
  trigger: Trigger | null;
  /** Path of the project whose pipeline this bridge mirrors (`needs: {pipeline}`, ci-yaml.md 8.1); unexpanded. */
  upstream: string | null;
}

export interface CompiledConfig {
  /** All stages, `.pre` first and `.post` last; only those that hold a job are created. */
  stages: string[];
  workflow: {
    /** Unexpanded. */
    name: string | null;
    /** null: no `workflow:rules`. */
    rules: Rule[] | null;
    autoCancel: AutoCancel;
  };
  variables: Record<string, RootVariable>;
  /** In file order, `parallel` and matrix expanded, hidden jobs left out. */
  jobs: (JobConfig | BridgeConfig)[];
  includes: IncludedFile[];
  warnings: ConfigMessage[];
}

export type CompileResult =
  | { ok: true; config: CompiledConfig; mergedYaml: string }
  /** Every structural error, or the first logical one (ci-yaml.md 1). `includes` as far as they were read. */
  | {
      ok: false;
      errors: ConfigMessage[];
      warnings: ConfigMessage[];
      includes: IncludedFile[];
      mergedYaml: string | null;
    };
