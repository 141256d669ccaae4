/** Why a job failed, as a person says it (jobs-api 5). */
const WORDS: Readonly<Record<string, string>> = {
  script_failure: 'The script failed',
  stuck_or_timeout_failure: 'No runner took it in time, or its runner fell silent',
  job_execution_timeout: 'It ran longer than its timeout',
  job_execution_server_timeout: 'It ran longer than its timeout',
  runner_system_failure: 'The runner could not run it',
  runner_unsupported: 'The runner lacks something that it asks for',
  missing_dependency_failure: 'Artifacts that it depends on are gone',
  unmet_prerequisites: 'Something that it needs could not be prepared',
  api_failure: 'The runner lost the server',
  scheduler_failure: 'It could not be given to a runner',
  image_pull_failure: 'Its image could not be pulled',
  data_integrity_failure: 'Its data are damaged',
  forward_deployment_failure: 'A newer deployment came first',
  environment_creation_failure: 'Its environment could not be made',
  protected_environment_failure: 'Its environment is protected',
  archived_failure: 'It is too old to be run',
  downstream_bridge_project_not_found: 'The other project was not found',
  downstream_pipeline_creation_failed: 'The downstream pipeline could not be made',
  insufficient_bridge_permissions: 'Its user may not start a pipeline there',
  insufficient_upstream_permissions: 'Its user may not read the upstream pipeline',
  invalid_bridge_trigger: 'What it should start is not said rightly',
  upstream_bridge_project_not_found: 'The upstream project was not found',
  bridge_pipeline_is_child_pipeline: 'A child pipeline may not start this',
  reached_max_descendant_pipelines_depth: 'Too many pipelines below each other',
  reached_max_pipeline_hierarchy_size: 'Too many pipelines in one family',
  trace_size_exceeded: 'Its log grew too large',
  user_blocked: 'Its user is blocked',
  project_deleted: 'Its project is being deleted',
  unknown_failure: 'Nobody knows why',
};

export function failureWords(reason: string): string {
  return WORDS[reason] ?? reason.replaceAll('_', ' ');
}
