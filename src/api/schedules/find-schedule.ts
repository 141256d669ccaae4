import { type Schedule, scheduleById } from '../../pipeline/schedule.ts';
import { scheduleVariables } from '../../pipeline/schedule-variable.ts';
import { type ActedOn, type Action, may, type Viewer } from '../../project/authorize.ts';
import { protectionOf } from '../../project/protected-ref.ts';
import { userById } from '../../project/user.ts';
import { scheduleDetails } from '../entities/schedule.ts';
import { refuse } from '../errors.ts';
import { type Found, requireProject } from '../find-project.ts';
import { schedulePipelines } from '../read/schedules.ts';
import { type Answer, type Call, json } from '../route.ts';

/** Path parameters of every route about one schedule. */
export const SCHEDULE_INPUT = {
  id: { type: 'string', required: true },
  pipeline_schedule_id: { type: 'integer', required: true },
} as const;

export type FoundSchedule = Found & { schedule: Schedule };
type ScheduleCall = Parameters<typeof requireProject>[0];

/** A schedule that the caller may see, and may do this to (rest-resources 6.3): 404 by name, then 403. */
export async function requireSchedule(
  call: ScheduleCall,
  params: { id: string; pipeline_schedule_id: number },
  action?: Action,
): Promise<FoundSchedule> {
  const found = await requireProject(call, params.id);
  if (!may(found.viewer, 'read_pipeline_schedule')) throw refuse.forbidden();
  const schedule = await scheduleById(call.rooms.db.read, params.pipeline_schedule_id);
  if (schedule?.projectId !== found.project.id) throw refuse.notFound('Pipeline Schedule');
  if (action !== undefined && !may(found.viewer, action, { userId: schedule.ownerId })) {
    throw refuse.forbidden();
  }
  return { ...found, schedule };
}

/** What the rights of a ref are asked of: a short name may be a branch as well as a tag. */
export async function actedOnRef(
  { rooms }: Pick<Call, 'rooms'>,
  projectId: number,
  ref: string,
): Promise<Required<Pick<ActedOn, 'ref'>>> {
  const protection = await protectionOf(rooms.db.read, projectId);
  const tag = ref.startsWith('refs/tags/');
  return { ref: { name: ref.replace(/^refs\/(heads|tags)\//, ''), tag, protection } };
}

/** Values are for the owner of the schedule and for maintainers. */
export function seesVariables(viewer: Viewer, schedule: Schedule): boolean {
  return may(viewer, 'read_pipeline_variable', { userId: schedule.ownerId });
}

/** The whole schedule as the caller sees it. */
export async function scheduleAnswer(
  { rooms, baseUrl }: Pick<Call, 'rooms' | 'baseUrl'>,
  { project, viewer }: Found,
  schedule: Schedule,
  status: number,
): Promise<Answer> {
  const { read } = rooms.db;
  const [newest] = await schedulePipelines(read, schedule.id, {}, 'desc', { limit: 1, offset: 0 });
  const sees = seesVariables(viewer, schedule);
  const body = scheduleDetails(schedule, {
    owner: await userById(read, schedule.ownerId),
    seesVariables: sees,
    baseUrl,
    lastPipeline: newest ?? null,
    projectUrl: `${baseUrl}/${project.fullPath}`,
    variables: sees ? await scheduleVariables(read, rooms.encryption, schedule.id) : [],
  });
  return json(body, status);
}
