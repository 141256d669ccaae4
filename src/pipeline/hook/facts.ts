/** What a job looked like when it changed: all that changes later. Times in milliseconds. */
export interface JobMoment {
  id: number;
  status: string;
  startedAt: number | null;
  finishedAt: number | null;
  queuedAt: number | null;
  runnerId: number | null;
  failureReason: string | null;
  allowFailure: boolean;
}

export interface PipelineMoment {
  id: number;
  status: string;
  startedAt: number | null;
  finishedAt: number | null;
  /** Whole seconds. */
  duration: number | null;
}

export interface JobFacts {
  kind: 'job';
  job: JobMoment;
  pipeline: PipelineMoment;
}

export interface PipelineFacts {
  kind: 'pipeline';
  pipeline: PipelineMoment;
  /** Latest builds, in the order of ids. */
  builds: JobMoment[];
}

export interface PushFacts {
  kind: 'push';
  ref: string;
  before: string;
  after: string;
  userId: number;
}

/** What is noted in the transaction of a change; the rest of the body is read when it is sent. */
export type Facts = JobFacts | PipelineFacts | PushFacts;
