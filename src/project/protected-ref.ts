import type { Reading } from '../db/transaction.ts';
import { type ProtectedRef, protectedRefRows } from './queries/protected-refs.ts';

export type { ProtectedRef };

/** All protected refs of one project. */
export type RefProtection = readonly ProtectedRef[];

/** Who asks: the level on the project (0 to 50) and whether an administrator. */
export interface RefUser {
  level: number;
  admin: boolean;
}

/** Protected branches and tags of a project. */
export async function protectionOf(reading: Reading, projectId: number): Promise<RefProtection> {
  return await protectedRefRows(reading, projectId);
}

/** Whether a branch or tag of exactly this name is protected (security VAR-4: the two never mix). */
export function isProtected(protection: RefProtection, kind: 'branch' | 'tag', name: string): boolean {
  return protection.some((ref) => ref.kind === kind && matchesName(ref.name, name));
}

/** Whether the user may push to a branch, or create a tag, of this name. */
export function mayPushTo(
  user: RefUser,
  protection: RefProtection,
  kind: 'branch' | 'tag',
  name: string,
): boolean {
  return mayAny(user, protection, kind, name, kind === 'tag' ? ['create'] : ['push']);
}

/** Whether the user may run pipelines and jobs on the ref: push, merge or create it (security AUTHZ-7). */
export function mayRunOn(
  user: RefUser,
  protection: RefProtection,
  kind: 'branch' | 'tag',
  name: string,
): boolean {
  return mayAny(user, protection, kind, name, kind === 'tag' ? ['create'] : ['push', 'merge']);
}

/** Whether the branch may be moved backwards: always on an unprotected one, else only where every rule says so. */
export function mayForcePush(
  user: RefUser,
  protection: RefProtection,
  kind: 'branch' | 'tag',
  name: string,
): boolean {
  const rules = rulesFor(protection, kind, name);
  if (rules.length === 0) return user.admin || user.level >= 30;
  return (
    kind === 'branch' && rules.every((ref) => ref.allowForcePush) && mayPushTo(user, protection, kind, name)
  );
}

/** Whether the branch or tag may be deleted by a push: protected ones are deleted only through the API. */
export function mayDeleteRef(
  user: RefUser,
  protection: RefProtection,
  kind: 'branch' | 'tag',
  name: string,
): boolean {
  return rulesFor(protection, kind, name).length === 0 && (user.admin || user.level >= 30);
}

function mayAny(
  user: RefUser,
  protection: RefProtection,
  kind: 'branch' | 'tag',
  name: string,
  actions: readonly string[],
): boolean {
  const rules = rulesFor(protection, kind, name);
  if (rules.length === 0) return user.admin || user.level >= 30;
  return rules.some((ref) =>
    ref.access.some(({ action, level }) => actions.includes(action) && reaches(user, level)),
  );
}

function reaches(user: RefUser, level: number): boolean {
  if (level === 0) return false;
  return user.admin || (level !== 60 && user.level >= level && user.level >= 30);
}

function rulesFor(protection: RefProtection, kind: 'branch' | 'tag', name: string): ProtectedRef[] {
  return protection.filter((ref) => ref.kind === kind && matchesName(ref.name, name));
}

/**
 * Whether `name` matches a pattern in which `*` stands for any text, the rest for itself, from end to end. Takes time
 * linear in both for each `*` free part: the leftmost fit of every part is enough (security PROT-3, VAR-5).
 */
export function matchesName(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  const first = parts[0]!;
  if (parts.length === 1) return pattern === name;
  const last = parts.at(-1)!;
  if (name.length < first.length + last.length) return false;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
