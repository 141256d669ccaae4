import type { Reading } from '../db/transaction.ts';
import type { JobSnapshot } from './process.ts';
import { selectJob, selectJobs, selectLatestJobs } from './queries/job-rows.ts';
import type { Status } from './status.ts';

/** One attempt of a job or bridge as it is stored. Times are milliseconds; GitLab's names in camel case. */
export interface JobRow {
  id: number;
  /** `external`: what another system reports of the commit (`commit-status.ts`). */
  type: 'build' | 'bridge' | 'external';
  projectId: number;
  pipelineId: number;
  stageId: number;
  definitionId: number;
  name: string;
  stageIndex: number;
  status: Status;
  when: JobSnapshot['when'];
  allowFailure: boolean;
  schedulingType: JobSnapshot['schedulingType'];
  ref: string;
  tag: boolean;
  protected: boolean;
  interruptible: boolean;
  enqueueImmediately: boolean;
  userId: number | null;
  runnerId: number | null;
  runnerManagerId: number | null;
  /** A newer attempt replaced this one. */
  retried: boolean;
  /** SHA-256 of the job token while the job holds one. */
  tokenDigest: string | null;
  timeoutSeconds: number | null;
  failureReason: string | null;
  exitCode: number | null;
  coverage: number | null;
  debug: boolean;
  environment: string | null;
  resourceGroupId: number | null;
  autoCanceledById: number | null;
  erasedById: number | null;
  artifactsExpireAt: number | null;
  scheduledAt: number | null;
  createdAt: number;
  updatedAt: number;
  queuedAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  erasedAt: number | null;
  deadlineAt: number | null;
}

/** The attempt with this id, or null. */
export function jobById(reading: Reading, id: number): Promise<JobRow | null> {
  return selectJob(reading, id);
}

/** Those of the attempts that exist, by id. */
export function jobsByIds(reading: Reading, ids: readonly number[]): Promise<JobRow[]> {
  return selectJobs(reading, ids);
}

/** The latest attempts of a pipeline, by id. */
export function latestJobs(reading: Reading, pipelineId: number): Promise<JobRow[]> {
  return selectLatestJobs(reading, pipelineId);
}
