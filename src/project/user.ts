import type { Reading } from '../db/transaction.ts';
import { type UserRow, userRow, userRowByLogin, userRows } from './queries/users.ts';

/** What everybody may know of a person or bot. */
export interface PublicUser {
  id: number;
  username: string;
  name: string;
  publicEmail: string;
  state: 'active' | 'blocked' | 'blocked_pending_approval' | 'deactivated' | 'banned';
  bot: boolean;
  createdAt: number;
  /** Optional texts of a profile (bio, location …) by GitLab's names. */
  profile: Record<string, unknown>;
}

/** A person or bot, as the other rooms see it. */
export interface User extends PublicUser {
  email: string;
  admin: boolean;
  external: boolean;
  canCreateGroup: boolean;
  updatedAt: number;
  projectsLimit: number;
  lastActivityAt: number | null;
  lastSignInAt: number | null;
}

/** The user with this id, or null; a removed account is none. */
export async function userById(reading: Reading, id: number): Promise<User | null> {
  const row = await userRow(reading, id);
  return row === undefined ? null : userOfRow(row);
}

/** Users by id; unknown ids are left out. */
export async function usersByIds(reading: Reading, ids: readonly number[]): Promise<Map<number, User>> {
  const rows = await userRows(reading, [...new Set(ids)]);
  return new Map(rows.map((row) => [row.id, userOfRow(row)]));
}

/** The user with this name, whatever its case, or null. */
export async function userByUsername(reading: Reading, username: string): Promise<User | null> {
  const row = await userRowByLogin(reading, username);
  return row === undefined || row.username.toLowerCase() !== username.toLowerCase() ? null : userOfRow(row);
}

/** Columns of `publicUserOfRow`. */
export const PUBLIC_COLUMNS = [
  'id',
  'username',
  'name',
  'public_email',
  'state',
  'bot',
  'created_at',
  'profile',
] as const satisfies (keyof UserRow)[];

/** The same of a row that has these columns at least. */
export function publicUserOfRow(row: Pick<UserRow, (typeof PUBLIC_COLUMNS)[number]>): PublicUser {
  return {
    id: row.id,
    username: row.username,
    name: row.name,
    publicEmail: row.public_email,
    state: row.state as User['state'],
    bot: row.bot === 1,
    createdAt: row.created_at,
    profile: JSON.parse(row.profile) as Record<string, unknown>,
  };
}

/** A row as the rooms see it. */
export function userOfRow(row: UserRow): User {
  return {
    ...publicUserOfRow(row),
    email: row.email,
    admin: row.admin === 1,
    external: row.external === 1,
    canCreateGroup: row.can_create_group === 1,
    updatedAt: row.updated_at,
    projectsLimit: row.projects_limit,
    lastActivityAt: row.last_activity_at,
    lastSignInAt: row.last_sign_in_at,
  };
}
