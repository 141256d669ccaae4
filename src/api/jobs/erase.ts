import { eraseJob } from '../../pipeline/erase.ts';
import { may } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { route } from '../route.ts';
import { actedOn, JOB_INPUT, jobAnswer, requireJob } from './find-job.ts';

/** POST /projects/:id/jobs/:job_id/erase (jobs-api 4.10). */
export const erase = route({
  method: 'POST',
  path: '/api/v4/projects/:id/jobs/:job_id/erase',
  access: { by: 'user' },
  input: JOB_INPUT,
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, viewer } = await requireProject(call, params.id);
    const job = await requireJob(call, project, params.job_id);
    if (!may(viewer, 'erase_build', await actedOn(call, project, job))) throw refuse.forbidden();
    const userId = userOf(call.caller)!.id;
    const result = await rooms.db.transaction((tx) => eraseJob(tx, rooms.traces, job.id, { userId }, now));
    if (result.ok) return jobAnswer(call, project, job.id, 201);
    throw result.reason === 'not_found' ? refuse.recordNotFound() : refuse.forbidden('Job is not erasable!');
  },
});
