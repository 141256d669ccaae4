import { type Action, may, type Viewer, viewerOf } from '../../project/authorize.ts';
import type { Caller } from '../../project/caller.ts';
import { findProject, type Project, projectById } from '../../project/project.ts';
import type { Refused } from '../errors.ts';
import type { Call } from '../route.ts';
import { type GitService, gitCaller } from './credentials.ts';
import { refuseGit } from './refusals.ts';

type GitCall = Pick<Call, 'rooms' | 'request' | 'now'>;

/** Somebody before a repository that he may use. */
export interface Visit {
  project: Project;
  viewer: Viewer;
  caller: Caller;
}

const ACTIONS: Readonly<Record<GitService, Action>> = {
  'git-upload-pack': 'download_code',
  'git-receive-pack': 'push_code',
};

/**
 * The project at a full path, for a service that the caller may use on it; null when there is no such project and the
 * caller showed credentials. Who may not see it gets the same 404 (security GIT-5, JT-3). Throws `Refused`.
 */
export async function visit(call: GitCall, path: string, service: GitService): Promise<Visit | Stranger> {
  const caller = await gitCaller(call.rooms, call.request, service, call.now);
  if (caller.kind === 'anonymous' && service === 'git-receive-pack') throw refuseGit.credentialsNeeded();
  if (caller.kind === 'job' && service === 'git-receive-pack') throw refuseGit.jobTokenPush();
  const found = await findProject(call.rooms.db.read, path);
  if (found.kind === 'missing') {
    if (caller.kind === 'anonymous') throw refuseGit.credentialsNeeded();
    return { project: null, caller };
  }
  const { project } = found;
  const viewer = await viewerOf(call.rooms.db.read, caller, project, call.now);
  if (may(viewer, ACTIONS[service])) {
    // There from the project's first moment, unless a kill came between the two.
    await call.rooms.repositories.create(project.id, project.defaultBranch ?? 'main');
    return { project, viewer, caller };
  }
  throw await refusalFor(call, { project, viewer, caller }, service);
}

/** Somebody with credentials where there is no project. */
export interface Stranger {
  project: null;
  caller: Exclude<Caller, { kind: 'anonymous' }>;
}

async function refusalFor(call: GitCall, visit: Visit, service: GitService): Promise<Refused> {
  const { project, viewer, caller } = visit;
  if (caller.kind === 'anonymous') return refuseGit.credentialsNeeded();
  if (may(viewer, 'read_project')) {
    return service === 'git-upload-pack' ? refuseGit.noDownload() : refuseGit.noPush();
  }
  if (caller.kind === 'job' && viewer.jobRefused && (await userMaySee(call, caller, project))) {
    const source = await projectById(call.rooms.db.read, caller.projectId);
    return refuseGit.jobTokenElsewhere(source?.path ?? '', project.path);
  }
  return refuseGit.noProject();
}

/** Whether a job's user could see the project by himself: then it is no secret that it refuses the job (jobs-api 1.5). */
async function userMaySee(call: GitCall, { user }: Stranger['caller'], project: Project): Promise<boolean> {
  const self: Caller = { kind: 'user', user, tokenId: null, scopes: [] };
  return may(await viewerOf(call.rooms.db.read, self, project, call.now), 'read_project');
}
