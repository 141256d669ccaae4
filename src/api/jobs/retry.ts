import { retryJob } from '../../pipeline/retry.ts';
import { may } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { route } from '../route.ts';
import { actedOn, JOB_INPUT, jobAnswer, requireJob } from './find-job.ts';

/** POST /projects/:id/jobs/:job_id/retry: 201 with the new attempt, of bridges too (jobs-api 4.9). */
export const retry = route({
  method: 'POST',
  path: '/api/v4/projects/:id/jobs/:job_id/retry',
  access: { by: 'user' },
  input: {
    ...JOB_INPUT,
    job_inputs: { type: 'hash' },
    /** The name that the parameter had before 18.10 (rest-resources 13). */
    inputs: { type: 'hash' },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, viewer } = await requireProject(call, params.id);
    const job = await requireJob(call, project, params.job_id, ['build', 'bridge']);
    if (!may(viewer, 'retry_job', await actedOn(call, project, job))) throw refuse.forbidden();
    const request = { userId: userOf(call.caller)!.id, inputs: params.job_inputs ?? params.inputs ?? {} };
    const result = await rooms.db.transaction((tx) => retryJob(tx, rooms.encryption, job.id, request, now));
    if (result.ok) return jobAnswer(call, project, result.job.id, 201);
    if (result.reason === 'not_found') throw refuse.recordNotFound();
    if (result.reason === 'bad_inputs') throw refuse.badRequest(result.text);
    throw refuse.forbidden('Job is not retryable');
  },
});
