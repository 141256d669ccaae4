import { artifactOf } from '../../artifact/artifact.ts';
import { deleteArtifacts } from '../../artifact/delete.ts';
import { expireArtifactsOfProject, keepArtifacts } from '../../artifact/expire.ts';
import { noteArtifactsExpiry } from '../../pipeline/job-marks.ts';
import { may } from '../../project/authorize.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { json, noContent, route } from '../route.ts';
import { actedOn, JOB_INPUT, jobAnswer, requireJob } from './find-job.ts';

/** POST …/jobs/:job_id/artifacts/keep: they do not expire any more (jobs-api 5.6). */
export const keepJobArtifacts = route({
  method: 'POST',
  path: '/api/v4/projects/:id/jobs/:job_id/artifacts/keep',
  access: { by: 'user' },
  input: JOB_INPUT,
  async handle(call) {
    const { params, rooms, now } = call;
    const { project, viewer } = await requireProject(call, params.id);
    const job = await requireJob(call, project, params.job_id);
    if (!may(viewer, 'keep_job_artifacts', await actedOn(call, project, job))) throw refuse.forbidden();
    const archive = await artifactOf(rooms.db.read, job.id, 'archive');
    if (archive === null || (archive.expireAt !== null && archive.expireAt <= now)) throw refuse.notFound();
    await rooms.db.transaction(async (tx) => {
      await keepArtifacts(tx, job.id);
      await noteArtifactsExpiry(tx, job.id, null);
    });
    return jobAnswer(call, project, job.id, 200);
  },
});

/** DELETE …/jobs/:job_id/artifacts: all of them but the log (jobs-api 5.7). */
export const deleteJobArtifacts = route({
  method: 'DELETE',
  path: '/api/v4/projects/:id/jobs/:job_id/artifacts',
  access: { by: 'user' },
  input: JOB_INPUT,
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'delete_job_artifact');
    const job = await requireJob(call, project, params.job_id);
    await rooms.db.transaction((tx) => deleteArtifacts(tx, [job.id], { except: ['trace'] }, now));
    return noContent;
  },
});

/** DELETE /projects/:id/artifacts: all that may go expire now, the duty deletes them (jobs-api 5.8). */
export const deleteProjectArtifacts = route({
  method: 'DELETE',
  path: '/api/v4/projects/:id/artifacts',
  access: { by: 'user' },
  input: { id: { type: 'string', required: true } },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'delete_job_artifact');
    await rooms.db.transaction((tx) => expireArtifactsOfProject(tx, project.id, now));
    return json({ message: '202 Accepted' }, 202);
  },
});
