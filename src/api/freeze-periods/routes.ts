import {
  changeFreezePeriod,
  createFreezePeriod,
  type FreezePeriod,
  freezePeriodsOf,
  removeFreezePeriod,
} from '../../pipeline/freeze-period.ts';
import type { Action } from '../../project/authorize.ts';
import { refuseIfChanged } from '../conditional.ts';
import { freezePeriodEntity } from '../entities/freeze-period.ts';
import { refuse } from '../errors.ts';
import { requireProject } from '../find-project.ts';
import { PAGE_INPUT } from '../pagination.ts';
import { slicePage } from '../projects/people.ts';
import { json, noContent, type Route, route } from '../route.ts';

const LIST = '/api/v4/projects/:id/freeze_periods';
const ONE = `${LIST}/:freeze_period_id`;
const ID = { id: { type: 'string', required: true } } as const;
const ONE_INPUT = { ...ID, freeze_period_id: { type: 'integer', required: true } } as const;

type PeriodCall = Parameters<typeof requireProject>[0];

async function requirePeriod(
  call: PeriodCall,
  params: { id: string; freeze_period_id: number },
  action: Action,
): Promise<FreezePeriod> {
  const { project } = await requireProject(call, params.id, action);
  const periods = await freezePeriodsOf(call.rooms.db.read, project.id);
  const period = periods.find(({ id }) => id === params.freeze_period_id);
  if (period === undefined) throw refuse.notFound('Freeze Period');
  return period;
}

const list = route({
  method: 'GET',
  path: LIST,
  access: { by: 'user' },
  input: { ...ID, ...PAGE_INPUT },
  async handle(call) {
    const { project } = await requireProject(call, call.params.id, 'read_environment');
    const periods = await freezePeriodsOf(call.rooms.db.read, project.id);
    return slicePage(call, periods.map(freezePeriodEntity));
  },
});

const show = route({
  method: 'GET',
  path: ONE,
  access: { by: 'user' },
  input: ONE_INPUT,
  async handle(call) {
    return json(freezePeriodEntity(await requirePeriod(call, call.params, 'read_environment')));
  },
});

const make = route({
  method: 'POST',
  path: LIST,
  access: { by: 'user' },
  input: {
    ...ID,
    freeze_start: { type: 'string', required: true },
    freeze_end: { type: 'string', required: true },
    cron_timezone: { type: 'string', default: 'UTC' },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const { project } = await requireProject(call, params.id, 'admin_project');
    const { freeze_start, freeze_end, cron_timezone } = params;
    const values = { freeze_start, freeze_end, cron_timezone };
    const made = await rooms.db.transaction((tx) => createFreezePeriod(tx, project.id, values, now));
    if (!made.ok) throw refuse.invalid(made.errors);
    return json(freezePeriodEntity(made.period), 201);
  },
});

const edit = route({
  method: 'PUT',
  path: ONE,
  access: { by: 'user' },
  input: {
    ...ONE_INPUT,
    freeze_start: { type: 'string' },
    freeze_end: { type: 'string' },
    cron_timezone: { type: 'string' },
  },
  async handle(call) {
    const { params, rooms, now } = call;
    const period = await requirePeriod(call, params, 'admin_project');
    const { freeze_start, freeze_end, cron_timezone } = params;
    const changes = {
      ...(freeze_start === undefined ? {} : { freeze_start }),
      ...(freeze_end === undefined ? {} : { freeze_end }),
      ...(cron_timezone === undefined ? {} : { cron_timezone }),
    };
    const changed = await rooms.db.transaction((tx) => changeFreezePeriod(tx, period, changes, now));
    if (changed === null) throw refuse.notFound('Freeze Period');
    if (!changed.ok) throw refuse.invalid(changed.errors);
    return json(freezePeriodEntity(changed.period));
  },
});

const remove = route({
  method: 'DELETE',
  path: ONE,
  access: { by: 'user' },
  input: ONE_INPUT,
  async handle(call) {
    const { id, updated_at } = await requirePeriod(call, call.params, 'admin_project');
    refuseIfChanged(call, updated_at);
    await call.rooms.db.transaction((tx) => removeFreezePeriod(tx, id));
    return noContent;
  },
});

/** Freeze periods (rest-resources 9.5). */
export const freezePeriodRoutes: readonly Route[] = [list, show, make, edit, remove];
