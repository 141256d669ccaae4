import { type Artifact, artifactOf } from '../../artifact/artifact.ts';
import { jobById } from '../../pipeline/job-lookup.ts';
import { may } from '../../project/authorize.ts';
import { sendEntry, sendStored } from '../artifact-files.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import type { Input } from '../input.ts';
import { artifactJobOfRef, recentArtifactJobOfRef } from '../read/artifact-jobs.ts';
import { type Call, route } from '../route.ts';
import { RAW_LIMIT, READERS } from './artifacts.ts';
import { actedOn } from './find-job.ts';

const INPUT = {
  id: { type: 'string', required: true },
  ref_name: { type: 'string', required: true },
  job: { type: 'string', required: true },
  search_recent_successful_pipelines: { type: 'boolean', default: false },
} as const;

/** GET …/jobs/artifacts/:ref_name/download?job=: the archive of a ref's newest successful pipeline (jobs-api 5.2). */
export const downloadArchiveOfRef = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/artifacts/*ref_name/download',
  access: READERS,
  input: INPUT,
  async handle(call) {
    return sendStored(call, await requireArchiveOfRef(call));
  },
});

/** GET …/jobs/artifacts/:ref_name/raw/*artifact_path?job=: one file of it (jobs-api 5.3). */
export const downloadFileOfRef = route({
  method: 'GET',
  path: '/api/v4/projects/:id/jobs/artifacts/*ref_name/raw/*artifact_path',
  access: READERS,
  input: { ...INPUT, artifact_path: { type: 'string', required: true } },
  rateLimit: RAW_LIMIT,
  async handle(call) {
    return sendEntry(call, await requireArchiveOfRef(call), call.params.artifact_path);
  },
});

/** Ref and job are names, never paths or patterns (security ART-9). */
async function requireArchiveOfRef(call: Call<Input<typeof INPUT>>): Promise<Artifact> {
  const { params, rooms } = call;
  const { read } = rooms.db;
  const { project, viewer } = await requireProject(call, params.id, 'read_build');
  const recent = params.search_recent_successful_pipelines;
  const find = recent ? recentArtifactJobOfRef : artifactJobOfRef;
  const jobId = await find(read, project.id, params.ref_name, params.job);
  const job = jobId === null ? null : await jobById(read, jobId);
  if (job === null) throw recent ? refuse.notFound('Job') : refuse.recordNotFound();
  const archive = await artifactOf(read, job.id, 'archive');
  const on = { ...(await actedOn(call, project, job)), artifactAccess: archive?.accessibility ?? null };
  if (!may(viewer, 'read_job_artifacts', on)) throw refuse.forbidden();
  if (archive === null) throw refuse.notFound();
  return archive;
}
