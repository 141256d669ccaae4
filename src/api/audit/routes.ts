import { type AuditFilter, auditEventById, listAuditEvents } from '../../project/audit.ts';
import { auditEventEntity } from '../entities/audit-event.ts';
import { refuse } from '../errors.ts';
import { requireGroup } from '../find-group.ts';
import { requireProject } from '../find-project.ts';
import type { Input, InputShape } from '../input.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { type Answer, type Call, json, type Route, route } from '../route.ts';

const INPUT = {
  ...PAGE_INPUT,
  created_after: { type: 'time' },
  created_before: { type: 'time' },
} as const satisfies InputShape;

async function auditList(call: Call<Input<typeof INPUT>>, place: AuditFilter): Promise<Answer> {
  const { params, rooms } = call;
  const page = pageOf(params);
  const filter = { createdAfter: params.created_after, createdBefore: params.created_before, ...place };
  const { events, total } = await listAuditEvents(rooms.db.read, filter, page);
  return pageAnswer(call, page, events.map(auditEventEntity), total);
}

/** GET /audit_events: administrators; of one entity when `entity_type`, and `entity_id`, say so. */
export const listRoute = route({
  method: 'GET',
  path: '/api/v4/audit_events',
  access: { by: 'user', admin: true },
  input: {
    ...INPUT,
    entity_type: { type: 'string', values: ['User', 'Project', 'Group', 'Gitlab::Audit::InstanceScope'] },
    entity_id: { type: 'integer' },
  },
  handle: (call) => auditList(call, { entityType: call.params.entity_type, entityId: call.params.entity_id }),
});

export const showRoute = route({
  method: 'GET',
  path: '/api/v4/audit_events/:event_id',
  access: { by: 'user', admin: true },
  input: { event_id: { type: 'integer', required: true } },
  async handle(call) {
    const event = await auditEventById(call.rooms.db.read, call.params.event_id);
    if (event === null) throw refuse.recordNotFound();
    return json(auditEventEntity(event));
  },
});

/** GET P/audit_events: maintainers. */
export const projectRoute = route({
  method: 'GET',
  path: '/api/v4/projects/:id/audit_events',
  access: { by: 'user' },
  input: { ...INPUT, id: { type: 'string', required: true } },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'admin_project');
    return await auditList(call, { entityType: 'Project', entityId: project.id });
  },
});

/** GET G/audit_events: owners. */
export const groupRoute = route({
  method: 'GET',
  path: '/api/v4/groups/:id/audit_events',
  access: { by: 'user' },
  input: { ...INPUT, id: { type: 'string', required: true } },
  async handle(call) {
    const { group } = await requireGroup(call, call.params.id, 'admin_group');
    return await auditList(call, { entityType: 'Group', entityId: group.id });
  },
});

export const auditRoutes: readonly Route[] = [listRoute, showRoute, projectRoute, groupRoute];
