import { type Action, levelOf, may, type Viewer, viewerOf } from '../project/authorize.ts';
import { findProject, type Project, projectById, projectIdIn } from '../project/project.ts';
import { refuse } from './errors.ts';
import type { Call } from './route.ts';

/** A project that the caller may see, with how he stands to it. */
export interface Found {
  project: Project;
  viewer: Viewer;
}

type ProjectCall = Pick<Call, 'caller' | 'rooms' | 'now' | 'path' | 'request' | 'baseUrl'>;

/**
 * The project of `:id` (jobs-api 1.3) and what the caller may do with it. Throws `Refused`: 404 when it does not exist
 * or must not be known to, 301 or 405 for a former path, 403 for a job token it does not take (1.5), and 403 when
 * `action` is given and not allowed.
 */
export async function requireProject(call: ProjectCall, id: string, action?: Action): Promise<Found> {
  const { read } = call.rooms.db;
  const number = projectIdIn(id);
  // What is asked of the same project is asked in one moment.
  const [found, level] = await Promise.all([
    findProject(read, id),
    number === null ? undefined : levelOf(read, call.caller, number, call.now),
  ]);
  if (found.kind === 'missing') throw refuse.notFound('Project');
  const { project } = found;
  const viewer = await viewerOf(read, call.caller, project, call.now, level);
  if (!may(viewer, 'read_project')) throw await unseen(call, viewer);
  if (found.kind === 'moved') throw moved(call, project);
  if (action !== undefined && !may(viewer, action)) throw refuse.forbidden();
  return { project, viewer };
}

/** 404, unless a job's token is refused where its user could see the project (jobs-api 1.5, security JT-3). */
async function unseen(call: ProjectCall, viewer: Viewer) {
  const { caller } = call;
  if (caller.kind === 'job' && viewer.jobRefused) {
    const { read } = call.rooms.db;
    const user = { kind: 'user', user: caller.user, tokenId: null, scopes: [] } as const;
    const own = await viewerOf(read, user, viewer.project, call.now);
    if (may(own, 'read_project')) {
      const source = await projectById(read, caller.projectId);
      return refuse.forbidden(
        `Authentication by CI/CD job token not allowed from ${source?.path ?? ''} to ${viewer.project.path}.`,
      );
    }
  }
  return refuse.notFound('Project');
}

/** The same address with the numeric id, for reads only. */
function moved(call: ProjectCall, project: Project) {
  const method = call.request.method ?? 'GET';
  if (method !== 'GET' && method !== 'HEAD') return refuse.movedProject();
  const path = call.path.replace(/^(\/api\/v4\/projects\/)[^/]+/, `$1${project.id}`);
  const query = call.request.url?.split('?')[1];
  return refuse.moved(`${call.baseUrl}${path}${query === undefined ? '' : `?${query}`}`);
}
