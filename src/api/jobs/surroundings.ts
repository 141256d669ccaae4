import { isErasable } from '../../pipeline/erase.ts';
import { definitionById } from '../../pipeline/job-definition.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';
import { isPlayable } from '../../pipeline/play.ts';
import { isRetryable } from '../../pipeline/retry.ts';
import { CANCELABLE } from '../../pipeline/status.ts';
import { may, type Viewer } from '../../project/authorize.ts';
import type { Project } from '../../project/project.ts';
import { userById } from '../../project/user.ts';
import { type JobAbility, type JobSurroundings, relatedJob } from '../entities/related-jobs.ts';
import { isoTime } from '../entities/time.ts';
import { requireProject } from '../find-project.ts';
import { attemptsOf, needsOf, neighboursOf } from '../read/related-jobs.ts';
import { type Call, json, route } from '../route.ts';
import { actedOn, JOB_INPUT, requireJob } from './find-job.ts';
import { asksForDebug } from './trace.ts';

/**
 * GET /projects/:id/jobs/:job_id/surroundings; ours, not GitLab's: what a page about a job shows beside the job: its attempts, what
 * it needs, its neighbours in the stage, and what the caller may do with it now.
 */
export const showSurroundings = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id/surroundings',
  access: { by: 'user' },
  input: JOB_INPUT,
  async handle(call) {
    const { params, rooms } = call;
    const { read } = rooms.db;
    const { project, viewer } = await requireProject(call, params.id, 'read_build');
    const job = await requireJob(call, project, params.job_id);
    const definition = await definitionById(read, job.definitionId);
    const { previous, next } = await neighboursOf(read, job);
    const erasedBy = job.erasedById === null ? null : await userById(read, job.erasedById);
    const needs = await needsOf(read, job);
    const body: JobSurroundings = {
      attempts: (await attemptsOf(read, job)).map(relatedJob),
      needs: needs === null ? null : needs.map(relatedJob),
      previous: previous === null ? null : relatedJob(previous),
      next: next === null ? null : relatedJob(next),
      when: job.when,
      manual_confirmation: definition.manualConfirmation ?? null,
      scheduled_at: isoTime(job.scheduledAt),
      exit_code: job.exitCode,
      timeout: job.timeoutSeconds,
      environment: job.environment,
      erased_by: erasedBy?.username ?? null,
      abilities: await abilitiesOf(call, project, viewer, job),
    };
    return json(body);
  },
});

async function abilitiesOf(
  call: Pick<Call, 'rooms' | 'now'>,
  project: Project,
  viewer: Viewer,
  job: JobRow,
): Promise<JobAbility[]> {
  const on = await actedOn(call, project, job);
  const debug = job.debug || (await asksForDebug(call, job));
  const waits = job.status === 'manual' || job.status === 'scheduled';
  const able: Record<JobAbility, boolean> = {
    read_trace: may(viewer, 'read_build_trace', { ...on, debug }),
    play: waits && isPlayable(job) && may(viewer, 'play_job', on),
    set_variables: may(viewer, 'set_pipeline_variables'),
    retry: isRetryable(job) && may(viewer, 'retry_job', on),
    cancel: CANCELABLE.has(job.status) && may(viewer, 'cancel_build', on),
    force_cancel: job.status === 'canceling' && may(viewer, 'force_cancel_build', on),
    erase: may(viewer, 'erase_build', on) && (await isErasable(call.rooms.db.read, job)),
    keep_artifacts: may(viewer, 'keep_job_artifacts', on),
    read_waiting: may(viewer, 'update_build'),
  };
  return (Object.keys(able) as JobAbility[]).filter((ability) => able[ability]);
}
