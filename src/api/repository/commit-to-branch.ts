import { lastCommitOf } from '../../git/log.ts';
import { isValidRefName } from '../../git/ref-name.ts';
import { branchHead, listBranches, resolve } from '../../git/refs.ts';
import { type FileAction, type Person, writeCommit } from '../../git/write-commit.ts';
import { userOf } from '../../project/caller.ts';
import { mayPushTo, protectionOf } from '../../project/protected-ref.ts';
import { refuse } from '../errors.ts';
import type { Found } from '../find-project.ts';
import type { Call } from '../route.ts';
import { moveForCaller } from './write.ts';

type WriteCall = Pick<Call, 'rooms' | 'caller' | 'now' | 'baseUrl'>;

/** A file action with the commit that its author saw last, if he says so. */
export type CheckedAction = FileAction & { lastCommitId?: string | undefined };

export interface BranchCommit {
  branch: string;
  /** Where a new branch begins. */
  startBranch?: string | undefined;
  startSha?: string | undefined;
  message: string;
  actions: readonly CheckedAction[];
  authorName?: string | undefined;
  authorEmail?: string | undefined;
}

/**
 * Makes a commit on a branch for the caller, with the rights and the consequences of a push (rest-resources 4.3, 4.4).
 * Gives its id. Throws `Refused`.
 */
export async function commitToBranch(call: WriteCall, found: Found, request: BranchCommit): Promise<string> {
  const { project, viewer } = found;
  const { repositories, db } = call.rooms;
  const { branch } = request;
  const user = userOf(call.caller);
  if (user === null) throw refuse.unauthorized();
  if (!isValidRefName(branch)) throw refuse.badRequestText('Branch name is invalid');
  const protection = await protectionOf(db.read, project.id);
  if (!mayPushTo(viewer, protection, 'branch', branch)) {
    throw refuse.forbidden('You are not allowed to push into this branch');
  }
  await repositories.create(project.id, project.defaultBranch ?? 'main');
  const oldSha = await branchHead(repositories, project.id, branch);
  const parent = await parentOf(call, project.id, request, oldSha);
  await refuseStale(call, project.id, parent, request.actions);
  const author = personOf(request, user);
  const commit = { parent, actions: request.actions, message: request.message, author, committer: user };
  const written = await writeCommit(repositories, project.id, { ...commit, now: call.now });
  if (!written.ok) throw refuse.badRequestText(written.message);
  await moveForCaller(call, found, { ref: `refs/heads/${branch}`, oldSha, newSha: written.sha });
  return written.sha;
}

/** The commit to build on; null only in a repository without branches. */
async function parentOf(
  call: WriteCall,
  projectId: number,
  { branch, startBranch, startSha }: BranchCommit,
  head: string | null,
): Promise<string | null> {
  const { repositories } = call.rooms;
  const start = startBranch ?? startSha;
  if (head !== null) {
    if (start === undefined || startBranch === branch) return head;
    const text = `A branch called '${branch}' already exists. Switch to that branch in order to make changes`;
    throw refuse.badRequestText(text);
  }
  if (start !== undefined) {
    const sha =
      startBranch === undefined
        ? await resolve(repositories, projectId, start)
        : await branchHead(repositories, projectId, startBranch);
    if (sha === null) throw refuse.badRequestText(`Cannot find start ${start}`);
    return sha;
  }
  if ((await listBranches(repositories, projectId)).length === 0) return null;
  throw refuse.badRequestText('You can only create or edit files when you are on a branch');
}

/** Somebody who saw an older version of a file does not overwrite the newer one. */
async function refuseStale(
  call: WriteCall,
  projectId: number,
  parent: string | null,
  actions: readonly CheckedAction[],
): Promise<void> {
  if (parent === null) return;
  for (const { lastCommitId, path, previousPath } of actions) {
    if (lastCommitId === undefined) continue;
    const last = await lastCommitOf(call.rooms.repositories, projectId, parent, previousPath ?? path);
    if (last !== null && last !== lastCommitId) {
      throw refuse.badRequestText(
        'You are attempting to update a file that has changed since you started editing it.',
      );
    }
  }
}

function personOf({ authorName, authorEmail }: BranchCommit, user: Person): Person {
  return { name: authorName || user.name, email: authorEmail || user.email };
}
