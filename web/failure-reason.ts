/** Why a job failed, as a person says it, and what to do about it (jobs-api 8). */
const REASONS: Readonly<Record<string, readonly [words: string, advice: string]>> = {
  script_failure: ['The script failed', 'The last lines of the log say which command failed.'],
  stuck_or_timeout_failure: [
    'No runner took it in time, or its runner fell silent',
    'Check that a runner for its tags is online, then try again.',
  ],
  job_execution_timeout: [
    'It ran longer than its timeout',
    'Make it faster, or give it more time with `timeout:` in the job or in the project settings.',
  ],
  job_execution_server_timeout: [
    'It ran longer than its timeout',
    'Look at the runner, or give the job more time with `timeout:`.',
  ],
  runner_system_failure: [
    'The runner could not run it',
    'Try again; if it happens again, look at the runner and its log.',
  ],
  runner_unsupported: [
    'The runner lacks something that it asks for',
    'Update the runner, or use another one.',
  ],
  missing_dependency_failure: [
    'Artifacts that it depends on are gone',
    'Retry the jobs they come from; make them live longer with `artifacts:expire_in`.',
  ],
  unmet_prerequisites: ['Something that it needs could not be prepared', 'Retry the jobs it needs first.'],
  api_failure: ['The runner lost the server', 'Try again.'],
  scheduler_failure: ['It could not be given to a runner', 'Try again.'],
  image_pull_failure: [
    'Its image could not be pulled',
    'Check the name of `image:` and the access to its registry.',
  ],
  data_integrity_failure: ['Its data are damaged', 'Run a new pipeline; the log of the server has more.'],
  forward_deployment_failure: [
    'A newer deployment came first',
    'Retry the newest one, or let older ones deploy in the project settings.',
  ],
  environment_creation_failure: [
    'Its environment could not be made',
    'Check `environment:name` for variables that are empty and characters that names may not have.',
  ],
  protected_environment_failure: ['Its environment is protected', 'Ask somebody who may.'],
  archived_failure: ['It is too old to be run', 'Run a new pipeline.'],
  downstream_bridge_project_not_found: [
    'The other project was not found',
    'Check the path in `trigger:project`.',
  ],
  downstream_pipeline_creation_failed: [
    'The downstream pipeline could not be made',
    'Lint the configuration of the other project.',
  ],
  insufficient_bridge_permissions: [
    'Its user may not start a pipeline there',
    'Its user needs the role of a developer there.',
  ],
  insufficient_upstream_permissions: [
    'Its user may not read the upstream pipeline',
    'Its user needs a role there.',
  ],
  invalid_bridge_trigger: [
    'What it should start is not said rightly',
    'Check `trigger:` in the configuration.',
  ],
  upstream_bridge_project_not_found: [
    'The upstream project was not found',
    'Check the path in `needs:pipeline`.',
  ],
  bridge_pipeline_is_child_pipeline: [
    'A child pipeline may not start this',
    'Start it from the parent pipeline.',
  ],
  reached_max_descendant_pipelines_depth: [
    'Too many pipelines below each other',
    'Start fewer pipelines from pipelines.',
  ],
  reached_max_pipeline_hierarchy_size: [
    'Too many pipelines in one family',
    'Start fewer pipelines from pipelines.',
  ],
  trace_size_exceeded: [
    'Its log grew too large',
    'Print less, or write it to a file and keep that as an artifact.',
  ],
  user_blocked: ['Its user is blocked', 'Run it as another user.'],
  project_deleted: ['Its project is being deleted', ''],
  unknown_failure: ['It failed, and the runner did not say why', 'Look at the end of the log.'],
  stuck_pending_with_matching_runners: [
    'It waited too long for a runner that was busy',
    'Add a runner, or let the ones there are do more at once.',
  ],
  stuck_pending_no_matching_runners: [
    'No runner was there that could take it',
    'Register a runner with its tags, or change the tags of the job.',
  ],
  no_updates_running: [
    'Its runner fell silent while it ran',
    'Check that the runner is up and reaches this server, then try again.',
  ],
  no_updates_canceling: [
    'Its runner fell silent while it was being cancelled',
    'Check that the runner is up and reaches this server.',
  ],
  runner_configuration_error: [
    'The runner cannot do what the configuration asks for',
    'Compare the job with the configuration of the runner.',
  ],
  runner_external_dependency_failure: [
    'Something that the runner depends on failed',
    'Try again in a while.',
  ],
  runner_interrupted: ['The runner was stopped while the job ran', 'Try again.'],
  stale_schedule: ['Its time passed before it could start', 'Try again.'],
  builds_disabled: ['CI/CD is switched off in the project', 'Switch it on in the settings.'],
  failed_outdated_deployment_job: [
    'A newer deployment was there already',
    'Retry the newest one, or let older ones deploy in the project settings.',
  ],
  deployment_rejected: ['The deployment was rejected', 'Ask who rejected it.'],
  job_token_expired: ['Its token ran out', 'Try again, with a shorter job or more time.'],
};

export function failureWords(reason: string): string {
  return REASONS[reason]?.[0] ?? reason.replaceAll('_', ' ');
}

/** What to do next; '' where nothing helps but looking at the log. */
export function failureAdvice(reason: string): string {
  return REASONS[reason]?.[1] ?? '';
}
