import { type Artifact, artifactOf, isAvailable } from '../../artifact/artifact.ts';
import { ARTIFACT_TYPES, type ArtifactType } from '../../artifact/report-types.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';
import { may } from '../../project/authorize.ts';
import { sendEntry, sendStored } from '../artifact-files.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { type Call, type RateLimit, route } from '../route.ts';
import { actedOn, JOB_INPUT, requireJob } from './find-job.ts';

/** Anybody who may read the project's jobs, and jobs with their token (jobs-api 5.0). */
export const READERS = { by: 'user', anonymous: true, jobToken: true } as const;

/** Single files of archives (security LIM-3). */
export const RAW_LIMIT: RateLimit = { bucket: 'artifact_raw', perMinute: 'raw_artifact_request_limit' };

/**
 * The job and its archive, after all that may be refused: project, read_build, job, read_job_artifacts (jobs-api 5.0). The
 * archive is null when there is none.
 */
export async function requireReadable(
  call: Pick<Call, 'caller' | 'rooms' | 'now' | 'path' | 'request' | 'baseUrl'>,
  id: string,
  jobId: number,
): Promise<{ job: JobRow; archive: Artifact | null }> {
  const found = await requireProject(call, id, 'read_build');
  const job = await requireJob(call, found.project, jobId);
  const archive = await artifactOf(call.rooms.db.read, job.id, 'archive');
  const on = { ...(await actedOn(call, found.project, job)), artifactAccess: archive?.accessibility ?? null };
  if (!may(found.viewer, 'read_job_artifacts', on)) throw refuse.forbidden();
  return { job, archive };
}

/** GET …/jobs/:job_id/artifacts: the archive, or another stored file by its type; expiry is not asked (jobs-api 5.1). */
export const downloadArchive = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id/artifacts',
  access: READERS,
  input: { ...JOB_INPUT, file_type: { type: 'string', values: ARTIFACT_TYPES } },
  async handle(call) {
    const { params, rooms } = call;
    const { job, archive } = await requireReadable(call, params.id, params.job_id);
    const type = (params.file_type ?? 'archive') as ArtifactType;
    const artifact = type === 'archive' ? archive : await artifactOf(rooms.db.read, job.id, type);
    // A log has its own endpoint with its own rules.
    if (artifact === null || type === 'trace') throw refuse.notFound();
    return sendStored(call, artifact);
  },
});

/** GET …/jobs/:job_id/artifacts/*artifact_path: one file of the archive while it is available (jobs-api 5.4). */
export const downloadFile = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/:job_id/artifacts/*artifact_path',
  access: READERS,
  input: { ...JOB_INPUT, artifact_path: { type: 'string', required: true } },
  rateLimit: RAW_LIMIT,
  async handle(call) {
    const { params, now } = call;
    const { archive } = await requireReadable(call, params.id, params.job_id);
    if (archive === null || !isAvailable(archive, now)) throw refuse.notFound();
    return sendEntry(call, archive, params.artifact_path);
  },
});
