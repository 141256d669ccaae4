/** Why a job ended badly, as the final update says it (runner-api 4). */
export interface JobFailure {
  reason: 'script_failure' | 'runner_system_failure' | 'job_execution_timeout' | 'unknown_failure';
  exitCode?: number;
  /** Shown in the log after `ERROR: Job failed`. */
  message: string;
}

/** Stops the job where it stands; thrown by its steps, turned into the final update by `run-job.ts`. */
export class JobFailed extends Error {
  readonly failure: JobFailure;
  constructor(failure: JobFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A failure of this runner or of what it depends on, not of the job's script. */
export function systemFailure(message: string): JobFailed {
  return new JobFailed({ reason: 'runner_system_failure', message: `(system failure): ${message}` });
}
