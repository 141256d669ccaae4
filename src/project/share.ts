import type { Reading, Tx } from '../db/transaction.ts';
import type { MemberSource } from './member.ts';
import { ancestorsOf } from './namespace.ts';
import { deleteShare, insertShare, type ShareRow, shareRows } from './queries/shares.ts';

/** A group whose members may enter a project or another group, at most with this level. */
export interface Share {
  id: number;
  sourceId: number;
  groupId: number;
  accessLevel: number;
  /** YYYY-MM-DD, over from the start of that day. */
  expiresAt: string | null;
  createdAt: number;
}

export type ShareResult = { ok: true; share: Share } | { ok: false; text: string };

/** Lets the members of a group in; refused for a group that is in already, or lies above (rest-resources 1.1, 3.1). */
export async function shareWith(
  tx: Tx,
  source: MemberSource & { namespaceId: number },
  given: { groupId: number; accessLevel: number; expiresAt: string | null },
  now: number,
): Promise<ShareResult> {
  const above = await ancestorsOf(tx, source.namespaceId);
  if (above.some(({ id }) => id === given.groupId)) return { ok: false, text: TOO_NEAR[source.type] };
  const there = await shareRows(tx, source.type, [source.id]);
  if (there.some((row) => row.group_id === given.groupId)) {
    return { ok: false, text: ALREADY[source.type] };
  }
  const row = await insertShare(tx, {
    source_type: source.type,
    source_id: source.id,
    group_id: given.groupId,
    access_level: given.accessLevel,
    expires_at: given.expiresAt,
    created_at: now,
  });
  return { ok: true, share: shareOfRow(row) };
}

const TOO_NEAR = {
  project: 'Project cannot be shared with the group it is in or one of its ancestors.',
  group: 'Group cannot be shared with itself or one of its ancestors.',
};
const ALREADY = {
  project: 'Group already shared with this group',
  group: 'Shared group The group has already been shared with this group',
};

/** How a group was let in; null when it was not. */
export async function shareOf(
  reading: Reading,
  source: MemberSource,
  groupId: number,
): Promise<Share | null> {
  const rows = await shareRows(reading, source.type, [source.id]);
  const row = rows.find(({ group_id }) => group_id === groupId);
  return row === undefined ? null : shareOfRow(row);
}

/** Shuts the members of a group out again. */
export function endShare(tx: Tx, share: Share): Promise<void> {
  return deleteShare(tx, share.id);
}

/** With whom these projects or groups are shared, by project or group. */
export async function sharesOf(
  reading: Reading,
  type: MemberSource['type'],
  ids: readonly number[],
): Promise<Map<number, Share[]>> {
  const rows = await shareRows(reading, type, ids);
  return Map.groupBy(rows.map(shareOfRow), ({ sourceId }) => sourceId);
}

function shareOfRow(row: ShareRow): Share {
  return {
    id: row.id,
    sourceId: row.source_id,
    groupId: row.group_id,
    accessLevel: row.access_level,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
  };
}
