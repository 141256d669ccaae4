import type { Place } from '../../pipeline/status-events.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { type Route, route, stream } from '../route.ts';

/**
 * GET /events/stream: changes of pipelines, jobs and the queue as server-sent events, ours and not GitLab's. `event` is
 * `pipeline`, `job`, `queue`, or `reset` when what followed `Last-Event-ID` is no longer known. An event is a hint that
 * something is to be read again; the order of one pipeline's events is the order in which it changed.
 */
const eventStream = route({
  method: 'GET',
  path: '/api/v4/events/stream',
  access: { by: 'user', anonymous: true },
  input: { project_id: { type: 'string' }, last_event_id: { type: 'string' } },
  async handle(call) {
    const { params, caller, rooms, request, ip, now } = call;
    if (caller.kind === 'job') throw refuse.unauthorized();
    const project =
      params.project_id === undefined
        ? null
        : (await requireProject(call, params.project_id, 'read_pipeline')).project;
    const last = request.headers['last-event-id'] ?? params.last_event_id;
    const reader = { caller, projectId: project?.id ?? null, ip, resumeAt: placeOf(last) };
    const body = await rooms.events.open(reader, now);
    if (body === null) throw refuse.tooManyRequests(60);
    return stream(body, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // A proxy that gathers answers would hold every event back.
      'x-accel-buffering': 'no',
      // A server that stops waits for no browser to let the connection go.
      connection: 'close',
    });
  },
});

export const eventRoutes: readonly Route[] = [eventStream];

/** The place in an event's id; nonsense is a place that nobody knows. */
function placeOf(id: string | string[] | undefined): Place | null {
  if (id === undefined || id === '') return null;
  const [, xact, row] = /^(\d{1,15})-(\d{1,15})$/.exec(String(id)) ?? [];
  return { xact: Number(xact ?? 0), id: Number(row ?? 0) };
}
