import type { Reading, Tx } from '../db/transaction.ts';
import { DEVELOPER, MAINTAINER, OWNER } from './authorize.ts';
import { groupLevelOf, mayCreateProjects } from './group-access.ts';
import { type InstanceSettings, instanceSettings } from './instance-settings.ts';
import { type Namespace, namespaceById, namespaceOfUser } from './namespace.ts';
import { errorsOrNull, type FieldErrors, nameErrors, projectPathErrors, slugOf } from './path-rules.ts';
import { type Project, projectOfRow } from './project.ts';
import { columnsOfSettings, type ProjectSettings, settingErrors } from './project-settings.ts';
import { insertMember } from './queries/members.ts';
import { countInNamespace, insertProject, projectNameTaken, projectRowByPath } from './queries/projects.ts';
import { insertProtectedRef, insertRefAccess, protectedRefRows } from './queries/protected-refs.ts';
import type { User } from './user.ts';

export interface NewProject {
  /** At least one of the two. */
  name?: string;
  path?: string;
  /** Default: the creator's own. */
  namespaceId?: number;
  /** Default: the instance's. */
  defaultBranch?: string;
  settings?: ProjectSettings;
  /** The project that this one is a fork of. */
  forkedFromId?: number;
}

export type CreateProjectResult =
  | { ok: true; project: Project }
  | { ok: false; reason: 'invalid'; errors: FieldErrors }
  | { ok: false; reason: 'limit'; text: string };

/**
 * Makes a project with its default branch protected and the creator as owner (rest-resources 1.5, 1.6; security
 * PROT-2). The repository is made by the caller afterwards. Also what a push to a missing project uses.
 */
export async function createProject(
  tx: Tx,
  creator: User,
  request: NewProject,
  now: number,
): Promise<CreateProjectResult> {
  const instance = await instanceSettings(tx);
  const namespace = await targetNamespace(tx, creator, request.namespaceId, now);
  if (namespace === null) {
    return { ok: false, reason: 'invalid', errors: { namespace: ['is not valid'] } };
  }
  const limit = await limitText(tx, creator, namespace);
  if (limit !== null) return { ok: false, reason: 'limit', text: limit };
  const path = request.path ?? slugOf(request.name ?? '');
  const name = request.name ?? path;
  const settings = { visibility: instance.default_project_visibility, ...request.settings };
  const errors = errorsOrNull({
    ...(await placeErrors(tx, namespace, name, path)),
    ...settingErrors(settings, namespace),
  });
  if (errors !== null) return { ok: false, reason: 'invalid', errors };
  const branch = request.defaultBranch ?? instance.default_branch_name;
  const row = await insertProject(tx, {
    ...newRow(instance, now),
    ...columnsOfSettings(settings, {}),
    namespace_id: namespace.id,
    creator_id: creator.id,
    name,
    path,
    full_path: `${namespace.fullPath}/${path}`,
    path_key: `${namespace.fullPath}/${path}`.toLowerCase(),
    default_branch: branch,
    forked_from_id: request.forkedFromId ?? null,
  });
  await insertMember(tx, {
    source_type: 'project',
    source_id: row.id,
    user_id: creator.id,
    access_level: OWNER,
    expires_at: null,
    created_by_id: null,
    created_at: now,
  });
  await protectBranch(tx, row.id, branch, now);
  return { ok: true, project: projectOfRow(row) };
}

/** Protects a branch as a new default branch is: maintainers push, developers merge, nobody forces (PROT-2). */
export async function protectBranch(tx: Tx, projectId: number, branch: string, now: number): Promise<void> {
  const refs = await protectedRefRows(tx, projectId);
  if (refs.some((ref) => ref.kind === 'branch' && ref.name === branch)) return;
  const rule = { kind: 'branch', name: branch, allowForcePush: false } as const;
  const id = await insertProtectedRef(tx, projectId, rule, now);
  await insertRefAccess(tx, id, 'push', MAINTAINER);
  await insertRefAccess(tx, id, 'merge', DEVELOPER);
}

/** What is wrong with a name and path inside a namespace; `ownId` is the project that may keep its own. */
export async function placeErrors(
  reading: Reading,
  namespace: Namespace,
  name: string,
  path: string,
  ownId: number | null = null,
): Promise<FieldErrors> {
  const errors = { name: nameErrors(name), path: projectPathErrors(path) };
  const byPath = await projectRowByPath(reading, `${namespace.fullPath}/${path}`.toLowerCase());
  if (byPath !== undefined && byPath.id !== ownId) errors.path.push('has already been taken');
  if (await projectNameTaken(reading, namespace.id, name, ownId)) errors.name.push('has already been taken');
  return errors;
}

/** The namespace if the creator may make projects in it, the own one without an id; null otherwise. */
export async function targetNamespace(
  tx: Reading,
  creator: User,
  namespaceId: number | undefined,
  now: number,
): Promise<Namespace | null> {
  if (namespaceId === undefined) return await namespaceOfUser(tx, creator.id);
  const namespace = await namespaceById(tx, namespaceId);
  if (namespace === null || namespace.markedForDeletionAt !== null) return null;
  if (namespace.kind === 'user') {
    return namespace.ownerId === creator.id || creator.admin ? namespace : null;
  }
  const level = await groupLevelOf(tx, creator.id, namespace.id, now);
  return mayCreateProjects({ admin: creator.admin, level }, namespace) ? namespace : null;
}

/** The refusal of a user who has as many projects as allowed, or null. */
async function limitText(tx: Tx, creator: User, namespace: Namespace): Promise<string | null> {
  if (namespace.kind !== 'user' || creator.admin) return null;
  if ((await countInNamespace(tx, namespace.id)) < creator.projectsLimit) return null;
  if (creator.projectsLimit === 0) {
    return 'You cannot create projects in your personal namespace. Contact your GitLab administrator.';
  }
  return `You've reached your limit of ${creator.projectsLimit} projects created. Contact your GitLab administrator.`;
}

/** A project that nobody said anything about. */
function newRow(instance: InstanceSettings, now: number) {
  return {
    description: null,
    visibility: instance.default_project_visibility as string,
    archived: 0,
    public_builds: 1,
    builds_access_level: 'enabled',
    repository_access_level: 'enabled',
    build_timeout_seconds: 3600,
    ci_config_path: instance.default_ci_config_path,
    ci_default_git_depth: 20,
    build_git_strategy: 'fetch',
    auto_cancel_pending_pipelines: 1,
    shared_runners_enabled: instance.shared_runners_enabled ? 1 : 0,
    group_runners_enabled: 1,
    keep_latest_artifact: 1,
    ci_outbound_job_token_scope_enabled: 0,
    ci_inbound_job_token_scope_enabled: 1,
    ci_separated_caches: 1,
    ci_forward_deployment_enabled: 1,
    ci_pipeline_variables_minimum_override_role: 'developer',
    resource_group_default_process_mode: 'unordered',
    max_artifacts_size: null,
    settings: '{}',
    marked_for_deletion_at: null,
    last_activity_at: now,
    star_count: 0,
    created_at: now,
    updated_at: now,
  };
}
