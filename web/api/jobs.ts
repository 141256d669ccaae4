import type { jobEntity } from '../../src/api/entities/job.ts';
import type { JobSurroundings } from '../../src/api/entities/related-jobs.ts';

/** A job as the API shows it. */
export type Job = ReturnType<typeof jobEntity>;

export type { JobSurroundings };

/** `…/waiting`: what a job waits for, and what keeps each runner from taking it. */
export interface Waiting {
  job_id: number;
  status: string;
  waits_for:
    | { kind: 'jobs'; jobs: { id: number; name: string; status: string }[] }
    | { kind: 'resource_group'; key: string | null; job_id: number | null }
    | { kind: 'time'; at: string }
    /** A runner was given it and has yet to accept it. */
    | { kind: 'acceptance'; runner_id: number; until: string }
    | { kind: 'user' | 'runner' | 'server' }
    | null;
  queued_at: string | null;
  position: number | null;
  runners: WaitingRunner[];
}

export interface WaitingRunner {
  id: number;
  description: string | null;
  runner_type: string;
  status: string;
  obstacles: { rule: string; tags?: string[]; status?: string }[];
  ahead: number | null;
}
