import { hash } from 'node:crypto';
import type { JobRow } from '../../pipeline/job-lookup.ts';
import type { Project } from '../../project/project.ts';
import type { RunnerType } from '../../queue/match.ts';
import type { JobInfo } from '../protocol.ts';

/** Running jobs of a project are counted exactly up to here; it serves as a label of measurements. */
const COUNTED_EXACTLY = 5;

export interface JobInfoFacts {
  job: JobRow;
  stage: string;
  project: Project;
  rootNamespaceId: number;
  runnerType: RunnerType;
  /** Jobs of the project on instance runners, this one included once it runs. */
  runningOnInstance: number;
  queueSize: number;
  queueDepth: number;
  baseUrl: string;
}

/** `job_info` (runner-api 3). */
export function jobInfoOf(facts: JobInfoFacts): JobInfo {
  const { job, project, baseUrl } = facts;
  return {
    id: job.id,
    name: job.name,
    stage: facts.stage,
    pipeline_id: job.pipelineId,
    project_id: project.id,
    project_name: project.path,
    project_full_path: project.fullPath,
    namespace_id: project.namespaceId,
    root_namespace_id: facts.rootNamespaceId,
    organization_id: 1,
    ...instanceOf(baseUrl),
    user_id: job.userId,
    scoped_user_id: null,
    time_in_queue_seconds: Math.max(0, (job.startedAt ?? 0) - (job.queuedAt ?? job.startedAt ?? 0)) / 1000,
    project_jobs_running_on_instance_runners_count: runningBefore(facts),
    queue_size: facts.queueSize,
    queue_depth: facts.queueDepth,
  };
}

function runningBefore({ job, runnerType, runningOnInstance }: JobInfoFacts): string {
  if (runnerType !== 'instance_type') return '+Inf';
  const before = Math.max(0, job.status === 'running' ? runningOnInstance - 1 : runningOnInstance);
  return before >= COUNTED_EXACTLY ? `${COUNTED_EXACTLY}+` : String(before);
}

let lastInstance = { baseUrl: '', instance_id: '', instance_uuid: '' };

/** An instance is known by its address: the same text for as long as that stays. */
function instanceOf(baseUrl: string): Pick<JobInfo, 'instance_id' | 'instance_uuid'> {
  if (lastInstance.baseUrl !== baseUrl) {
    const hex = hash('sha256', `uuid ${baseUrl}`);
    lastInstance = {
      baseUrl,
      instance_id: hash('sha256', `instance ${baseUrl}`, 'base64url').slice(0, 22),
      instance_uuid: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    };
  }
  const { instance_id, instance_uuid } = lastInstance;
  return { instance_id, instance_uuid };
}
