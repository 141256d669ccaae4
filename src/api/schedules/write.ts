import {
  changeSchedule,
  createSchedule,
  fullRef,
  removeSchedule,
  type Schedule,
  type ScheduleInput,
  type ScheduleValues,
} from '../../pipeline/schedule.ts';
import { may } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { refuseIfChanged } from '../conditional.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { noContent, route } from '../route.ts';
import { actedOnRef, requireSchedule, SCHEDULE_INPUT, scheduleAnswer } from './find-schedule.ts';

const NAME = { type: 'string', required: true, notBlank: true } as const;

/** POST P/pipeline_schedules (rest-resources 6.3). */
export const makeSchedule = route({
  method: 'POST',
  path: '/api/v4/projects/:id/pipeline_schedules',
  access: { by: 'user' },
  input: {
    id: { type: 'string', required: true },
    description: { type: 'string', required: true },
    ref: { type: 'string', required: true, notBlank: true },
    cron: { type: 'string', required: true },
    cron_timezone: { type: 'string', default: 'UTC' },
    active: { type: 'boolean', default: true },
    inputs: { type: 'object-list', of: { name: NAME, value: { type: 'any', required: true } } },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const found = await requireProject(call, params.id);
    if (!may(found.viewer, 'read_pipeline_schedule')) throw refuse.forbidden();
    const ref = await fullRef(rooms.repositories, found.project.id, params.ref);
    const on = await actedOnRef(call, found.project.id, ref);
    if (!may(found.viewer, 'create_pipeline_schedule', on)) throw refuse.forbidden();
    const values = {
      description: params.description,
      ref,
      cron: params.cron,
      cronTimezone: params.cron_timezone,
      active: params.active,
      inputs: (params.inputs ?? []).map(({ name, value }) => ({ name, value })),
    };
    const of = { projectId: found.project.id, ownerId: userOf(call.caller)!.id };
    const result = await rooms.db.transaction((tx) => createSchedule(tx, of, values, now));
    if (!result.ok) throw refuse.invalid(result.errors);
    return scheduleAnswer(call, found, result.schedule, 201);
  },
});

/** PUT P/pipeline_schedules/:pipeline_schedule_id: its owner only. */
export const editSchedule = route({
  method: 'PUT',
  path: '/api/v4/projects/:id/pipeline_schedules/:pipeline_schedule_id',
  access: { by: 'user' },
  input: {
    ...SCHEDULE_INPUT,
    description: { type: 'string' },
    ref: { type: 'string', notBlank: true },
    cron: { type: 'string' },
    cron_timezone: { type: 'string' },
    active: { type: 'boolean' },
    inputs: {
      type: 'object-list',
      of: { name: NAME, value: { type: 'any' }, destroy: { type: 'boolean' } },
    },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const found = await requireSchedule(call, params, 'update_pipeline_schedule');
    const { project, viewer, schedule } = found;
    const ref =
      params.ref === undefined ? schedule.ref : await fullRef(rooms.repositories, project.id, params.ref);
    if (!may(viewer, 'create_pipeline_schedule', await actedOnRef(call, project.id, ref))) {
      throw refuse.forbidden();
    }
    const changes: Partial<ScheduleValues> = { ref };
    if (params.description !== undefined) changes.description = params.description;
    if (params.cron !== undefined) changes.cron = params.cron;
    if (params.cron_timezone !== undefined) changes.cronTimezone = params.cron_timezone;
    if (params.active !== undefined) changes.active = params.active;
    if (params.inputs !== undefined) changes.inputs = changedInputs(schedule, params.inputs);
    const result = await rooms.db.transaction((tx) => changeSchedule(tx, schedule, changes, now));
    if (!result.ok) throw refuse.invalid(result.errors);
    return scheduleAnswer(call, found, result.schedule, 200);
  },
});

/** Inputs are changed one by one: those that are not named stay. */
function changedInputs(
  { inputs }: Schedule,
  changes: readonly { name: string; value?: unknown; destroy?: boolean | undefined }[],
): ScheduleInput[] {
  const values = new Map(inputs.map(({ name, value }) => [name, value]));
  for (const { name, value, destroy } of changes) {
    if (destroy === true) values.delete(name);
    else values.set(name, value ?? null);
  }
  return [...values].map(([name, value]) => ({ name, value }));
}

/** DELETE P/pipeline_schedules/:pipeline_schedule_id: its owner, or a maintainer. */
export const deleteSchedule = route({
  method: 'DELETE',
  path: '/api/v4/projects/:id/pipeline_schedules/:pipeline_schedule_id',
  access: { by: 'user' },
  input: SCHEDULE_INPUT,
  async handle(call) {
    const { schedule } = await requireSchedule(call, call.params, 'admin_pipeline_schedule');
    refuseIfChanged(call, schedule.updatedAt);
    await call.rooms.db.transaction((tx) => removeSchedule(tx, schedule.id));
    return noContent;
  },
});
