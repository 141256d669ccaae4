import type { Tx } from '../db/transaction.ts';
import { errorsOrNull, type FieldErrors, namespacePathErrors } from './path-rules.ts';
import {
  insertNamespace,
  moveBelow,
  namespaceRowByPath,
  namespaceRowOfUser,
  updateNamespace,
} from './queries/namespaces.ts';
import { deleteSessionsOfUser } from './queries/sessions.ts';
import { insertUser, updateUser, userRow, userRowByEmail } from './queries/users.ts';
import { type User, userOfRow } from './user.ts';

/** What an administrator may say of a user; `passwordHash` is made by `password.ts` before the transaction. */
export interface UserValues {
  username: string;
  name: string;
  email: string;
  publicEmail?: string;
  passwordHash?: string | null;
  /** The password is not of the user's own choice: it lets him choose another and does nothing else. */
  passwordExpired?: boolean;
  admin?: boolean;
  bot?: boolean;
  external?: boolean;
  canCreateGroup?: boolean;
  projectsLimit?: number;
  profile?: Record<string, unknown>;
}

export type UserResult =
  | { ok: true; user: User }
  | { ok: false; reason: 'email_taken' | 'username_taken' }
  | { ok: false; reason: 'invalid'; errors: FieldErrors };

/** Makes a user and the user's own namespace. */
export async function createUser(tx: Tx, values: UserValues, now: number): Promise<UserResult> {
  const refusal = await refusalOf(tx, values, null);
  if (refusal !== null) return refusal;
  const row = await insertUser(tx, {
    username: values.username,
    name: values.name,
    email: values.email,
    public_email: values.publicEmail ?? '',
    state: 'active',
    admin: values.admin ? 1 : 0,
    bot: values.bot ? 1 : 0,
    external: values.external ? 1 : 0,
    can_create_group: (values.canCreateGroup ?? true) ? 1 : 0,
    projects_limit: values.projectsLimit ?? 100_000,
    password_hash: values.passwordHash ?? null,
    password_expires_at: null,
    profile: JSON.stringify(values.profile ?? {}),
    created_at: now,
    updated_at: now,
    last_activity_at: null,
    last_sign_in_at: null,
  });
  await insertNamespace(tx, {
    kind: 'user',
    name: values.name,
    path: values.username,
    full_path: values.username,
    path_key: values.username.toLowerCase(),
    parent_id: null,
    owner_id: row.id,
    description: '',
    visibility: 'public',
    settings: '{}',
    marked_for_deletion_at: null,
    created_at: now,
    updated_at: now,
  });
  return { ok: true, user: userOfRow(row) };
}

/**
 * Changes a user; a new username renames the namespace and everything in it. Another password, and becoming or no longer
 * being an administrator, end all sessions (security SES-1).
 */
export async function changeUser(
  tx: Tx,
  user: User,
  changes: Partial<UserValues>,
  now: number,
): Promise<UserResult> {
  const values: UserValues = { username: user.username, name: user.name, email: user.email, ...changes };
  const refusal = await refusalOf(tx, values, user.id);
  if (refusal !== null) return refusal;
  await updateUser(tx, user.id, {
    username: values.username,
    name: values.name,
    email: values.email,
    updated_at: now,
    ...(changes.publicEmail === undefined ? {} : { public_email: changes.publicEmail }),
    ...(changes.passwordHash === undefined
      ? {}
      : { password_hash: changes.passwordHash, password_expires_at: changes.passwordExpired ? now : null }),
    ...(changes.admin === undefined ? {} : { admin: changes.admin ? 1 : 0 }),
    ...(changes.external === undefined ? {} : { external: changes.external ? 1 : 0 }),
    ...(changes.canCreateGroup === undefined ? {} : { can_create_group: changes.canCreateGroup ? 1 : 0 }),
    ...(changes.projectsLimit === undefined ? {} : { projects_limit: changes.projectsLimit }),
    ...(changes.profile === undefined
      ? {}
      : { profile: JSON.stringify({ ...user.profile, ...changes.profile }) }),
  });
  const otherRole = changes.admin !== undefined && changes.admin !== user.admin;
  if (changes.passwordHash !== undefined || otherRole) await deleteSessionsOfUser(tx, user.id);
  await renameOwnNamespace(tx, user.id, values, now);
  const row = await userRow(tx, user.id);
  return { ok: true, user: userOfRow(row!) };
}

/** Blocks, bans, deactivates or reactivates; `state` takes effect with the next request, and only the active stay signed in. */
export async function setUserState(tx: Tx, userId: number, state: User['state'], now: number): Promise<void> {
  await updateUser(tx, userId, { state, updated_at: now });
  if (state !== 'active') await deleteSessionsOfUser(tx, userId);
}

async function renameOwnNamespace(tx: Tx, userId: number, values: UserValues, now: number): Promise<void> {
  const own = await namespaceRowOfUser(tx, userId);
  if (own === undefined) return;
  await updateNamespace(tx, own.id, {
    name: values.name,
    path: values.username,
    full_path: values.username,
    path_key: values.username.toLowerCase(),
    updated_at: now,
  });
  if (own.full_path !== values.username) await moveBelow(tx, own.full_path, values.username);
}

async function refusalOf(
  tx: Tx,
  values: UserValues,
  ownId: number | null,
): Promise<Exclude<UserResult, { ok: true }> | null> {
  const byEmail = await userRowByEmail(tx, values.email);
  if (byEmail !== undefined && byEmail.id !== ownId) return { ok: false, reason: 'email_taken' };
  const namespace = await namespaceRowByPath(tx, values.username.toLowerCase());
  if (namespace !== undefined && (ownId === null || namespace.owner_id !== ownId)) {
    return { ok: false, reason: 'username_taken' };
  }
  const errors = errorsOrNull({
    email: /^[^\s@]+@[^\s@]+$/.test(values.email) ? [] : ['is invalid'],
    username: namespacePathErrors(values.username, true),
    name: values.name.trim() === '' ? ["can't be blank"] : tooLong(values.name, 255),
    bio: tooLong(String(values.profile?.bio ?? ''), 255),
  });
  return errors === null ? null : { ok: false, reason: 'invalid', errors };
}

function tooLong(text: string, maximum: number): string[] {
  return [...text].length > maximum ? [`is too long (maximum is ${maximum} characters)`] : [];
}
