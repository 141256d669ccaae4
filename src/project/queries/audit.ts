import type { Selectable } from 'kysely';
import { COUNT_LIMIT, countRows } from '../../db/count-rows.ts';
import type { AuditEventsTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type AuditRow = Selectable<AuditEventsTable>;

/** Filters of a list of audit events; times in milliseconds. */
export interface AuditFilter {
  entityType?: string | undefined;
  entityId?: number | undefined;
  createdAfter?: number | undefined;
  createdBefore?: number | undefined;
}

export async function insertAuditEvent(tx: Tx, row: Omit<AuditRow, 'id'>): Promise<void> {
  await tx.sql.insertInto('audit_events').values(row).execute();
}

export async function auditRow(reading: Reading, id: number): Promise<AuditRow | undefined> {
  return await reading.sql.selectFrom('audit_events').selectAll().where('id', '=', id).executeTakeFirst();
}

/** One page, the newest first, and their number up to 10,001. */
export async function auditPage(
  reading: Reading,
  filter: AuditFilter,
  page: { offset: number; perPage: number },
): Promise<{ rows: AuditRow[]; total: number }> {
  const query = filtered(reading, filter);
  const total = await countRows(reading, query.select('id').limit(COUNT_LIMIT));
  const rows = await query
    .selectAll()
    .$if(isFenced(filter), (fenced) => fenced.orderBy('entity_id', 'desc'))
    .orderBy('id', 'desc')
    .limit(page.perPage)
    .offset(page.offset)
    .execute();
  return { rows, total };
}

/** Whether the list is that of one entity, in the order of its index (`db/README.md`). */
function isFenced({ entityType, entityId }: AuditFilter): boolean {
  return entityType !== undefined && entityId !== undefined;
}

function filtered(reading: Reading, filter: AuditFilter) {
  let query = reading.sql.selectFrom('audit_events');
  if (filter.entityType !== undefined) query = query.where('entity_type', '=', filter.entityType);
  const { entityId } = filter;
  if (entityId !== undefined) {
    query = isFenced(filter)
      ? query.where((eb) => eb.between('entity_id', entityId, entityId))
      : query.where('entity_id', '=', entityId);
  }
  if (filter.createdAfter !== undefined) query = query.where('created_at', '>=', filter.createdAfter);
  if (filter.createdBefore !== undefined) query = query.where('created_at', '<=', filter.createdBefore);
  return query;
}
