import type { Status } from '../status.ts';

/** The latest attempt of a job or bridge, with what processing asks about it (ci-yaml 20). */
export interface JobSnapshot {
  id: number;
  name: string;
  /** Position of its stage. */
  stageIndex: number;
  status: Status;
  when: 'on_success' | 'on_failure' | 'always' | 'manual' | 'delayed';
  allowFailure: boolean;
  schedulingType: 'stage' | 'dag';
  /** Names of needed jobs; those that are not in the pipeline are optional and do not count. */
  needs: readonly string[];
  /** Id of its resource group. */
  resourceGroup: number | null;
  /** A user retried it: a manual or delayed job does not wait for its user or time again. */
  enqueueImmediately: boolean;
  /** It names an environment. */
  environment?: boolean;
}

/** Everything a processing pass looks at. */
export interface PipelineSnapshot {
  status: Status;
  /** By position; only stages that hold a job. */
  stages: readonly { index: number; status: Status }[];
  jobs: readonly JobSnapshot[];
}

/** A job that is no longer what it was. */
export interface JobChange {
  id: number;
  from: Status;
  to: Status;
  resourceGroup: number | null;
}

/** What became of a pipeline since its changes were last taken; unchanged things are absent or null. */
export interface Changes {
  /** By id. */
  jobs: JobChange[];
  stages: { index: number; status: Status }[];
  pipeline: Status | null;
  /** Whether every job whose turn has come was decided; if not, there is more to do at once. */
  settled: boolean;
}
