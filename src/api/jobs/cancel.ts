import { cancelJob } from '../../pipeline/cancel.ts';
import { may } from '../../project/authorize.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { route } from '../route.ts';
import { actedOn, JOB_INPUT, jobAnswer, requireJob } from './find-job.ts';

/** POST /projects/:id/jobs/:job_id/cancel: 201 whatever it changed (jobs-api 4.8). */
export const cancel = route({
  method: 'POST',
  path: '/api/v4/projects/:id/jobs/:job_id/cancel',
  access: { by: 'user' },
  input: { ...JOB_INPUT, force: { type: 'boolean', default: false } },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, viewer } = await requireProject(call, params.id, 'cancel_build');
    const job = await requireJob(call, project, params.job_id);
    const on = await actedOn(call, project, job);
    if (!may(viewer, 'cancel_build', on)) throw refuse.forbidden();
    if (params.force && !may(viewer, 'force_cancel_build', on)) throw refuse.forbidden();
    await rooms.db.transaction((tx) => cancelJob(tx, job.id, { force: params.force }, now));
    return jobAnswer(call, project, job.id, 201);
  },
});
