import { artifactOf } from '../../artifact/artifact.ts';
import { jobById } from '../../pipeline/job-lookup.ts';
import { may, viewerOf } from '../../project/authorize.ts';
import { projectById } from '../../project/project.ts';
import { userById } from '../../project/user.ts';
import { sendStored } from '../artifact-files.ts';
import { refuse } from '../errors.ts';
import { jobOfToken } from '../read/job-token.ts';
import { route } from '../route.ts';
import { jobTokenOf, RUNNER_JOB_LIMIT } from './executing-job.ts';

/**
 * GET /jobs/:id/artifacts: a running job fetches the archive of a job it depends on, with its own token (runner-api 5). Its
 * user must be able to read that job; who else may see the archive does not matter here (security 4.1).
 */
export const downloadArtifacts = route({
  method: 'GET',
  path: '/api/v4/jobs/:id/artifacts',
  access: { by: 'job' },
  rateLimit: RUNNER_JOB_LIMIT,
  input: {
    id: { type: 'integer', required: true },
    token: { type: 'string' },
    direct_download: { type: 'boolean' },
  },
  async handle(call) {
    const { rooms, params, request, now } = call;
    const { read } = rooms.db;
    const token = jobTokenOf(request, params.token);
    const holder = token === '' ? null : await jobOfToken(read, token);
    const user = holder === null ? null : await userById(read, holder.userId);
    if (holder === null || user === null) throw refuse.unauthorized();
    const job = await jobById(read, params.id);
    const project = job === null ? null : await projectById(read, job.projectId);
    if (job === null || project === null) throw refuse.forbidden();
    const caller = { kind: 'job', user, jobId: holder.jobId, projectId: holder.projectId } as const;
    if (!may(await viewerOf(read, caller, project, now), 'read_build')) throw refuse.forbidden();
    const archive = await artifactOf(read, job.id, 'archive');
    if (archive === null) throw refuse.notFound();
    return sendStored(call, archive);
  },
});
