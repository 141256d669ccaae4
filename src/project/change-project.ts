import type { Tx } from '../db/transaction.ts';
import { placeErrors, protectBranch } from './create-project.ts';
import { type Namespace, namespaceById } from './namespace.ts';
import { errorsOrNull, type FieldErrors } from './path-rules.ts';
import { type Project, projectOfRow } from './project.ts';
import { columnsOfSettings, type ProjectSettings, settingErrors } from './project-settings.ts';
import { type ProjectRow, projectRow, replaceRedirect, updateProjectRow } from './queries/projects.ts';

export interface ProjectChanges extends ProjectSettings {
  name?: string;
  path?: string;
  /** The caller has seen that the branch exists. */
  defaultBranch?: string;
}

/** From the least to the most open. */
const VISIBILITIES: readonly Project['visibility'][] = ['private', 'internal', 'public'];

export type ChangeProjectResult = { ok: true; project: Project } | { ok: false; errors: FieldErrors };

/** Edits a project; its former path leads to it from then on (rest-resources 1.5, jobs-api 1.3). */
export async function changeProject(
  tx: Tx,
  project: Project,
  changes: ProjectChanges,
  now: number,
): Promise<ChangeProjectResult> {
  const { name = project.name, path = project.path, defaultBranch, ...settings } = changes;
  const namespace = (await namespaceById(tx, project.namespaceId))!;
  const renamed = name !== project.name || path !== project.path;
  const errors = errorsOrNull({
    ...(renamed ? await placeErrors(tx, namespace, name, path, project.id) : {}),
    ...settingErrors(settings, namespace),
  });
  if (errors !== null) return { ok: false, errors };
  const columns: Partial<ProjectRow> = { ...columnsOfSettings(settings, project.settings), updated_at: now };
  if (defaultBranch !== undefined && defaultBranch !== project.defaultBranch) {
    columns.default_branch = defaultBranch;
    await protectBranch(tx, project.id, defaultBranch, now);
  }
  await updateProjectRow(tx, project.id, columns);
  if (renamed) await rename(tx, project, { name, path, fullPath: `${namespace.fullPath}/${path}` }, now);
  return { ok: true, project: projectOfRow((await projectRow(tx, project.id))!) };
}

/** Archives a project, or brings it back. */
export async function setArchived(
  tx: Tx,
  project: Project,
  archived: boolean,
  now: number,
): Promise<Project> {
  await updateProjectRow(tx, project.id, { archived: archived ? 1 : 0, updated_at: now });
  return { ...project, archived, updatedAt: now };
}

/**
 * Marks a project for deletion and moves it out of the way of its name (rest-resources 1.7); false when it was marked
 * already. What it holds is removed by a duty after the retention period.
 */
export async function markForDeletion(tx: Tx, project: Project, now: number): Promise<boolean> {
  if (project.markedForDeletionAt !== null) return false;
  const suffix = `-deletion_scheduled-${project.id}`;
  const place = {
    name: `${project.name}${suffix}`,
    path: `${project.path}${suffix}`,
    fullPath: `${project.fullPath}${suffix}`,
  };
  await updateProjectRow(tx, project.id, { marked_for_deletion_at: now });
  await rename(tx, project, place, now);
  return true;
}

/** Makes a project's removal due at once: from now on nobody finds it, and its path is free. */
export async function removeNow(tx: Tx, project: Project, now: number): Promise<void> {
  const key = `-removed-${project.id}`;
  await updateProjectRow(tx, project.id, { marked_for_deletion_at: 0, path_key: key, updated_at: now });
}

/**
 * Moves a project into another namespace, whose visibility it does not exceed; its former path leads to it. The caller
 * may make projects there. Jobs that wait are offered anew by the caller (`rescope`).
 */
export async function transferProject(
  tx: Tx,
  project: Project,
  target: Namespace,
  now: number,
): Promise<ChangeProjectResult> {
  const error = (text: string): ChangeProjectResult => ({ ok: false, errors: { new_namespace: [text] } });
  if (target.id === project.namespaceId) return error('Project is already in this namespace.');
  if (errorsOrNull(await placeErrors(tx, target, project.name, project.path, project.id)) !== null) {
    return error('Project with same name or path in target namespace already exists');
  }
  const visibility = lowerVisibility(project.visibility, target);
  await updateProjectRow(tx, project.id, { namespace_id: target.id, visibility });
  await rename(tx, project, { ...project, fullPath: `${target.fullPath}/${project.path}` }, now);
  return { ok: true, project: projectOfRow((await projectRow(tx, project.id))!) };
}

/** The visibility that a project may have in a namespace: a group's own at most. */
export function lowerVisibility(wanted: Project['visibility'], namespace: Namespace): Project['visibility'] {
  const open =
    namespace.kind === 'group' && VISIBILITIES.indexOf(wanted) > VISIBILITIES.indexOf(namespace.visibility);
  return open ? namespace.visibility : wanted;
}

/** Takes the mark back and gives the project its name again, if that is free. */
export async function restoreProject(tx: Tx, project: Project, now: number): Promise<ChangeProjectResult> {
  if (project.markedForDeletionAt === null) {
    return { ok: false, errors: { base: ['Project has not been marked for deletion'] } };
  }
  const suffix = new RegExp(`-deletion_scheduled-${project.id}$`);
  const name = project.name.replace(suffix, '');
  const path = project.path.replace(suffix, '');
  const namespace = (await namespaceById(tx, project.namespaceId))!;
  const errors = errorsOrNull(await placeErrors(tx, namespace, name, path, project.id));
  if (errors !== null) return { ok: false, errors };
  await updateProjectRow(tx, project.id, { marked_for_deletion_at: null });
  await rename(tx, project, { name, path, fullPath: `${namespace.fullPath}/${path}` }, now);
  return { ok: true, project: projectOfRow((await projectRow(tx, project.id))!) };
}

/** Notes a push: the project is active, and with `hasCommits` no longer empty (rest-resources 1.4 `empty_repo`). */
export async function notePush(tx: Tx, projectId: number, hasCommits: boolean, now: number): Promise<void> {
  const row = await projectRow(tx, projectId);
  if (row === undefined) return;
  const settings = JSON.parse(row.settings) as Record<string, unknown>;
  const first = hasCommits && settings.has_commits !== true;
  if (!first && now - row.last_activity_at < 60_000) return;
  const changed = first ? { settings: JSON.stringify({ ...settings, has_commits: true }) } : {};
  await updateProjectRow(tx, projectId, { last_activity_at: now, ...changed });
}

async function rename(
  tx: Tx,
  project: Project,
  place: { name: string; path: string; fullPath: string },
  now: number,
): Promise<void> {
  const key = place.fullPath.toLowerCase();
  await updateProjectRow(tx, project.id, {
    name: place.name,
    path: place.path,
    full_path: place.fullPath,
    path_key: key,
    updated_at: now,
  });
  const former = project.fullPath.toLowerCase();
  if (former !== key) await replaceRedirect(tx, former, key, project.id);
}
