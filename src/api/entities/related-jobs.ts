import type { RelatedJob } from '../read/related-jobs.ts';
import { isoTime } from './time.ts';

/** A job beside another one; ours. */
export function relatedJob({ id, type, name, status, allow_failure, created_at }: RelatedJob) {
  return { id, type, name, status, allow_failure: allow_failure === 1, created_at: isoTime(created_at) };
}

/** What a page about a job shows beside the job itself; ours. */
export interface JobSurroundings {
  /** Earlier and later attempts, the newest first, this one among them. */
  attempts: ReturnType<typeof relatedJob>[];
  /** Jobs it needs; null where it waits for the stages before it. */
  needs: ReturnType<typeof relatedJob>[] | null;
  previous: ReturnType<typeof relatedJob> | null;
  next: ReturnType<typeof relatedJob> | null;
  /** How it starts: `on_success`, `manual`, `delayed` … */
  when: string;
  /** What a user is asked before it starts, when it says so. */
  manual_confirmation: string | null;
  scheduled_at: string | null;
  exit_code: number | null;
  timeout: number | null;
  environment: string | null;
  erased_by: string | null;
  /** What the caller may do with it as it is now. */
  abilities: JobAbility[];
}

export type JobAbility =
  | 'read_trace'
  | 'play'
  | 'set_variables'
  | 'retry'
  | 'cancel'
  | 'force_cancel'
  | 'erase'
  | 'keep_artifacts'
  | 'read_waiting';
