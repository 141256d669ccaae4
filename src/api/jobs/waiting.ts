import { isHandedOut } from '../../pipeline/hand-out.ts';
import { definitionById } from '../../pipeline/job-definition.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';
import { placeOfJobs } from '../../pipeline/queue-place.ts';
import { jobsAhead } from '../../queue/line.ts';
import { type Obstacle, obstaclesOf } from '../../runner/obstacles.ts';
import { factsOf, runnerOfRow } from '../../runner/runner.ts';
import { runnerStatus } from '../../runner/status.ts';
import { isoTime } from '../entities/time.ts';
import { requireProject } from '../find-project.ts';
import { blockersOf, resourceOf, runnersMeant } from '../read/waiting.ts';
import { type Call, json, route } from '../route.ts';
import { JOB_INPUT, requireJob } from './find-job.ts';

/** Runners and jobs that are named in one answer. */
const MAX_NAMED = 100;

/**
 * GET /projects/:id/jobs/:job_id/waiting, for developers; ours, not GitLab's: what a job waits for, and for each runner
 * that could be meant what keeps it from taking it. `position` is the job's place with the runner that would reach it
 * first, from 1; null while no runner fits or the job does not wait for one.
 */
export const showWaiting = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id/waiting',
  access: { by: 'user' },
  input: JOB_INPUT,
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'update_build');
    const job = await requireJob(call, project, call.params.job_id, ['build', 'bridge']);
    const queued = job.status === 'pending' && job.type === 'build' && !isHandedOut(job);
    const runners = queued ? await runnersFor(call, job) : [];
    const ahead = runners.flatMap(({ ahead }) => (ahead === null ? [] : [ahead]));
    return json({
      job_id: job.id,
      status: job.status,
      waits_for: await waitsFor(call, job),
      queued_at: isoTime(job.queuedAt),
      position: ahead.length === 0 ? null : Math.min(...ahead) + 1,
      runners,
    });
  },
});

/** One thing at a time; null for a job that waits for nothing. */
async function waitsFor({ rooms }: Pick<Call, 'rooms'>, job: JobRow): Promise<unknown> {
  const { read } = rooms.db;
  switch (job.status) {
    case 'created':
      return { kind: 'jobs', jobs: await blockersOf(read, job, MAX_NAMED) };
    case 'waiting_for_resource': {
      const group = job.resourceGroupId === null ? null : await resourceOf(read, job.resourceGroupId);
      return { kind: 'resource_group', key: group?.key ?? null, job_id: group?.jobId ?? null };
    }
    case 'manual':
      return { kind: 'user' };
    case 'scheduled':
      return { kind: 'time', at: isoTime(job.scheduledAt) };
    case 'pending':
      if (job.type !== 'build') return { kind: 'server' };
      // Until its runner accepts it; from the time on it waits for any runner again.
      if (isHandedOut(job))
        return { kind: 'acceptance', runner_id: job.runnerId, until: isoTime(job.deadlineAt) };
      return { kind: 'runner' };
    default:
      return null;
  }
}

interface RunnerForJob {
  id: number;
  description: string | null;
  runner_type: string;
  status: string;
  /** What keeps it from taking the job; empty when its next request may bring it. */
  obstacles: Obstacle[];
  /** Waiting jobs that it would take first, counted up to 1,000; null when it would not take this one at all. */
  ahead: number | null;
}

async function runnersFor({ rooms, now }: Pick<Call, 'rooms' | 'now'>, job: JobRow): Promise<RunnerForJob[]> {
  const { read } = rooms.db;
  const place = await placeOfJobs(read, job.projectId);
  const definition = await definitionById(read, job.definitionId);
  if (place === null || definition.type !== 'build') return [];
  const waiting = { ...place, protected: job.protected, tags: definition.tagList };
  const runners: RunnerForJob[] = [];
  for (const row of await runnersMeant(read, place, MAX_NAMED)) {
    const runner = runnerOfRow(row);
    const facts = await factsOf(read, runner);
    const status = runnerStatus(runner, now);
    runners.push({
      id: runner.id,
      description: runner.description,
      runner_type: runner.type,
      status,
      obstacles: obstaclesOf(facts, status, waiting),
      ahead: await jobsAhead(read, facts, job.id),
    });
  }
  return runners;
}
