import { scheduleOfRow } from '../../pipeline/schedule.ts';
import { STATUSES } from '../../pipeline/status.ts';
import { usersByIds } from '../../project/user.ts';
import { pipelineBasic } from '../entities/pipeline.ts';
import { scheduleEntity } from '../entities/schedule.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT, pageAnswer, pageOf } from '../pagination.ts';
import { STATUSES_OF_SCOPE } from '../pipelines/list.ts';
import { countSchedulePipelines, projectSchedules, schedulePipelines } from '../read/schedules.ts';
import { route } from '../route.ts';
import { requireSchedule, SCHEDULE_INPUT, scheduleAnswer, seesVariables } from './find-schedule.ts';

/** GET P/pipeline_schedules (rest-resources 6.3). */
export const listSchedules = route({
  method: 'GET',
  path: '/api/v4/projects/:id/pipeline_schedules',
  access: { by: 'user' },
  input: {
    ...PAGE_INPUT,
    id: { type: 'string', required: true },
    scope: { type: 'string', values: ['active', 'inactive'] },
  },
  async handle(call) {
    const { params, rooms, baseUrl } = call;
    const { project, viewer } = await requireProject(call, params.id, 'read_pipeline_schedule');
    const page = pageOf(params);
    const active = params.scope === undefined ? null : params.scope === 'active';
    const slice = { limit: page.perPage, offset: page.offset };
    const { rows, total } = await projectSchedules(rooms.db.read, project.id, active, slice);
    const owners = await usersByIds(
      rooms.db.read,
      rows.map((row) => row.owner_id),
    );
    const items = rows.map(scheduleOfRow).map((schedule) =>
      scheduleEntity(schedule, {
        owner: owners.get(schedule.ownerId) ?? null,
        seesVariables: seesVariables(viewer, schedule),
        baseUrl,
      }),
    );
    return pageAnswer(call, page, items, total);
  },
});

/** GET P/pipeline_schedules/:pipeline_schedule_id. */
export const showSchedule = route({
  method: 'GET',
  path: '/api/v4/projects/:id/pipeline_schedules/:pipeline_schedule_id',
  access: { by: 'user' },
  input: SCHEDULE_INPUT,
  async handle(call) {
    const found = await requireSchedule(call, call.params);
    return scheduleAnswer(call, found, found.schedule, 200);
  },
});

/** GET P/pipeline_schedules/:pipeline_schedule_id/pipelines. */
export const listSchedulePipelines = route({
  method: 'GET',
  path: '/api/v4/projects/:id/pipeline_schedules/:pipeline_schedule_id/pipelines',
  access: { by: 'user' },
  input: {
    ...SCHEDULE_INPUT,
    ...PAGE_INPUT,
    scope: { type: 'string', values: ['running', 'pending', 'finished', 'branches', 'tags'] },
    status: { type: 'string', values: STATUSES },
    created_after: { type: 'time' },
    created_before: { type: 'time' },
    updated_after: { type: 'time' },
    updated_before: { type: 'time' },
    sort: { type: 'string', values: ['asc', 'desc'], default: 'asc' },
  },
  async handle(call) {
    const { params, rooms, baseUrl } = call;
    const { project, schedule } = await requireSchedule(call, params);
    const page = pageOf(params);
    const slice = { limit: page.perPage, offset: page.offset };
    const filter = {
      tag: params.scope === 'branches' || params.scope === 'tags' ? params.scope === 'tags' : undefined,
      statuses: params.status === undefined ? STATUSES_OF_SCOPE[params.scope ?? ''] : [params.status],
      createdAfter: params.created_after,
      createdBefore: params.created_before,
      updatedAfter: params.updated_after,
      updatedBefore: params.updated_before,
    };
    const { read } = rooms.db;
    const rows = await schedulePipelines(read, schedule.id, filter, params.sort, slice);
    const total = await countSchedulePipelines(read, schedule.id, filter);
    const projectUrl = `${baseUrl}/${project.fullPath}`;
    const items = rows.map((row) => pipelineBasic(row, projectUrl));
    return pageAnswer(call, page, items, total);
  },
});
