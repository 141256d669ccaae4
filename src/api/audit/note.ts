import { type AuditEntity, noteAct } from '../../project/audit.ts';
import { findNamespace } from '../../project/namespace.ts';
import { findProject } from '../../project/project.ts';
import { userById } from '../../project/user.ts';
import type { Fields } from '../nested-form.ts';
import type { Answer, Call, Route } from '../route.ts';

/** What an act is done to. */
export interface Subject {
  type: AuditEntity;
  id: number;
  path: string;
}

const INSTANCE: Subject = { type: 'Gitlab::Audit::InstanceScope', id: 1, path: 'instance' };

/**
 * What the call is about, found before its handler runs: afterwards it may be gone or have another name. Null for what the
 * call is to make.
 */
export async function subjectOf(route: Route, call: Call): Promise<Subject | null> {
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

/** Notes what a call did. `given` is what the client sent. */
export async function noteCall(
  act: string,
  about: { route: Route; call: Call; given: Fields; subject: Subject | null },
  answer: Answer,
): Promise<void> {
  const { route, call, given } = about;
  const { caller, rooms, now, ip } = call;
  const subject = about.subject ?? madeSubject(route, answer) ?? INSTANCE;
  const author = caller.kind === 'anonymous' ? null : caller.user;
  await rooms.db.transaction((tx) =>
    noteAct(tx, {
      authorId: author?.id ?? null,
      authorName: author?.name ?? '',
      act,
      entityType: subject.type,
      entityId: subject.id,
      entityPath: subject.path,
      target: targetOf(route, call, answer),
      details: { ...said(route, given), ...actingFor(call) },
      ip,
      createdAt: now,
    }),
  );
}

function actingFor({ caller }: Call): Record<string, unknown> {
  return caller.kind === 'user' && caller.sudoBy !== undefined ? { sudo_by: caller.sudoBy } : {};
}

/** What a call made: the answer says it. */
function madeSubject(route: Route, answer: Answer): Subject | null {
  const body = answer.body as {
    id?: unknown;
    full_path?: string;
    path_with_namespace?: string;
    username?: string;
  };
  if (typeof body?.id !== 'number') return null;
  const types: Record<string, AuditEntity> = { projects: 'Project', groups: 'Group', users: 'User' };
  const type = types[route.path.split('/')[3] ?? ''];
  if (type === undefined) return null;
  return { type, id: body.id, path: body.path_with_namespace ?? body.full_path ?? body.username ?? '' };
}

/** The last name in the path below the subject, else what the answer calls it. */
function targetOf(route: Route, call: Call, answer: Answer): string | null {
  const names = [...route.path.matchAll(/[:*](\w+)/g)].map(([, name]) => name!);
  const below = names.slice(/\/(projects|groups|users)\/:/.test(route.path) ? 1 : 0).at(-1);
  if (below !== undefined) return String(call.params[below]);
  const body = answer.body as Record<string, unknown> | null | undefined;
  if (route.method !== 'POST') return null;
  const value = call.params.key ?? call.params.name ?? body?.id;
  return value === undefined ? null : String(value);
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
