import { projectById } from '../../project/project.ts';
import { jobEntity } from '../entities/job.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { jobViews } from '../read/job-view.ts';
import { json, route } from '../route.ts';
import { JOB_INPUT, jobAnswer } from './find-job.ts';
import { jobContext } from './job-context.ts';

/** GET /projects/:id/jobs/:job_id (jobs-api 4.6). */
export const showJob = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id',
  access: { by: 'user', scopes: ['ai_workflows'] },
  input: JOB_INPUT,
  async handle(call) {
    const { id, job_id } = call.params;
    // Read in one moment; the job shows only once its project is known to be his to read.
    const [{ project }, [view]] = await Promise.all([
      requireProject(call, id, 'read_build'),
      jobViews(call.rooms.db.read, [job_id]),
    ]);
    if (view?.job.project_id !== project.id || view.job.type !== 'build') throw refuse.recordNotFound();
    return json(jobEntity(view, jobContext(call, project)));
  },
});

/** GET /job: the job whose token asks (jobs-api 4.4). */
export const showOwnJob = route({
  method: 'GET',
  path: '/api/v4/job',
  access: { by: 'user', jobToken: true, scopes: ['ai_workflows'] },
  input: {},
  async handle(call) {
    const { caller, rooms } = call;
    if (caller.kind !== 'job') throw refuse.notFound('Job');
    const project = await projectById(rooms.db.read, caller.projectId);
    if (project === null) throw refuse.notFound('Job');
    return jobAnswer(call, project, caller.jobId, 200);
  },
});
