import type { Artifact } from '../../artifact/artifact.ts';
import { type ReceiveResult, receiveFile } from '../../artifact/receive.ts';
import {
  ARTIFACT_FORMATS,
  ARTIFACT_TYPES,
  type ArtifactFormat,
  type ArtifactType,
} from '../../artifact/report-types.ts';
import { acceptUpload, type UploadDeps, type UploadResult } from '../../artifact/upload.ts';
import { parseLifetime } from '../../config/duration.ts';
import { definitionById } from '../../pipeline/job-definition.ts';
import { type JobRow, jobById } from '../../pipeline/job-lookup.ts';
import { noteArtifactsExpiry } from '../../pipeline/job-marks.ts';
import { storeDotenv } from '../../pipeline/job-variables.ts';
import { EXECUTING } from '../../pipeline/status.ts';
import { instanceSettings } from '../../project/instance-settings.ts';
import { ancestorsOf } from '../../project/namespace.ts';
import { projectById } from '../../project/project.ts';
import { refuse } from '../errors.ts';
import { type Call, json, type Route, route } from '../route.ts';
import { downloadArtifacts } from './artifact-download.ts';
import { RUNNER_JOB_LIMIT, requireExecutingJob } from './executing-job.ts';

const MIB = 1024 * 1024;

/** What the runner says about a file: in the query, or as fields of the form. */
const ABOUT = {
  artifact_type: { type: 'string', values: ARTIFACT_TYPES },
  artifact_format: { type: 'string', values: ARTIFACT_FORMATS },
  expire_in: { type: 'string' },
  accessibility: { type: 'string', values: ['public', 'private', 'none'] },
} as const;

const INPUT = { id: { type: 'integer', required: true }, token: { type: 'string' }, ...ABOUT } as const;

/** POST /jobs/:id/artifacts: one file of a job, streamed to the store (runner-api 5). */
export const uploadArtifacts = route({
  method: 'POST',
  path: '/api/v4/jobs/:id/artifacts',
  access: { by: 'job' },
  rateLimit: RUNNER_JOB_LIMIT,
  input: INPUT,
  body: 'stream',
  async handle(call) {
    const { rooms, params, request, now } = call;
    const job = await requireExecutingJob(call, params.id, params.token);
    const limit = await maxBytes(call, job.projectId);
    if (Number(request.headers['content-length'] ?? 0) > limit + MIB) throw refuse.artifactTooLarge();
    const received = await refusingFailures(() => receiveFile(request, rooms.artifacts, limit));
    if (!received.ok) throw refusalOf(received);
    const about = aboutFile(params, received.fields);
    const expireAt = about.ok ? await expiryOf(call, about.expireIn) : null;
    if (!about.ok || expireAt === 'invalid') {
      await rooms.artifacts.delete(received.file.key);
      throw refuse.invalidParameters(about.ok ? ['expire_in is invalid'] : about.errors);
    }
    const upload = {
      projectId: job.projectId,
      jobId: job.id,
      type: about.type,
      format: about.format,
      filename: received.filename === '' ? 'artifacts.zip' : received.filename,
      accessibility: about.accessibility ?? (await accessOf(call, job)),
      expireAt,
      file: received.file,
      now,
    };
    return answer(await refusingFailures(() => acceptUpload(uploadDeps(call, job), upload)));
  },
});

/** POST /jobs/:id/artifacts/authorize: what GitLab's own front proxy asks; the runner never does. */
export const authorizeUpload = route({
  method: 'POST',
  path: '/api/v4/jobs/:id/artifacts/authorize',
  access: { by: 'job' },
  rateLimit: RUNNER_JOB_LIMIT,
  input: { ...INPUT, filesize: { type: 'integer' } },
  async handle(call) {
    const job = await requireExecutingJob(call, call.params.id, call.params.token);
    const limit = await maxBytes(call, job.projectId);
    if ((call.params.filesize ?? 0) > limit) throw refuse.artifactTooLarge();
    const body = JSON.stringify({ MaximumSize: limit });
    return { status: 200, body, headers: { 'content-type': 'application/vnd.gitlab-workhorse+json' } };
  },
});

export const artifactRoutes: readonly Route[] = [uploadArtifacts, authorizeUpload, downloadArtifacts];

/** The smallest limit of project, groups and instance, in bytes (runner-api 5). */
async function maxBytes(call: Pick<Call, 'rooms'>, projectId: number): Promise<number> {
  const { read } = call.rooms.db;
  const project = await projectById(read, projectId);
  if (project === null) throw refuse.forbidden();
  const groups = (await ancestorsOf(read, project.namespaceId)).map(
    ({ settings }) => settings.max_artifacts_size,
  );
  const limits = [project.maxArtifactsSize, ...groups, (await instanceSettings(read)).max_artifacts_size];
  return Math.min(...limits.filter((limit): limit is number => typeof limit === 'number')) * MIB;
}

type About =
  | {
      ok: true;
      type: ArtifactType;
      format: ArtifactFormat;
      expireIn: string | undefined;
      accessibility: Artifact['accessibility'] | undefined;
    }
  | { ok: false; errors: string[] };

/** Query before form; a value outside of its list is refused as any parameter is. */
function aboutFile(params: Record<string, unknown>, fields: Readonly<Record<string, string>>): About {
  const value = (name: string) => (params[name] ?? fields[name]) as string | undefined;
  const errors = (
    [
      ['artifact_type', ARTIFACT_TYPES],
      ['artifact_format', ARTIFACT_FORMATS],
      ['accessibility', ABOUT.accessibility.values],
    ] as const
  )
    .filter(
      ([name, values]) => value(name) !== undefined && !(values as readonly string[]).includes(value(name)!),
    )
    .map(([name]) => `${name} does not have a valid value`);
  if (errors.length > 0) return { ok: false, errors };
  return {
    ok: true,
    type: (value('artifact_type') ?? 'archive') as ArtifactType,
    format: (value('artifact_format') ?? 'zip') as ArtifactFormat,
    expireIn: value('expire_in'),
    accessibility: value('accessibility') as Artifact['accessibility'] | undefined,
  };
}

/** Milliseconds when it expires, null for never. Without a word from the runner the instance's default counts. */
async function expiryOf(
  call: Pick<Call, 'rooms' | 'now'>,
  said: string | undefined,
): Promise<number | null | 'invalid'> {
  const text = said || (await instanceSettings(call.rooms.db.read)).default_artifacts_expire_in;
  const seconds = parseLifetime(text);
  if (seconds === null) return 'invalid';
  return seconds === Number.POSITIVE_INFINITY ? null : call.now + Math.round(seconds * 1000);
}

const ACCESS = { all: 'public', developer: 'private', maintainer: 'maintainer', none: 'none' } as const;

/** Who may read it, as `artifacts:access` of the job says (jobs-api 3). */
async function accessOf(call: Pick<Call, 'rooms'>, job: JobRow): Promise<Artifact['accessibility']> {
  const definition = await definitionById(call.rooms.db.read, job.definitionId);
  return definition.type === 'build' && definition.artifacts !== null
    ? ACCESS[definition.artifacts.access]
    : 'public';
}

function uploadDeps(call: Pick<Call, 'rooms'>, job: JobRow): UploadDeps {
  const { db, artifacts, encryption } = call.rooms;
  return {
    db,
    store: artifacts,
    mayStill: async (tx) => {
      const current = await jobById(tx, job.id);
      return current !== null && EXECUTING.has(current.status) && current.erasedAt === null;
    },
    storeDotenv: (tx, variables) => storeDotenv(tx, encryption, job.id, variables),
    noteExpiry: (tx, expireAt) => noteArtifactsExpiry(tx, job.id, expireAt),
  };
}

function answer(result: UploadResult) {
  if (result.ok) return json({ message: '201 Created' }, 201);
  switch (result.reason) {
    case 'wrong_format':
      throw refuse.badRequestText('the file format is not the one of the artifact type');
    case 'not_a_zip':
      throw refuse.badRequestText('the file is not a valid zip archive');
    case 'not_a_gzip':
      throw refuse.badRequestText('the file is not a gzip file');
    case 'exists':
      throw refuse.artifactExists();
    case 'closed':
      throw refuse.forbidden();
    case 'invalid_dotenv':
      throw refuse.badRequestText(result.message);
  }
}

function refusalOf(received: Extract<ReceiveResult, { ok: false }>) {
  switch (received.reason) {
    case 'too_large':
      return refuse.artifactTooLarge();
    case 'no_file':
      return refuse.badRequest('Missing artifacts file!');
    case 'broken_off':
      return refuse.malformedBody();
  }
}

/** A disk that is full or fails is 503: the runner tries six times, and waits between (runner-api 5). */
async function refusingFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') throw refuse.storageFull();
    if (code === 'EIO' || code === 'EROFS') throw refuse.storageFailed();
    throw error;
  }
}
