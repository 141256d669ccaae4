import {
  addScheduleVariable,
  changeScheduleVariable,
  removeScheduleVariable,
  type ScheduleVariable,
  scheduleVariables,
} from '../../pipeline/schedule-variable.ts';
import { may } from '../../project/authorize.ts';
import { scheduleVariableEntity } from '../entities/schedule.ts';
import { refuse } from '../errors.ts';
import type { Rooms } from '../rooms.ts';
import { json, route } from '../route.ts';
import { requireSchedule, SCHEDULE_INPUT, seesVariables } from './find-schedule.ts';

const PATH = '/api/v4/projects/:id/pipeline_schedules/:pipeline_schedule_id/variables';
const TYPES = ['env_var', 'file'] as const;

/** POST …/variables: the schedule's owner, where pipelines may be given variables (rest-resources 6.3). */
export const createScheduleVariable = route({
  method: 'POST',
  path: PATH,
  access: { by: 'user' },
  input: {
    ...SCHEDULE_INPUT,
    key: { type: 'string', required: true },
    value: { type: 'string', required: true },
    variable_type: { type: 'string', values: TYPES, default: 'env_var' },
  },
  async handle(call) {
    const { params, rooms } = call;
    const { viewer, schedule } = await requireSchedule(call, params, 'update_pipeline_schedule');
    if (!may(viewer, 'set_pipeline_variables')) throw refuse.forbidden();
    const given = {
      key: params.key.trim(),
      value: params.value,
      type: params.variable_type as ScheduleVariable['type'],
    };
    const result = await rooms.db.transaction((tx) =>
      addScheduleVariable(tx, rooms.encryption, schedule.id, given),
    );
    if (!result.ok) throw refuse.invalid(result.errors);
    return json(scheduleVariableEntity(result.variable), 201);
  },
});

async function requireVariable(rooms: Rooms, scheduleId: number, key: string): Promise<ScheduleVariable> {
  const all = await scheduleVariables(rooms.db.read, rooms.encryption, scheduleId);
  const found = all.find((variable) => variable.key === key);
  if (found === undefined) throw refuse.notFound('Pipeline Schedule Variable');
  return found;
}

const KEY = { type: 'string', required: true } as const;

/** GET …/variables/:key, which clients of newer GitLabs ask for; who may is as for the values in the schedule itself. */
export const showScheduleVariable = route({
  method: 'GET',
  path: `${PATH}/:key`,
  access: { by: 'user' },
  input: { ...SCHEDULE_INPUT, key: KEY },
  async handle(call) {
    const { params, rooms } = call;
    const { viewer, schedule } = await requireSchedule(call, params);
    if (!seesVariables(viewer, schedule)) throw refuse.forbidden();
    return json(scheduleVariableEntity(await requireVariable(rooms, schedule.id, params.key)));
  },
});

/** PUT …/variables/:key. */
export const editScheduleVariable = route({
  method: 'PUT',
  path: `${PATH}/:key`,
  access: { by: 'user' },
  input: {
    ...SCHEDULE_INPUT,
    key: KEY,
    value: { type: 'string' },
    variable_type: { type: 'string', values: TYPES },
  },
  async handle(call) {
    const { params, rooms } = call;
    const { viewer, schedule } = await requireSchedule(call, params, 'update_pipeline_schedule');
    if (!may(viewer, 'set_pipeline_variables')) throw refuse.forbidden();
    const variable = await requireVariable(rooms, schedule.id, params.key);
    const changes = {
      value: params.value,
      type: params.variable_type as ScheduleVariable['type'] | undefined,
    };
    const changed = await rooms.db.transaction((tx) =>
      changeScheduleVariable(tx, rooms.encryption, variable.id, changes),
    );
    return json(scheduleVariableEntity(changed));
  },
});

/** DELETE …/variables/:key: 202 with the variable that was. */
export const deleteScheduleVariable = route({
  method: 'DELETE',
  path: `${PATH}/:key`,
  access: { by: 'user' },
  input: { ...SCHEDULE_INPUT, key: KEY },
  async handle(call) {
    const { params, rooms } = call;
    const { schedule } = await requireSchedule(call, params, 'admin_pipeline_schedule');
    const variable = await requireVariable(rooms, schedule.id, params.key);
    await rooms.db.transaction((tx) => removeScheduleVariable(tx, variable.id));
    return json(scheduleVariableEntity(variable), 202);
  },
});
