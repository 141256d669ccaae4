import type { Database } from '../../db/database.ts';
import type { Tx } from '../../db/transaction.ts';
import { type AuditEntity, noteAct } from '../../project/audit.ts';
import { findNamespace, type Namespace } from '../../project/namespace.ts';
import { findProject, type Project } from '../../project/project.ts';
import { type User, userById } from '../../project/user.ts';
import type { Fields } from '../nested-form.ts';
import type { Rooms } from '../rooms.ts';
import type { Call, Route } from '../route.ts';

/** What an act is done to. */
interface Subject {
  type: AuditEntity;
  id: number;
  path: string;
}

const INSTANCE: Subject = { type: 'Gitlab::Audit::InstanceScope', id: 1, path: 'instance' };

/**
 * What the call is about, found before its handler runs: afterwards it may be gone or have another name. Null for what the
 * call is to make.
 */
async function subjectOf(route: Route, call: Call): Promise<Subject | null> {
  const [family, second] = route.path.replace('/api/v4/', '').split('/');
  const { params, rooms, caller } = call;
  const projectId = family === 'projects' && second === ':id' ? params.id : params.project_id;
  const groupId = family === 'groups' ? params.id : params.group_id;
  if (family === 'groups' && second === ':id') return await groupNamed(call, groupId);
  if (family === 'projects' && second === ':id') return await projectNamed(call, projectId);
  if (family === 'users' && second !== undefined) {
    const user = await userById(rooms.db.read, Number(params.id ?? params.user_id));
    return user === null ? null : { type: 'User', id: user.id, path: user.username };
  }
  if (route.path === '/api/v4/user/runners') {
    if (projectId !== undefined) return await projectNamed(call, projectId);
    return groupId === undefined ? INSTANCE : await groupNamed(call, groupId);
  }
  if (['user', 'personal_access_tokens'].includes(family ?? '') && caller.kind !== 'anonymous') {
    return { type: 'User', id: caller.user.id, path: caller.user.username };
  }
  return ['projects', 'groups', 'users'].includes(family ?? '') ? null : INSTANCE;
}

async function projectNamed({ rooms }: Call, id: unknown): Promise<Subject | null> {
  const found = await findProject(rooms.db.read, String(id));
  if (found.kind === 'missing') return null;
  return { type: 'Project', id: found.project.id, path: found.project.fullPath };
}

async function groupNamed({ rooms }: Call, id: unknown): Promise<Subject | null> {
  const group = await findNamespace(rooms.db.read, String(id));
  return group === null ? null : { type: 'Group', id: group.id, path: group.fullPath };
}

/** A call whose act is audited. `given` is what the client sent. */
interface About {
  route: Route;
  call: Call;
  given: Fields;
}

/**
 * The rooms for a call that is audited: the transaction in which it first does something also notes it, so that neither is ever
 * there without the other. What only refuses, by `false` or `{ ok: false }`, is not noted.
 */
export async function auditedRooms(act: string, about: About): Promise<Rooms> {
  const { rooms } = about.call;
  const subject = await subjectOf(about.route, about.call);
  let noted = false;
  const transaction: Database['transaction'] = async (work) => {
    if (noted) return await rooms.db.transaction(work);
    const result = await rooms.db.transaction(async (tx) => {
      const done = await work(tx);
      if (!isRefusal(done)) await note(tx, act, about, subject, done);
      return done;
    });
    noted = !isRefusal(result);
    return result;
  };
  return { ...rooms, db: { ...rooms.db, transaction } };
}

function isRefusal(result: unknown): boolean {
  return result === false || (result as { ok?: boolean } | null | undefined)?.ok === false;
}

async function note(
  tx: Tx,
  act: string,
  { route, call, given }: About,
  subject: Subject | null,
  result: unknown,
): Promise<void> {
  const { caller, now, ip } = call;
  const { type, id, path } = subject ?? madeSubject(result) ?? INSTANCE;
  const author = caller.kind === 'anonymous' ? null : caller.user;
  await noteAct(tx, {
    authorId: author?.id ?? null,
    authorName: author?.name ?? '',
    act,
    entityType: type,
    entityId: id,
    entityPath: path,
    target: targetOf(route, call, result),
    details: { ...said(route, given), ...actingFor(call) },
    ip,
    createdAt: now,
  });
}

function actingFor({ caller }: Call): Record<string, unknown> {
  return caller.kind === 'user' && caller.sudoBy !== undefined ? { sudo_by: caller.sudoBy } : {};
}

/** The project, group or user that a call made. */
function madeSubject(result: unknown): Subject | null {
  const { project, group, user } = (result ?? {}) as {
    project?: Project;
    group?: Namespace;
    user?: User;
  };
  if (project !== undefined) return { type: 'Project', id: project.id, path: project.fullPath };
  if (group !== undefined) return { type: 'Group', id: group.id, path: group.fullPath };
  return user === undefined ? null : { type: 'User', id: user.id, path: user.username };
}

/** The last name in the path below the subject, else what the call names or made. */
function targetOf(route: Route, { params }: Call, result: unknown): string | null {
  const names = [...route.path.matchAll(/[:*](\w+)/g)].map(([, name]) => name!);
  const below = names.slice(/\/(projects|groups|users)\/:/.test(route.path) ? 1 : 0).at(-1);
  if (below !== undefined) return String(params[below]);
  if (route.method !== 'POST') return null;
  const value = params.key ?? params.name ?? params.user_id ?? params.username ?? idOf(result);
  return value === undefined ? null : String(value);
}

/** The id of what was made: it is the result, or within it. */
function idOf(result: unknown): unknown {
  if (typeof result !== 'object' || result === null) return undefined;
  const id = (record: object) => ('id' in record ? record.id : undefined);
  return (
    id(result) ??
    Object.values(result)
      .map((part) => (typeof part === 'object' && part !== null ? id(part) : undefined))
      .find((found) => found !== undefined)
  );
}

/** Parameters whose values tell who may do what and are no secrets; of the others the audit keeps the names. */
const TOLD = new Set(
  'access_level group_access group_id user_id username expires_at name path visibility scopes environment_scope protected masked masked_and_hidden raw variable_type push_access_level merge_access_level create_access_level allow_force_push runner_type project_id runner_id paused locked access_level run_untagged admin external namespace parent_id target_project_id target_group_id enabled permanently_remove hard_delete'.split(
    ' ',
  ),
);

function said(route: Route, given: Fields): Record<string, unknown> {
  const inPath = new Set([...route.path.matchAll(/[:*](\w+)/g)].map(([, name]) => name!));
  const names = Object.keys(route.input).filter((name) => Object.hasOwn(given, name) && !inPath.has(name));
  return Object.fromEntries(names.map((name) => [name, TOLD.has(name) ? told(given[name]) : null]));
}

/** Short texts, numbers and lists of them. */
function told(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 50).map(told);
  if (typeof value === 'string') return value.slice(0, 255);
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
