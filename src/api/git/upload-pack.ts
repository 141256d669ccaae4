import { inflated } from '../../git/request-body.ts';
import { uploadPack } from '../../git/upload-pack.ts';
import { type Answer, type Call, route, stream } from '../route.ts';
import { visit } from './find-repository.ts';
import { NO_CACHE } from './info-refs.ts';
import { refuseGit } from './refusals.ts';

const input = { project: { type: 'string', required: true } } as const;

/** `POST <path>.git/git-upload-pack`: a clone or fetch, protocol 0 to 2, the body possibly gzipped (runner-api 7). */
const fetchRoute = (path: string) =>
  route({ method: 'POST', path, access: { by: 'git' }, input, body: 'stream', handle: answer });

export const uploadPackRoutes = [
  fetchRoute('/*project.git/git-upload-pack'),
  fetchRoute('/*project/git-upload-pack'),
];

async function answer(call: Call<{ project: string }>): Promise<Answer> {
  const { rooms, request, signal } = call;
  const { project } = await visit(call, call.params.project, 'git-upload-pack');
  if (project === null) throw refuseGit.noProject();
  const body = inflated(request, request.headers['content-encoding']);
  if (body === null) throw refuseGit.badEncoding();
  const protocol = request.headers['git-protocol']?.toString();
  const pack = await uploadPack(rooms.repositories, project.id, { body, protocol, signal });
  return stream(pack, { 'content-type': 'application/x-git-upload-pack-result', ...NO_CACHE });
}
