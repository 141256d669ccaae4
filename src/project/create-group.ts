import type { Tx } from '../db/transaction.ts';
import { OWNER } from './authorize.ts';
import { type Namespace, namespaceById, namespaceOfRow } from './namespace.ts';
import { errorsOrNull, type FieldErrors, nameErrors, namespacePathErrors } from './path-rules.ts';
import { insertMember } from './queries/members.ts';
import {
  closeBelow,
  insertNamespace,
  moveBelow,
  namespaceRow,
  namespaceRowByPath,
  updateNamespace,
} from './queries/namespaces.ts';
import { projectRowByPath } from './queries/projects.ts';
import type { User } from './user.ts';

export interface GroupValues {
  name: string;
  path: string;
  description?: string | null;
  visibility?: Namespace['visibility'];
  /** Settings by GitLab's parameter names. */
  settings?: Record<string, unknown>;
}

export type GroupResult = { ok: true; group: Namespace } | { ok: false; errors: FieldErrors };

const RANK = { private: 0, internal: 1, public: 2 };

/** Makes a group, below `parent` or at the top; its maker becomes owner of a top one (rest-resources 3.1). */
export async function createGroup(
  tx: Tx,
  maker: User,
  parent: Namespace | null,
  values: GroupValues,
  now: number,
): Promise<GroupResult> {
  const visibility = values.visibility ?? parent?.visibility ?? 'private';
  const errors = await groupErrors(tx, parent, { ...values, visibility }, null);
  if (errors !== null) return { ok: false, errors };
  const fullPath = parent === null ? values.path : `${parent.fullPath}/${values.path}`;
  const row = await insertNamespace(tx, {
    kind: 'group',
    name: values.name,
    path: values.path,
    full_path: fullPath,
    path_key: fullPath.toLowerCase(),
    parent_id: parent?.id ?? null,
    owner_id: null,
    description: values.description ?? '',
    visibility,
    settings: JSON.stringify(values.settings ?? {}),
    marked_for_deletion_at: null,
    created_at: now,
    updated_at: now,
  });
  await insertMember(tx, {
    source_type: 'group',
    source_id: row.id,
    user_id: maker.id,
    access_level: OWNER,
    expires_at: null,
    created_by_id: null,
    created_at: now,
  });
  return { ok: true, group: namespaceOfRow(row) };
}

/** Changes a group; a new path moves everything below it, whose former project paths stay known. */
export async function changeGroup(
  tx: Tx,
  group: Namespace,
  changes: Partial<GroupValues>,
  now: number,
): Promise<GroupResult> {
  const parent = group.parentId === null ? null : await namespaceById(tx, group.parentId);
  const values = { name: group.name, path: group.path, visibility: group.visibility, ...changes };
  const errors = await groupErrors(tx, parent, values, group.id);
  if (errors !== null) return { ok: false, errors };
  const fullPath = parent === null ? values.path : `${parent.fullPath}/${values.path}`;
  await updateNamespace(tx, group.id, {
    name: values.name,
    path: values.path,
    full_path: fullPath,
    path_key: fullPath.toLowerCase(),
    visibility: values.visibility ?? group.visibility,
    description: changes.description === undefined ? group.description : (changes.description ?? ''),
    settings: JSON.stringify({ ...group.settings, ...changes.settings }),
    updated_at: now,
  });
  if (fullPath !== group.fullPath) await moveBelow(tx, group.fullPath, fullPath);
  return { ok: true, group: namespaceOfRow((await namespaceRow(tx, group.id))!) };
}

/** Marks a group for deletion, out of the way of its name; false when it was marked already. */
export async function markGroupForDeletion(tx: Tx, group: Namespace, now: number): Promise<boolean> {
  if (group.markedForDeletionAt !== null) return false;
  const suffix = `-deletion_scheduled-${group.id}`;
  const fullPath = `${group.fullPath}${suffix}`;
  await updateNamespace(tx, group.id, {
    name: `${group.name}${suffix}`,
    path: `${group.path}${suffix}`,
    full_path: fullPath,
    path_key: fullPath.toLowerCase(),
    marked_for_deletion_at: now,
    updated_at: now,
  });
  await moveBelow(tx, group.fullPath, fullPath);
  return true;
}

/** Takes the mark back and gives the group its name again, if that is free. */
export async function restoreGroup(tx: Tx, group: Namespace, now: number): Promise<GroupResult> {
  if (group.markedForDeletionAt === null) {
    return { ok: false, errors: { base: ['Group has not been marked for deletion'] } };
  }
  const suffix = new RegExp(`-deletion_scheduled-${group.id}$`);
  const values = { name: group.name.replace(suffix, ''), path: group.path.replace(suffix, '') };
  await updateNamespace(tx, group.id, { marked_for_deletion_at: null });
  return await changeGroup(tx, group, values, now);
}

/** Makes a group's removal due at once, with all that is in it. */
export async function removeGroupNow(tx: Tx, group: Namespace, now: number): Promise<void> {
  await markGroupForDeletion(tx, group, now);
  await updateNamespace(tx, group.id, { marked_for_deletion_at: 0 });
}

/**
 * Moves a group with all that is in it below another, or to the top. Everything in it becomes at most as visible as its
 * new parent. Gives what stands against it otherwise. Waiting jobs are offered anew by the caller (`rescope`).
 */
export async function transferGroup(
  tx: Tx,
  group: Namespace,
  parent: Namespace | null,
  now: number,
): Promise<{ ok: true; group: Namespace } | { ok: false; text: string }> {
  if ((parent?.id ?? null) === group.parentId) {
    const text =
      parent === null ? 'Group is already a root group.' : 'Group is already associated to the parent group.';
    return { ok: false, text };
  }
  if (parent !== null && `${parent.fullPath}/`.startsWith(`${group.fullPath}/`)) {
    return { ok: false, text: 'Cannot transfer group to one of its subgroup.' };
  }
  const fullPath = parent === null ? group.path : `${parent.fullPath}/${group.path}`;
  const key = fullPath.toLowerCase();
  if ((await namespaceRowByPath(tx, key)) ?? (await projectRowByPath(tx, key))) {
    return { ok: false, text: 'The parent group already has a subgroup or a project with the same path.' };
  }
  const lowered = parent !== null && RANK[group.visibility] > RANK[parent.visibility];
  await updateNamespace(tx, group.id, {
    parent_id: parent?.id ?? null,
    full_path: fullPath,
    path_key: key,
    visibility: lowered ? parent.visibility : group.visibility,
    updated_at: now,
  });
  await moveBelow(tx, group.fullPath, fullPath);
  if (lowered) await closeBelow(tx, fullPath, parent.visibility);
  return { ok: true, group: namespaceOfRow((await namespaceRow(tx, group.id))!) };
}

async function groupErrors(
  tx: Tx,
  parent: Namespace | null,
  values: GroupValues,
  ownId: number | null,
): Promise<FieldErrors | null> {
  const fullPath = parent === null ? values.path : `${parent.fullPath}/${values.path}`;
  const other = await namespaceRowByPath(tx, fullPath.toLowerCase());
  const path = namespacePathErrors(values.path, parent === null);
  if (other !== undefined && other.id !== ownId) path.push('has already been taken');
  const { visibility } = values;
  const tooOpen =
    parent !== null && visibility !== undefined && RANK[visibility] > RANK[parent.visibility]
      ? [`${visibility} is not allowed since the parent group has a ${parent.visibility} visibility.`]
      : [];
  return errorsOrNull({ name: nameErrors(values.name), path, visibility_level: tooOpen });
}
