import { viewerOf } from '../../project/authorize.ts';
import { type CreateProjectResult, createProject } from '../../project/create-project.ts';
import { findNamespace } from '../../project/namespace.ts';
import type { Refused } from '../errors.ts';
import type { Call } from '../route.ts';
import { type Stranger, type Visit, visit } from './find-repository.ts';
import { refuseGit } from './refusals.ts';

type GitCall = Pick<Call, 'rooms' | 'request' | 'now'>;

/** Undoes a transaction that only asked what would happen. */
class OnlyAsked extends Error {
  readonly result: CreateProjectResult;
  constructor(result: CreateProjectResult) {
    super('only asked');
    this.result = result;
  }
}

/** Why a push to this missing project would not make it, or null. Makes nothing. */
export async function creationRefusal(
  call: GitCall,
  caller: Stranger['caller'],
  path: string,
): Promise<Refused | null> {
  const place = await placeOf(call, path);
  if (place === null) return refuseGit.noProject();
  const result = await call.rooms.db
    .transaction(async (tx): Promise<CreateProjectResult> => {
      throw new OnlyAsked(await createProject(tx, caller.user, requestFor(place), call.now));
    })
    .catch((error: unknown) => {
      if (error instanceof OnlyAsked) return error.result;
      throw error;
    });
  return result.ok ? null : refusalOf(result);
}

/** Makes the private project that a push names, where its user may; throws `Refused` otherwise. */
export async function createOnPush(call: GitCall, caller: Stranger['caller'], path: string): Promise<Visit> {
  const { rooms, now } = call;
  const place = await placeOf(call, path);
  if (place === null) throw refuseGit.noProject();
  const result = await rooms.db.transaction((tx) => createProject(tx, caller.user, requestFor(place), now));
  if (!result.ok) {
    const found = await visit(call, path, 'git-receive-pack'); // a push at the same moment may have made it
    if (found.project !== null) return found;
    throw refusalOf(result);
  }
  const { project } = result;
  await rooms.repositories.create(project.id, project.defaultBranch ?? 'main');
  return { project, caller, viewer: await viewerOf(rooms.db.read, caller, project, now) };
}

interface Place {
  namespaceId: number;
  path: string;
}

/** The namespace and last segment of a full path; null when there is no such namespace. */
async function placeOf(call: GitCall, path: string): Promise<Place | null> {
  const slash = path.lastIndexOf('/');
  const above = path.slice(0, Math.max(slash, 0));
  if (above === '' || /^\d+$/.test(above)) return null;
  const namespace = await findNamespace(call.rooms.db.read, above);
  return namespace === null ? null : { namespaceId: namespace.id, path: path.slice(slash + 1) };
}

function requestFor({ namespaceId, path }: Place) {
  return { namespaceId, path, settings: { visibility: 'private' as const } };
}

/** A namespace that the user may not use is as good as none. */
function refusalOf(result: Exclude<CreateProjectResult, { ok: true }>): Refused {
  if (result.reason === 'limit') return refuseGit.noCreate(result.text);
  if (result.errors.namespace !== undefined) return refuseGit.noProject();
  const texts = Object.entries(result.errors).flatMap(([field, errors]) =>
    errors.map((text) => `${field} ${text}`),
  );
  return refuseGit.noCreate(`The project could not be created: ${texts.join('; ')}`);
}
