import type { Reading } from '../db/transaction.ts';
import { namespaceById } from './namespace.ts';
import { projectById } from './project.ts';
import { memberRowsOfUser } from './queries/members.ts';

/** One place where a user is a member by himself. */
export interface Membership {
  sourceId: number;
  sourceName: string;
  sourceType: 'project' | 'group';
  accessLevel: number;
}

/** A user's direct memberships that are not over at `now` (ms), oldest first. */
export async function membershipsOf(reading: Reading, userId: number, now: number): Promise<Membership[]> {
  const today = new Date(now).toISOString().slice(0, 10);
  const memberships: Membership[] = [];
  for (const row of await memberRowsOfUser(reading, userId)) {
    if (row.expires_at !== null && row.expires_at <= today) continue;
    const source =
      row.source_type === 'project'
        ? await projectById(reading, row.source_id)
        : await namespaceById(reading, row.source_id);
    if (source === null) continue;
    memberships.push({
      sourceId: row.source_id,
      sourceName: source.name,
      sourceType: row.source_type as Membership['sourceType'],
      accessLevel: row.access_level,
    });
  }
  return memberships;
}
