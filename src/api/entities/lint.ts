import type {
  BridgeConfig,
  ConfigMessage,
  IncludedFile,
  JobConfig,
  RefPolicy,
} from '../../config/compiled.ts';
import type { PlannedJob } from '../../pipeline/create.ts';
import type { LintedJobs, LintResult } from '../../pipeline/lint.ts';

/** Warnings that an answer shows at most (rest-resources 8). */
const MAX_WARNINGS = 25;

/** What lint says, in GitLab's key order (rest-resources 8); `messages` is ours: the same texts with their places. */
export function lintEntity(result: LintResult, includeJobs: boolean) {
  const { errors, mergedYaml, includes } = result;
  const warnings = result.warnings.slice(0, MAX_WARNINGS);
  return {
    valid: errors.length === 0,
    errors: errors.map(({ message }) => message),
    warnings: warnings.map(({ message }) => message),
    merged_yaml: mergedYaml,
    includes: includes?.map(includeEntity) ?? null,
    ...(includeJobs ? { jobs: jobEntities(result.jobs) } : {}),
    messages: [...errors, ...warnings].map(messageEntity),
  };
}

function includeEntity(include: IncludedFile) {
  const { type, location, blob, raw, extra, contextProject, contextSha } = include;
  return { type, location, blob, raw, extra, context_project: contextProject, context_sha: contextSha };
}

function messageEntity({ severity, message, path, position }: ConfigMessage) {
  return {
    severity,
    message,
    path: path ?? null,
    file: position?.file ?? null,
    line: position?.line ?? null,
    column: position?.column ?? null,
  };
}

function jobEntities(jobs: LintedJobs) {
  switch (jobs.kind) {
    case 'none':
      return [];
    case 'static':
      return jobs.config.jobs.toSorted((a, b) => a.stageIndex - b.stageIndex).map(staticJob);
    case 'dry_run':
      return jobs.jobs.map(plannedJob);
  }
}

function staticJob(job: JobConfig | BridgeConfig) {
  return {
    ...jobStart(job),
    tag_list: job.type === 'build' ? job.tags : [],
    only: policyEntity(job.only),
    except: policyEntity(job.except),
    environment: job.environment?.name ?? null,
    when: job.when,
    allow_failure: job.allowFailure,
    needs: job.needs?.map(({ name, artifacts, optional }) => ({ name, artifacts, optional })) ?? null,
  };
}

function plannedJob({ config, definition, environment, when, allowFailure }: PlannedJob) {
  return {
    ...jobStart(config),
    tag_list: definition.type === 'build' ? definition.tagList : [],
    environment,
    when,
    allow_failure: allowFailure,
  };
}

function jobStart(job: JobConfig | BridgeConfig) {
  const { before, script, after } =
    job.type === 'build'
      ? { before: job.beforeScript, script: job.script, after: job.afterScript }
      : { before: [], script: [], after: [] };
  return { name: job.name, stage: job.stage, before_script: before, script, after_script: after };
}

/** Only what was given, or stands for it. */
function policyEntity(policy: RefPolicy | null): Partial<RefPolicy> | null {
  if (policy === null) return null;
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== null));
}
