import { advertiseNothing, advertisePush } from '../../git/receive-pack.ts';
import { advertiseForFetch } from '../../git/upload-pack.ts';
import { type Answer, type Call, route } from '../route.ts';
import type { GitService } from './credentials.ts';
import { visit } from './find-repository.ts';
import { creationRefusal } from './push-to-create.ts';
import { refuseGit } from './refusals.ts';

/** Answers of git are never kept. */
export const NO_CACHE = {
  'cache-control': 'no-cache, max-age=0, must-revalidate',
  expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
  pragma: 'no-cache',
};

const input = { project: { type: 'string', required: true }, service: { type: 'string' } } as const;

/** `GET <path>.git/info/refs?service=…` (runner-api 7); without a service it is the dumb protocol, which is not served. */
const infoRefs = (path: string) =>
  route({ method: 'GET', path, access: { by: 'git' }, input, handle: answer });

export const infoRefsRoutes = [infoRefs('/*project.git/info/refs'), infoRefs('/*project/info/refs')];

async function answer(call: Call<{ project: string; service: string | undefined }>): Promise<Answer> {
  const { project: path, service } = call.params;
  if (service === 'git-upload-pack') return advertisement(service, await fetchRefs(call, path));
  if (service === 'git-receive-pack') return advertisement(service, await pushRefs(call, path));
  throw refuseGit.noService();
}

async function fetchRefs(call: Call, path: string): Promise<Buffer> {
  const { project } = await visit(call, path, 'git-upload-pack');
  if (project === null) throw refuseGit.noProject();
  const protocol = call.request.headers['git-protocol']?.toString();
  return advertiseForFetch(call.rooms.repositories, project.id, protocol);
}

/** Where a push would make the project there is nothing yet: a GET makes none. */
async function pushRefs(call: Call, path: string): Promise<Buffer> {
  const { project, caller } = await visit(call, path, 'git-receive-pack');
  if (project !== null) return advertisePush(call.rooms.repositories, project.id);
  const refusal = await creationRefusal(call, caller, path);
  if (refusal !== null) throw refusal;
  return advertiseNothing();
}

function advertisement(service: GitService, body: Buffer): Answer {
  return {
    status: 200,
    headers: { 'content-type': `application/x-${service}-advertisement`, ...NO_CACHE },
    body,
  };
}
