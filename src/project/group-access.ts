import type { Reading } from '../db/transaction.ts';
import { DEVELOPER, GUEST, MAINTAINER, OWNER } from './authorize.ts';
import { type Caller, userOf } from './caller.ts';
import type { Namespace } from './namespace.ts';
import { groupLevel, isBelowMember } from './queries/members.ts';

/** A caller as one group sees him. */
export interface GroupViewer {
  userId: number | null;
  admin: boolean;
  external: boolean;
  /** Highest level on the group or one above it; 0 without any. */
  level: number;
  /** A member of something inside the group. */
  inside: boolean;
}

export type GroupAction =
  | 'read_group'
  | 'create_projects'
  | 'create_subgroup'
  | 'admin_group'
  | 'admin_group_member'
  | 'admin_cicd_variables'
  | 'admin_runner'
  | 'manage_resource_access_tokens';

/** Highest level of a user on a group, own or inherited; 0 without any. */
export async function groupLevelOf(
  reading: Reading,
  userId: number,
  groupId: number,
  now: number,
): Promise<number> {
  return await groupLevel(reading, userId, groupId, now);
}

/** How a caller stands to a group. */
export async function groupViewerOf(
  reading: Reading,
  caller: Caller,
  group: Namespace,
  now: number,
): Promise<GroupViewer> {
  const user = userOf(caller);
  const level = user === null ? 0 : await groupLevel(reading, user.id, group.id, now);
  const inside =
    user !== null && level < GUEST && (await isBelowMember(reading, user.id, group.fullPath, now));
  return {
    userId: user?.id ?? null,
    admin: user?.admin ?? false,
    external: user?.external ?? false,
    level,
    inside,
  };
}

/** Whether the viewer may do it to the group (rest-resources 3.1, 5). Pure. */
export function mayInGroup(viewer: GroupViewer, action: GroupAction, group: Namespace): boolean {
  if (!mayReadGroup(viewer, group)) return false;
  switch (action) {
    case 'read_group':
      return true;
    case 'create_projects':
      return mayCreateProjects(viewer, group);
    case 'create_subgroup': {
      const creators = group.settings.subgroup_creation_level;
      return viewer.admin || viewer.level >= (creators === 'owner' ? OWNER : MAINTAINER);
    }
    case 'admin_group':
    case 'admin_group_member':
    case 'admin_cicd_variables':
    case 'admin_runner':
    case 'manage_resource_access_tokens':
      return viewer.admin || viewer.level >= OWNER;
  }
}

function mayReadGroup(viewer: GroupViewer, group: Namespace): boolean {
  if (viewer.admin || viewer.level >= GUEST || viewer.inside) return true;
  if (group.visibility === 'internal') return viewer.userId !== null && !viewer.external;
  return group.visibility === 'public';
}

const CREATION_LEVELS: Record<string, number> = {
  noone: Number.POSITIVE_INFINITY,
  owner: OWNER,
  maintainer: MAINTAINER,
  developer: DEVELOPER,
  administrator: Number.POSITIVE_INFINITY,
};

/** Whether a user of this level may make projects in the group, as its `project_creation_level` says. */
export function mayCreateProjects(user: { admin: boolean; level: number }, group: Namespace): boolean {
  const setting = String(group.settings.project_creation_level ?? 'developer');
  if (user.admin) return setting !== 'noone';
  return user.level >= (CREATION_LEVELS[setting] ?? OWNER);
}
