import type { Reading, Tx } from '../db/transaction.ts';
import { type AuditFilter, type AuditRow, auditPage, auditRow, insertAuditEvent } from './queries/audit.ts';

export type { AuditFilter };

/** What an act was done to, by GitLab's names. */
export type AuditEntity = 'User' | 'Project' | 'Group' | 'Gitlab::Audit::InstanceScope';

/** Somebody did something that matters to security (security OPS-3). Holds no secret value. */
export interface AuditEvent {
  id: number;
  /** Null for the command line of the server's machine. */
  authorId: number | null;
  authorName: string;
  /** Such as `ci_variable_created`. */
  act: string;
  entityType: AuditEntity;
  entityId: number;
  /** Full path or username. */
  entityPath: string;
  /** What of the entity: a key, a name, an id. */
  target: string | null;
  /** What was said of it: values where they are harmless, null where only the name is told. */
  details: Record<string, unknown>;
  ip: string;
  /** Milliseconds. */
  createdAt: number;
}

/** Notes an act. Never changed and never deleted afterwards. */
export async function noteAct(tx: Tx, event: Omit<AuditEvent, 'id'>): Promise<void> {
  await insertAuditEvent(tx, {
    author_id: event.authorId,
    author_name: event.authorName,
    act: event.act,
    entity_type: event.entityType,
    entity_id: event.entityId,
    entity_path: event.entityPath,
    target: event.target,
    details: JSON.stringify(event.details),
    ip: event.ip,
    created_at: event.createdAt,
  });
}

/** The event with this id, or null. */
export async function auditEventById(reading: Reading, id: number): Promise<AuditEvent | null> {
  const row = await auditRow(reading, id);
  return row === undefined ? null : eventOfRow(row);
}

/** One page of events, the newest first; the total stops at 10,001. */
export async function listAuditEvents(
  reading: Reading,
  filter: AuditFilter,
  page: { offset: number; perPage: number },
): Promise<{ events: AuditEvent[]; total: number }> {
  const { rows, total } = await auditPage(reading, filter, page);
  return { events: rows.map(eventOfRow), total };
}

function eventOfRow(row: AuditRow): AuditEvent {
  return {
    id: row.id,
    authorId: row.author_id,
    authorName: row.author_name,
    act: row.act,
    entityType: row.entity_type as AuditEntity,
    entityId: row.entity_id,
    entityPath: row.entity_path,
    target: row.target,
    details: JSON.parse(row.details) as Record<string, unknown>,
    ip: row.ip,
    createdAt: row.created_at,
  };
}
