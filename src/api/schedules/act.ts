import { playSchedule } from '../../pipeline/run-schedule.ts';
import { takeOwnership } from '../../pipeline/schedule.ts';
import { may } from '../../project/authorize.ts';
import { userOf } from '../../project/caller.ts';
import { refuse } from '../errors.ts';
import { json, route } from '../route.ts';
import { actedOnRef, requireSchedule, SCHEDULE_INPUT, scheduleAnswer } from './find-schedule.ts';

/** POST P/pipeline_schedules/:pipeline_schedule_id/take_ownership: 200 for who owns it already (rest-resources 6.3). */
export const takeSchedule = route({
  method: 'POST',
  path: '/api/v4/projects/:id/pipeline_schedules/:pipeline_schedule_id/take_ownership',
  access: { by: 'user' },
  input: SCHEDULE_INPUT,
  async handle(call) {
    const found = await requireSchedule(call, call.params, 'admin_pipeline_schedule');
    const { id } = userOf(call.caller)!;
    if (found.schedule.ownerId === id) return scheduleAnswer(call, found, found.schedule, 200);
    const taken = await call.rooms.db.transaction((tx) => takeOwnership(tx, found.schedule.id, id, call.now));
    return scheduleAnswer(call, found, taken, 201);
  },
});

/** POST P/pipeline_schedules/:pipeline_schedule_id/play: whatever its configuration says, the run was asked for. */
export const play = route({
  method: 'POST',
  path: '/api/v4/projects/:id/pipeline_schedules/:pipeline_schedule_id/play',
  access: { by: 'user' },
  input: SCHEDULE_INPUT,
  async handle(call) {
    const { rooms, baseUrl, now } = call;
    const { viewer, project, schedule } = await requireSchedule(call, call.params);
    const on = await actedOnRef(call, project.id, schedule.ref);
    if (!may(viewer, 'play_pipeline_schedule', on)) throw refuse.forbidden();
    const user = userOf(call.caller)!;
    const result = await playSchedule({ ...rooms, serverUrl: baseUrl }, schedule, user, now);
    if (result === null) throw refuse.notScheduled();
    return json({ message: '201 Created' }, 201);
  },
});
