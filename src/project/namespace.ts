import type { Reading } from '../db/transaction.ts';
import {
  type NamespaceRow,
  namespaceRow,
  namespaceRowByPath,
  namespaceRowOfUser,
  namespaceRowsAbove,
  namespaceRowsUpward,
} from './queries/namespaces.ts';

/** A user's own namespace or a group (whose id it is). */
export interface Namespace {
  id: number;
  kind: 'user' | 'group';
  name: string;
  path: string;
  fullPath: string;
  parentId: number | null;
  /** The user, for `kind` user. */
  ownerId: number | null;
  description: string;
  visibility: 'private' | 'internal' | 'public';
  /** Group settings by GitLab's parameter names. */
  settings: Record<string, unknown>;
  markedForDeletionAt: number | null;
  createdAt: number;
  updatedAt: number;
}

/** The namespace with this id, or null. */
export async function namespaceById(reading: Reading, id: number): Promise<Namespace | null> {
  const row = await namespaceRow(reading, id);
  return row === undefined ? null : namespaceOfRow(row);
}

/** The namespace named by an id in digits or by its full path in any case, or null. One that is being removed is gone. */
export async function findNamespace(reading: Reading, idOrPath: string): Promise<Namespace | null> {
  const row = /^\d{1,15}$/.test(idOrPath)
    ? await namespaceRow(reading, Number(idOrPath))
    : await namespaceRowByPath(reading, idOrPath.toLowerCase());
  return row === undefined || row.marked_for_deletion_at === 0 ? null : namespaceOfRow(row);
}

/** A user's own namespace. Throws when there is none: every user is made with one. */
export async function namespaceOfUser(reading: Reading, userId: number): Promise<Namespace> {
  const row = await namespaceRowOfUser(reading, userId);
  if (row === undefined) throw new Error(`user ${userId} has no namespace`);
  return namespaceOfRow(row);
}

/** The namespace and all above it, outermost first. */
export async function ancestorsOf(reading: Reading, namespaceId: number): Promise<Namespace[]> {
  return (await namespaceRowsUpward(reading, namespaceId)).map(namespaceOfRow);
}

/** These namespaces and all above them, by id. */
export async function namespacesAbove(
  reading: Reading,
  ids: readonly number[],
): Promise<Map<number, Namespace>> {
  const rows = await namespaceRowsAbove(reading, [...new Set(ids)]);
  return new Map(rows.map((row) => [row.id, namespaceOfRow(row)]));
}

/** A row as the rooms see it. */
export function namespaceOfRow(row: NamespaceRow): Namespace {
  return {
    id: row.id,
    kind: row.kind as Namespace['kind'],
    name: row.name,
    path: row.path,
    fullPath: row.full_path,
    parentId: row.parent_id,
    ownerId: row.owner_id,
    description: row.description,
    visibility: row.visibility as Namespace['visibility'],
    settings: JSON.parse(row.settings) as Record<string, unknown>,
    markedForDeletionAt: row.marked_for_deletion_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
