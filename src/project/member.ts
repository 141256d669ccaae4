import type { Reading, Tx } from '../db/transaction.ts';
import { OWNER } from './authorize.ts';
import { ancestorsOf } from './namespace.ts';
import type { Project } from './project.ts';
import { deleteMember, insertMember, type MemberRow, memberRows, updateMember } from './queries/members.ts';
import { type Share, sharesOf } from './share.ts';

/** A direct membership of a project or group. */
export interface Member {
  id: number;
  userId: number;
  accessLevel: number;
  /** YYYY-MM-DD. */
  expiresAt: string | null;
  createdById: number | null;
  createdAt: number;
}

/** What members belong to. */
export interface MemberSource {
  type: 'project' | 'group';
  id: number;
}

/** Levels that can be given (rest-resources 3.2). */
export const GRANTABLE_LEVELS = [10, 15, 20, 30, 40, 50];

/** Direct members, oldest first; those whose time is over are left out. */
export async function directMembers(reading: Reading, source: MemberSource, now: number): Promise<Member[]> {
  const rows = await memberRows(reading, source.type, [source.id]);
  return rows.map(memberOfRow).filter((member) => isCurrent(member, now));
}

/** Direct, inherited and invited members of a group, the highest level of each user. */
export async function allGroupMembers(reading: Reading, groupId: number, now: number): Promise<Member[]> {
  const groups = await ancestorsOf(reading, groupId);
  const ids = groups.filter(({ kind }) => kind === 'group').map(({ id }) => id);
  const own = (await memberRows(reading, 'group', ids)).map(memberOfRow);
  const invited: Member[] = [];
  for (const share of await currentShares(reading, 'group', ids, now)) {
    const members = await directMembers(reading, { type: 'group', id: share.groupId }, now);
    invited.push(...members.map((member) => atMost(member, share.accessLevel)));
  }
  return highestOf([...own, ...invited].filter((member) => isCurrent(member, now)));
}

/** Direct, inherited and invited members of a project, the highest level of each user. */
export async function allProjectMembers(
  reading: Reading,
  project: Pick<Project, 'id' | 'namespaceId'>,
  now: number,
): Promise<Member[]> {
  const members = await directMembers(reading, { type: 'project', id: project.id }, now);
  members.push(...(await allGroupMembers(reading, project.namespaceId, now)));
  for (const share of await currentShares(reading, 'project', [project.id], now)) {
    const invited = await allGroupMembers(reading, share.groupId, now);
    members.push(...invited.map((member) => atMost(member, share.accessLevel)));
  }
  return highestOf(members);
}

async function currentShares(
  reading: Reading,
  type: MemberSource['type'],
  ids: readonly number[],
  now: number,
): Promise<Share[]> {
  const shares = [...(await sharesOf(reading, type, ids)).values()].flat();
  return shares.filter((share) => isCurrent(share, now));
}

function atMost(member: Member, level: number): Member {
  return { ...member, accessLevel: Math.min(member.accessLevel, level) };
}

/** Adds a member. The caller has checked that there is none and that the level may be given. */
export async function addMember(
  tx: Tx,
  source: MemberSource,
  member: { userId: number; accessLevel: number; expiresAt: string | null; createdById: number },
  now: number,
): Promise<Member> {
  const row = await insertMember(tx, {
    source_type: source.type,
    source_id: source.id,
    user_id: member.userId,
    access_level: member.accessLevel,
    expires_at: member.expiresAt,
    created_by_id: member.createdById,
    created_at: now,
  });
  return memberOfRow(row);
}

/** Gives a member another level or last day; absent means unchanged. */
export async function changeMember(
  tx: Tx,
  member: Member,
  changes: { accessLevel: number; expiresAt?: string | null },
): Promise<Member> {
  const expiresAt = changes.expiresAt === undefined ? member.expiresAt : changes.expiresAt;
  await updateMember(tx, member.id, { access_level: changes.accessLevel, expires_at: expiresAt });
  return { ...member, accessLevel: changes.accessLevel, expiresAt };
}

/** Removes a membership. */
export async function removeMember(tx: Tx, id: number): Promise<void> {
  await deleteMember(tx, id);
}

/** Whether nobody but this member, of all direct and inherited ones, is an owner (security AUTHZ-8). */
export function isLastOwner(members: readonly Member[], member: Member): boolean {
  if (member.accessLevel < OWNER) return false;
  return !members.some((other) => other.userId !== member.userId && other.accessLevel >= OWNER);
}

function highestOf(members: readonly Member[]): Member[] {
  const best = new Map<number, Member>();
  for (const member of members) {
    const other = best.get(member.userId);
    if (other === undefined || member.accessLevel > other.accessLevel) best.set(member.userId, member);
  }
  return [...best.values()].sort((a, b) => a.id - b.id);
}

function isCurrent(member: Pick<Member, 'expiresAt'>, now: number): boolean {
  return member.expiresAt === null || member.expiresAt > new Date(now).toISOString().slice(0, 10);
}

function memberOfRow(row: MemberRow): Member {
  return {
    id: row.id,
    userId: row.user_id,
    accessLevel: row.access_level,
    expiresAt: row.expires_at,
    createdById: row.created_by_id,
    createdAt: row.created_at,
  };
}
