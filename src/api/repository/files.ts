import { createHash } from 'node:crypto';
import { blobInfo, isTreePath, readBlob, streamBlob } from '../../git/blob.ts';
import { lastCommitOf } from '../../git/log.ts';
import { resolve } from '../../git/refs.ts';
import { isExecutable } from '../../git/tree.ts';
import { Refused, refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { type Answer, type Call, json, route, stream } from '../route.ts';

const id = { type: 'string', required: true } as const;
export const FILE = '/api/v4/projects/:id/repository/files/:file_path';
const READ = { by: 'user', anonymous: true, scopes: ['read_repository'] } as const;
const input = { id, file_path: id, ref: id } as const;

/** A file with its content (rest-resources 4.4). */
export const showFileRoute = route({
  method: 'GET',
  path: FILE,
  access: READ,
  input,
  async handle(call) {
    const file = await fileAt(call, call.params.ref);
    return json({ ...factsOf(file), content: file.content.toString('base64') });
  },
});

/** The same facts as headers. */
export const fileHeadersRoute = route({
  method: 'HEAD',
  path: FILE,
  access: READ,
  input,
  handle: async (call) => ({ status: 200, headers: headersOf(await fileAt(call, call.params.ref)) }),
});

/** The bytes alone; a job may read them. */
export const rawFileRoute = route({
  method: 'GET',
  path: `${FILE}/raw`,
  access: { ...READ, jobToken: true },
  input: { id, file_path: id, ref: { type: 'string' }, lfs: { type: 'boolean' } },
  handle: rawFile,
});

export const rawFileHeadersRoute = route({
  method: 'HEAD',
  path: `${FILE}/raw`,
  access: { ...READ, jobToken: true },
  input: { id, file_path: id, ref: { type: 'string' } },
  handle: async (call) => ({
    status: 200,
    headers: headersOf(await fileAt(call, call.params.ref ?? 'HEAD')),
  }),
});

type FileCall = Call<{ id: string; file_path: string; ref: string | undefined }>;

/** Files up to this size are answered from memory, with their checksum. */
const HELD_BYTES = 16 * 1024 * 1024;

async function rawFile(call: FileCall): Promise<Answer> {
  const { projectId, path, info } = await find(call, call.params.ref || 'HEAD');
  const type = {
    'content-type': 'text/plain; charset=utf-8',
    'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(nameOf(path))}`,
  };
  if (info.size > HELD_BYTES) return stream(streamBlob(call.rooms.repositories, projectId, info.sha), type);
  const file = await fileAt(call, call.params.ref || 'HEAD');
  return { status: 200, headers: { ...headersOf(file), ...type }, body: file.content };
}

interface RepositoryFile {
  path: string;
  ref: string;
  blobId: string;
  commitId: string;
  lastCommitId: string;
  executable: boolean;
  content: Buffer;
}

async function find(call: FileCall, ref: string) {
  const { project } = await requireProject(call, call.params.id, 'download_code');
  const path = call.params.file_path;
  if (!isTreePath(path)) throw refuse.invalidParameters(['file_path should be a valid file path']);
  const { repositories } = call.rooms;
  const sha = await resolve(repositories, project.id, ref);
  if (sha === null) throw refuse.notFound('Commit');
  const info = await blobInfo(repositories, project.id, sha, path);
  if (info === null) throw refuse.notFound('File');
  return { projectId: project.id, path, sha, info };
}

async function fileAt(call: FileCall, ref: string): Promise<RepositoryFile> {
  const { projectId, path, sha, info } = await find(call, ref);
  const { repositories } = call.rooms;
  if (info.size > HELD_BYTES) throw new Refused({ status: 413, body: { message: 'The file is too large' } });
  const content = await readBlob(repositories, projectId, sha, path);
  if (content === null) throw refuse.notFound('File');
  return {
    path,
    ref,
    blobId: info.sha,
    commitId: sha,
    lastCommitId: (await lastCommitOf(repositories, projectId, sha, path)) ?? sha,
    executable: (await isExecutable(repositories, projectId, sha, path)) ?? false,
    content,
  };
}

function factsOf(file: RepositoryFile) {
  return {
    file_name: nameOf(file.path),
    file_path: file.path,
    size: file.content.length,
    encoding: 'base64',
    content_sha256: createHash('sha256').update(file.content).digest('hex'),
    ref: file.ref,
    blob_id: file.blobId,
    commit_id: file.commitId,
    last_commit_id: file.lastCommitId,
    execute_filemode: file.executable,
  };
}

/** `file_name` becomes `x-gitlab-file-name`; what a header cannot hold is percent-encoded. */
function headersOf(file: RepositoryFile): Record<string, string> {
  const pairs = Object.entries(factsOf(file)).map(([name, value]) => [
    `x-gitlab-${name.replaceAll('_', '-')}`,
    String(value).replace(/[^\x20-\x7e]+/g, encodeURIComponent),
  ]);
  return Object.fromEntries(pairs);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
