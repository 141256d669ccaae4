import type { AuditEvent } from '../../project/audit.ts';
import { isoTime } from './time.ts';

/** An audit event, with GitLab's keys. */
export function auditEventEntity(event: AuditEvent) {
  return {
    id: event.id,
    author_id: event.authorId,
    entity_id: event.entityId,
    entity_type: event.entityType,
    event_name: event.act,
    details: {
      author_name: event.authorName,
      target_details: event.target,
      ip_address: event.ip,
      entity_path: event.entityPath,
      ...event.details,
    },
    created_at: isoTime(event.createdAt),
  };
}
