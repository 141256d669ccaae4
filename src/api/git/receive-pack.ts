import { ProtocolError } from '../../git/pkt-line.ts';
import { receivePack } from '../../git/receive-pack.ts';
import { BodyTooLarge, inflated } from '../../git/request-body.ts';
import { protectionOf } from '../../project/protected-ref.ts';
import { type Answer, type Call, route, stream } from '../route.ts';
import { type Visit, visit } from './find-repository.ts';
import { NO_CACHE } from './info-refs.ts';
import { pushDeps } from './push-deps.ts';
import { createOnPush } from './push-to-create.ts';
import { refAuthority } from './ref-authority.ts';
import { refuseGit } from './refusals.ts';

const input = { project: { type: 'string', required: true } } as const;

/** `POST <path>.git/git-receive-pack`: a push. A missing project is made where its user may (design: push-to-create). */
const pushRoute = (path: string) =>
  route({ method: 'POST', path, access: { by: 'git' }, input, body: 'stream', handle: answer });

export const receivePackRoutes = [
  pushRoute('/*project.git/git-receive-pack'),
  pushRoute('/*project/git-receive-pack'),
];

async function answer(call: Call<{ project: string }>): Promise<Answer> {
  const { rooms, request, signal, now } = call;
  const found = await visit(call, call.params.project, 'git-receive-pack');
  const { project, viewer, caller } =
    found.project === null ? await createOnPush(call, found.caller, call.params.project) : found;
  const body = inflated(request, request.headers['content-encoding']);
  if (body === null) throw refuseGit.badEncoding();
  const authority = refAuthority(viewer, await protectionOf(rooms.db.read, project.id));
  const push = { projectId: project.id, userId: userIdOf(caller), body, authority, signal, now };
  const report = await receivePack(
    pushDeps(rooms, call.baseUrl, () => now),
    push,
  ).catch((error: unknown) => {
    if (error instanceof ProtocolError) throw refuseGit.badRequest(error.message);
    if (error instanceof BodyTooLarge) throw refuseGit.tooLarge();
    throw error;
  });
  return stream(report, { 'content-type': 'application/x-git-receive-pack-result', ...NO_CACHE });
}

function userIdOf(caller: Visit['caller']): number {
  if (caller.kind === 'anonymous') throw refuseGit.credentialsNeeded();
  return caller.user.id;
}
