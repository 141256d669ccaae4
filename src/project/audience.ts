import type { Reading } from '../db/transaction.ts';
import { dayOf } from './access-token.ts';
import type { Viewer } from './authorize.ts';
import { type Caller, userOf } from './caller.ts';
import type { Project } from './project.ts';
import { levelsOnProject } from './queries/members.ts';
import { livingSessionIds } from './queries/sessions.ts';
import { livingTokenIds } from './queries/tokens.ts';
import { sessionBounds } from './session.ts';
import { usersByIds } from './user.ts';

/** Everybody's level on a project by user id, with one read however many there are. */
export async function levelsOn(
  reading: Reading,
  project: Project,
  now: number,
): Promise<ReadonlyMap<number, number>> {
  return await levelsOnProject(reading, project.id, project.namespaceId, now);
}

/** How one of many callers stands to a project. For users and anonymous callers, not for jobs. */
export function viewerAmong(
  caller: Exclude<Caller, { kind: 'job' }>,
  project: Project,
  levels: ReadonlyMap<number, number>,
): Viewer {
  const user = userOf(caller);
  return {
    userId: user?.id ?? null,
    admin: user?.admin ?? false,
    external: user?.external ?? false,
    level: user === null ? 0 : (levels.get(user.id) ?? 0),
    byJob: false,
    jobRefused: false,
    project,
  };
}

/**
 * The callers as they are now: with today's user, without those whose session or token has ended or whose account is no
 * longer active. Three reads, however many there are.
 */
export async function stillCalling<T extends { caller: Exclude<Caller, { kind: 'job' }> }>(
  reading: Reading,
  callers: readonly T[],
  now: number,
): Promise<Map<T, T['caller']>> {
  const known = callers.flatMap(({ caller }) => (caller.kind === 'user' ? [caller] : []));
  const users = await usersByIds(
    reading,
    known.map(({ user }) => user.id),
  );
  const tokens = await livingTokenIds(
    reading,
    known.flatMap(({ tokenId }) => tokenId ?? []),
    dayOf(now),
  );
  const sessions = await livingSessionIds(
    reading,
    known.flatMap(({ sessionId }) => sessionId ?? []),
    sessionBounds(now),
  );
  const still = new Map<T, T['caller']>();
  for (const one of callers) {
    const { caller } = one;
    if (caller.kind === 'anonymous') still.set(one, caller);
    if (caller.kind !== 'user') continue;
    const user = users.get(caller.user.id);
    const credential =
      (caller.tokenId !== null && tokens.has(caller.tokenId)) ||
      (caller.sessionId !== undefined && sessions.has(caller.sessionId));
    if (credential && user?.state === 'active') still.set(one, { ...caller, user });
  }
  return still;
}
