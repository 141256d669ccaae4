/** Why a job failed, for people: what happened, and what to do. By GitLab's reasons (jobs-api 8). */
interface Explanation {
  text: string;
  advice: string;
}

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  script_failure: {
    text: 'The script ended with an error.',
    advice: 'The last lines of the log say which command failed.',
  },
  runner_system_failure: {
    text: 'The runner had a problem of its own.',
    advice: 'Try again; if it happens again, look at the runner and its log.',
  },
  job_execution_timeout: {
    text: 'It took longer than it may.',
    advice: 'Make it faster, or give it more time with `timeout:` in the job or in the project settings.',
  },
  job_execution_server_timeout: {
    text: 'It took longer than it may, and the runner did not end it.',
    advice: 'Look at the runner, or give the job more time with `timeout:`.',
  },
  stuck_or_timeout_failure: {
    text: 'Nothing was heard of it for too long.',
    advice: 'Check that a runner for its tags is online, then try again.',
  },
  stuck_pending_with_matching_runners: {
    text: 'It waited too long for a runner that was busy.',
    advice: 'Add a runner, or let the ones there are do more at once.',
  },
  stuck_pending_no_matching_runners: {
    text: 'No runner was there that could take it.',
    advice: 'Register a runner with its tags, or change the tags of the job.',
  },
  no_updates_running: {
    text: 'Its runner fell silent while it ran.',
    advice: 'Check that the runner is up and reaches this server, then try again.',
  },
  no_updates_canceling: {
    text: 'Its runner fell silent while it was being cancelled.',
    advice: 'Check that the runner is up and reaches this server.',
  },
  missing_dependency_failure: {
    text: 'Artifacts that it needs are gone.',
    advice: 'Retry the jobs they come from; make them live longer with `artifacts:expire_in`.',
  },
  unmet_prerequisites: {
    text: 'Something it needs was not there.',
    advice: 'Retry the jobs it needs first.',
  },
  runner_unsupported: {
    text: 'The runner is too old for what the job asks for.',
    advice: 'Update the runner, or use another one.',
  },
  image_pull_failure: {
    text: 'The image could not be pulled.',
    advice: 'Check the name of `image:` and the access to its registry.',
  },
  runner_configuration_error: {
    text: 'The runner cannot do what the configuration asks for.',
    advice: 'Compare the job with the configuration of the runner.',
  },
  runner_external_dependency_failure: {
    text: 'Something that the runner depends on failed.',
    advice: 'Try again in a while.',
  },
  runner_interrupted: { text: 'The runner was stopped while the job ran.', advice: 'Try again.' },
  trace_size_exceeded: {
    text: 'It printed more than a log may hold.',
    advice: 'Print less, or write it to a file and keep that as an artifact.',
  },
  archived_failure: { text: 'It is too old to be run.', advice: 'Run a new pipeline.' },
  stale_schedule: { text: 'Its time passed before it could start.', advice: 'Try again.' },
  scheduler_failure: { text: 'The server could not put it in the queue.', advice: 'Try again.' },
  data_integrity_failure: {
    text: 'What the server knows of the job does not agree.',
    advice: 'Run a new pipeline; the log of the server has more.',
  },
  api_failure: { text: 'A call of the runner failed.', advice: 'Try again.' },
  user_blocked: {
    text: 'The user whose job it is may not run jobs any more.',
    advice: 'Run it as another user.',
  },
  project_deleted: { text: 'The project was deleted.', advice: '' },
  builds_disabled: { text: 'CI/CD is switched off in the project.', advice: 'Switch it on in the settings.' },
  environment_creation_failure: {
    text: 'Its environment could not be made.',
    advice: 'Check `environment:name` for variables that are empty and characters that names may not have.',
  },
  failed_outdated_deployment_job: {
    text: 'A newer deployment was there already.',
    advice: 'Retry the newest one, or let older ones deploy in the project settings.',
  },
  forward_deployment_failure: {
    text: 'A newer deployment was there already.',
    advice: 'Retry the newest one, or let older ones deploy in the project settings.',
  },
  deployment_rejected: { text: 'The deployment was rejected.', advice: 'Ask who rejected it.' },
  protected_environment_failure: {
    text: 'Its user may not deploy to the environment.',
    advice: 'Ask somebody who may.',
  },
  job_token_expired: { text: 'Its token ran out.', advice: 'Try again, with a shorter job or more time.' },
  unknown_failure: {
    text: 'It failed, and the runner did not say why.',
    advice: 'Look at the end of the log.',
  },
};

/** What a failure reason means and what to do; a reason that is not known here is shown as it is. */
export function explain(reason: string, exitCode: number | null): Explanation {
  const known = EXPLANATIONS[reason] ?? { text: `It failed: ${reason.replaceAll('_', ' ')}.`, advice: '' };
  if (reason !== 'script_failure' || exitCode === null) return known;
  return { ...known, text: `The script ended with exit code ${exitCode}.` };
}
