import type { Retry } from '../compiled.ts';
import type { YamlValue } from '../yaml-value.ts';
import { allOf, type Check, firstOf, integerOrList, oneOf, stringOrList } from './check.ts';
import type { Entry } from './entry.ts';
import { allowKeys, checkAttributes, checkConfig } from './keys.ts';
import { integers, texts } from './value.ts';

const MAX = 2;

/** Every failure reason a rule may name, and `always` (ci-yaml 12.1, 26.2). */
const REASONS = [
  ...['always', 'unknown_failure', 'script_failure', 'api_failure', 'stuck_or_timeout_failure'],
  ...['runner_system_failure', 'missing_dependency_failure', 'runner_unsupported', 'stale_schedule'],
  ...['job_execution_timeout', 'archived_failure', 'unmet_prerequisites', 'scheduler_failure'],
  ...['data_integrity_failure', 'forward_deployment_failure', 'user_blocked', 'project_deleted'],
  ...['ci_quota_exceeded', 'pipeline_loop_detected', 'no_matching_runner', 'trace_size_exceeded'],
  ...['builds_disabled', 'environment_creation_failure', 'deployment_rejected'],
  ...['failed_outdated_deployment_job', 'job_execution_server_timeout', 'protected_environment_failure'],
  ...['insufficient_bridge_permissions', 'downstream_bridge_project_not_found', 'invalid_bridge_trigger'],
  ...['upstream_bridge_project_not_found', 'insufficient_upstream_permissions'],
  ...['bridge_pipeline_is_child_pipeline', 'downstream_pipeline_creation_failed'],
  ...['secrets_provider_not_found', 'reached_max_descendant_pipelines_depth', 'ip_restriction_failure'],
  ...['reached_max_pipeline_hierarchy_size', 'reached_downstream_pipeline_trigger_rate_limit'],
];

const attempts: Check = (value) => {
  if (!Number.isInteger(value)) return 'must be an integer';
  if ((value as number) < 0) return 'must be greater than or equal to 0';
  return (value as number) > MAX ? `must be less than or equal to ${MAX}` : null;
};

const reasons: Check = (value: YamlValue) =>
  typeof value === 'string'
    ? oneOf(REASONS, 'is not included in the list')(value)
    : firstOf(stringOrList, allOf(REASONS))(value);

/** `retry`: a number or a hash; its error texts name no path but `retry` (ci-yaml 12.1). */
export function readRetry(entry: Entry): Retry {
  if (Number.isInteger(entry.value)) {
    checkConfig(entry, attempts);
    return { max: entry.value as number, when: ['always'], exitCodes: [] };
  }
  if (!(entry.value instanceof Map)) {
    entry.error('config', 'has to be either an integer or a hash');
    return { max: 0, when: [], exitCodes: [] };
  }
  return readFullRetry(entry);
}

function readFullRetry(entry: Entry): Retry {
  allowKeys(entry, ['max', 'when', 'exit_codes']);
  checkAttributes(entry, { max: attempts, when: reasons, exit_codes: integerOrList });
  const exitCodes = integers(entry.get('exit_codes'));
  const when = entry.get('when') === null ? null : texts(entry.get('when'));
  return {
    max: integers(entry.get('max'))[0] ?? 0,
    when: when ?? (exitCodes.length > 0 ? [] : ['always']),
    exitCodes,
  };
}
