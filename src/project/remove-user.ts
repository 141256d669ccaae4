import type { Reading, Tx } from '../db/transaction.ts';
import { storeAvatar } from './avatar.ts';
import { removeNow } from './change-project.ts';
import { removeGroupNow } from './create-group.ts';
import { namespaceById, namespaceOfUser } from './namespace.ts';
import { projectOfRow } from './project.ts';
import { deleteMembershipsOf, soleOwnedIds } from './queries/members.ts';
import { updateNamespace } from './queries/namespaces.ts';
import { projectRowsIn } from './queries/projects.ts';
import { deleteSessionsOfUser } from './queries/sessions.ts';
import { deleteStarsOf } from './queries/stars.ts';
import { revokeTokensOf } from './queries/tokens.ts';
import { updateUser } from './queries/users.ts';
import type { User } from './user.ts';

/** Groups that would be left without an owner. */
export async function soleOwnedGroups(reading: Reading, userId: number): Promise<number> {
  return (await soleOwnedIds(reading, userId)).length;
}

/**
 * Takes an account away, with the projects in its own namespace and the groups that nobody else owns. From then on
 * nobody finds it, its name is free again, and jobs and pipelines of the past have no user (rest-resources 2.1): its row
 * stays, without a person in it, because rewriting the history would cost what the history is long. What the projects
 * hold is removed by the duty for projects.
 */
export async function removeUser(tx: Tx, user: User, now: number): Promise<void> {
  for (const id of await soleOwnedIds(tx, user.id)) {
    const group = await namespaceById(tx, id);
    if (group !== null) await removeGroupNow(tx, group, now);
  }
  await revokeTokensOf(tx, user.id, now);
  await deleteSessionsOfUser(tx, user.id);
  await deleteMembershipsOf(tx, user.id);
  await deleteStarsOf(tx, user.id);
  await storeAvatar(tx, 'user', user.id, null);
  await removeNamespace(tx, user, now);
  const nobody = `-removed-${user.id}`;
  await updateUser(tx, user.id, {
    username: nobody,
    name: '',
    email: nobody,
    public_email: '',
    state: 'removed',
    admin: 0,
    password_hash: null,
    profile: '{}',
    updated_at: now,
  });
}

/** The user's own namespace gives its path back and goes when its projects are gone. */
async function removeNamespace(tx: Tx, user: User, now: number): Promise<void> {
  const namespace = await namespaceOfUser(tx, user.id);
  const path = `-removed-${namespace.id}`;
  for (const row of await projectRowsIn(tx, namespace.id)) {
    await removeNow(tx, projectOfRow(row), now);
  }
  await updateNamespace(tx, namespace.id, {
    path,
    full_path: path,
    path_key: path,
    owner_id: null,
    marked_for_deletion_at: 0,
    updated_at: now,
  });
}
