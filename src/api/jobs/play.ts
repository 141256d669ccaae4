import { playJob } from '../../pipeline/play.ts';
import { may } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { route } from '../route.ts';
import { bridgesAnswer } from './bridges.ts';
import { actedOn, JOB_INPUT, jobAnswer, requireJob } from './find-job.ts';

/** POST /projects/:id/jobs/:job_id/play: 200 with the job, or the bridge (jobs-api 4.11). */
export const play = route({
  method: 'POST',
  path: '/api/v4/projects/:id/jobs/:job_id/play',
  access: { by: 'user' },
  input: {
    ...JOB_INPUT,
    job_variables_attributes: {
      type: 'object-list',
      of: { key: { type: 'string', required: true }, value: { type: 'string', required: true } },
    },
    job_inputs: { type: 'hash' },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, viewer } = await requireProject(call, params.id, 'read_build');
    const job = await requireJob(call, project, params.job_id, ['build', 'bridge']);
    if (!may(viewer, 'play_job', await actedOn(call, project, job))) throw refuse.forbidden();
    const variables = params.job_variables_attributes ?? [];
    if (variables.length > 0 && !may(viewer, 'set_pipeline_variables')) throw refuse.forbidden();
    const request = { userId: userOf(call.caller)!.id, variables, inputs: params.job_inputs ?? {} };
    const result = await rooms.db.transaction((tx) => playJob(tx, rooms.encryption, job.id, request, now));
    if (!result.ok) {
      if (result.reason === 'not_found') throw refuse.recordNotFound();
      throw refuse.badRequest(result.reason === 'bad_inputs' ? result.text : 'Unplayable Job');
    }
    if (job.type === 'build') return jobAnswer(call, project, job.id, 200);
    const [bridge] = await bridgesAnswer(call, project, [job.id]);
    return { status: 200, body: bridge };
  },
});
