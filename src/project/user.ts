import type { Reading } from '../db/transaction.ts';
import { type UserRow, userRow, userRowByLogin, userRows } from './queries/users.ts';

/** A person or bot, as the other rooms see it. */
export interface User {
  id: number;
  username: string;
  name: string;
  email: string;
  publicEmail: string;
  state: 'active' | 'blocked' | 'blocked_pending_approval' | 'deactivated' | 'banned';
  admin: boolean;
  bot: boolean;
  external: boolean;
  canCreateGroup: boolean;
  createdAt: number;
  updatedAt: number;
  projectsLimit: number;
  /** Optional texts of a profile (bio, location …) by GitLab's names. */
  profile: Record<string, unknown>;
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

/** A row as the rooms see it. */
export function userOfRow(row: UserRow): User {
  return {
    id: row.id,
    username: row.username,
    name: row.name,
    email: row.email,
    publicEmail: row.public_email,
    state: row.state as User['state'],
    admin: row.admin === 1,
    bot: row.bot === 1,
    external: row.external === 1,
    canCreateGroup: row.can_create_group === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    projectsLimit: row.projects_limit,
    profile: JSON.parse(row.profile) as Record<string, unknown>,
    lastActivityAt: row.last_activity_at,
    lastSignInAt: row.last_sign_in_at,
  };
}
