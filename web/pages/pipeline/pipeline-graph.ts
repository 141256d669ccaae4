import type { commitEntity } from '../../../src/api/entities/commit.ts';
import type { pipelineWithMetadata } from '../../../src/api/entities/pipeline.ts';
import type { graphJob } from '../../../src/api/entities/pipeline-graph.ts';
import { shownStatus } from '../../status.tsx';

export type GraphJob = ReturnType<typeof graphJob>;

/** The answer of `GET …/pipelines/:id/graph`. */
export interface PipelineGraph {
  pipeline: ReturnType<typeof pipelineWithMetadata>;
  commit: ReturnType<typeof commitEntity> | null;
  upstream: { id: number; project_path: string } | null;
  stages: { name: string; status: string }[];
  jobs: GraphJob[];
  abilities: string[];
}

/** Jobs that `parallel` made of one, or a job alone. */
export interface Group {
  /** Unique in the pipeline. */
  name: string;
  jobs: GraphJob[];
  /** What its jobs add up to: the status that asks most for attention. */
  status: string;
}

export interface Stage {
  name: string;
  status: string;
  groups: Group[];
}

/** Statuses of a group, the one to be shown first. */
const ATTENTION = [
  'failed',
  'running',
  'canceling',
  'pending',
  'preparing',
  'waiting_for_resource',
  'waiting_for_callback',
  'scheduled',
  'manual',
  'allowed_failure',
  'created',
  'canceled',
  'success',
  'skipped',
];

/** The name without what `parallel` adds: `unit 3/5`, `compile: [debian, amd64]`. */
export function groupName(job: string): string {
  return /^(.+?)(?: \d+\/\d+|: \[.*\])$/.exec(job)?.[1] ?? job;
}

/** What a job is called inside its group. */
export function nameInGroup(job: string): string {
  return job.slice(groupName(job).length).replace(/^:? /, '') || job;
}

/** The jobs of a pipeline by stage, parallel ones together. */
export function stagesOf({ stages, jobs }: PipelineGraph): Stage[] {
  const byStage = new Map(
    stages.map(({ name, status }) => [name, { name, status, groups: new Map<string, GraphJob[]>() }]),
  );
  for (const job of jobs) {
    const groups = byStage.get(job.stage)?.groups;
    const name = groupName(job.name);
    const group = groups?.get(name);
    if (group === undefined) groups?.set(name, [job]);
    else group.push(job);
  }
  return [...byStage.values()].map(({ name, status, groups }) => ({
    name,
    status,
    groups: [...groups].map(([group, members]) => ({
      name: members.length === 1 ? members[0]!.name : group,
      jobs: members,
      status: statusOf(members),
    })),
  }));
}

function statusOf(jobs: readonly GraphJob[]): string {
  const present = new Set(jobs.map((job) => shownStatus(job.status, job.allow_failure)));
  return ATTENTION.find((status) => present.has(status)) ?? jobs[0]!.status;
}

/** Milliseconds at which a job ended, or `now` while it runs; null before it began. */
function endOf(job: GraphJob, now: number): number | null {
  if (job.finished_at !== null) return Date.parse(job.finished_at);
  return job.started_at === null ? null : now;
}

/**
 * The chain of jobs that the pipeline's duration hangs on: from the one that ended last, each time to the one that it had
 * to wait for longest. First to last; empty while nothing has begun.
 */
export function criticalPath({ stages, jobs }: PipelineGraph, now: number): GraphJob[] {
  const begun = jobs.filter((job) => job.started_at !== null);
  const byName = new Map(begun.map((job) => [job.name, job]));
  const stageIndex = new Map(stages.map(({ name }, index) => [name, index]));
  const byStage: GraphJob[][] = stages.map(() => []);
  for (const job of begun) byStage[stageIndex.get(job.stage) ?? 0]?.push(job);
  const latest = (candidates: readonly GraphJob[]) =>
    candidates.reduce<GraphJob | null>(
      (best, job) => (best === null || (endOf(job, now) ?? 0) > (endOf(best, now) ?? 0) ? job : best),
      null,
    );
  const lastOfStage = byStage.map(latest);
  const path: GraphJob[] = [];
  let job = latest(begun);
  while (job !== null) {
    path.unshift(job);
    const index: number = stageIndex.get(job.stage) ?? 0;
    const before: (GraphJob | null | undefined)[] =
      job.needs === null ? lastOfStage.slice(0, index) : job.needs.map((name) => byName.get(name));
    job = latest(before.filter((one) => one !== null && one !== undefined));
    if (job !== null && path.includes(job)) break;
  }
  return path;
}

/** Seconds that a job has run. */
export function secondsOf(job: GraphJob, now: number): number | null {
  const end = endOf(job, now);
  return end === null || job.started_at === null ? null : (end - Date.parse(job.started_at)) / 1000;
}
