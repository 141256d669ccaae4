import type { Reading } from '../db/transaction.ts';
import { OWNER, type Viewer } from './authorize.ts';
import { type Caller, userOf } from './caller.ts';
import type { Namespace } from './namespace.ts';
import type { Project } from './project.ts';
import { accessLevelOf, memberRowsOfUser } from './queries/members.ts';
import { shareRows } from './queries/shares.ts';

/** How a caller stands to one project of a list, with where the levels come from. */
export interface Standing {
  viewer: Viewer;
  /** Level on the project itself, or as owner of the personal namespace; null without. */
  direct: number | null;
  /** Highest level through the groups above; null without. */
  viaGroup: number | null;
}

/**
 * Standings of one caller to many projects, by project id, with one read. `namespaces` holds those of the projects and
 * all above them; shares, which are rare, cost one more for each project that has some. For users only: a job's token is asked for each project by itself.
 */
export async function standingsOf(
  reading: Reading,
  caller: Caller,
  projects: readonly Project[],
  namespaces: ReadonlyMap<number, Namespace>,
  now: number,
): Promise<Map<number, Standing>> {
  const user = userOf(caller);
  const today = new Date(now).toISOString().slice(0, 10);
  const rows = user === null ? [] : await memberRowsOfUser(reading, user.id);
  const levels = new Map<string, number>();
  for (const row of rows) {
    if (row.expires_at === null || row.expires_at > today) {
      levels.set(`${row.source_type} ${row.source_id}`, row.access_level);
    }
  }
  const entered = user === null ? new Set<string>() : await sharedSources(reading, projects, namespaces);
  const standings = new Map<number, Standing>();
  for (const project of projects) {
    const chain = chainOf(project.namespaceId, namespaces);
    const owns = user !== null && chain.some((namespace) => namespace.ownerId === user.id);
    const direct = levels.get(`project ${project.id}`) ?? (owns ? OWNER : null);
    const groupLevels = chain.flatMap(({ id }) => levels.get(`group ${id}`) ?? []);
    const viaGroup = groupLevels.length === 0 ? null : Math.max(...groupLevels);
    const shared = entered.has(`project ${project.id}`) || chain.some(({ id }) => entered.has(`group ${id}`));
    const throughShares =
      user === null || !shared ? 0 : await accessLevelOf(reading, user.id, project.id, now);
    const viewer: Viewer = {
      userId: user?.id ?? null,
      admin: user?.admin ?? false,
      external: user?.external ?? false,
      level: Math.max(direct ?? 0, viaGroup ?? 0, owns ? OWNER : 0, throughShares),
      byJob: caller.kind === 'job',
      jobRefused: false,
      project,
    };
    standings.set(project.id, { viewer, direct, viaGroup });
  }
  return standings;
}

/** Those of the projects and of the groups above them that are shared with a group. */
async function sharedSources(
  reading: Reading,
  projects: readonly Project[],
  namespaces: ReadonlyMap<number, Namespace>,
): Promise<Set<string>> {
  const ids = projects.map(({ id }) => id);
  const rows = [
    ...(await shareRows(reading, 'project', ids)),
    ...(await shareRows(reading, 'group', [...namespaces.keys()])),
  ];
  return new Set(rows.map((row) => `${row.source_type} ${row.source_id}`));
}

/** A namespace and those above it, outermost first. */
export function chainOf(id: number, namespaces: ReadonlyMap<number, Namespace>): Namespace[] {
  const chain: Namespace[] = [];
  let next: number | null = id;
  while (next !== null) {
    const namespace: Namespace | undefined = namespaces.get(next);
    if (namespace === undefined) break;
    chain.unshift(namespace);
    next = namespace.parentId;
  }
  return chain;
}
