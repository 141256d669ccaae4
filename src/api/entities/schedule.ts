import type { Schedule } from '../../pipeline/schedule.ts';
import type { ScheduleVariable } from '../../pipeline/schedule-variable.ts';
import type { User } from '../../project/user.ts';
import type { PipelineRow } from '../read/rows.ts';
import { pipelineBasic } from './pipeline.ts';
import { isoTime } from './time.ts';
import { userBasic } from './user.ts';

/** A pipeline schedule (rest-resources 6.3). `seesVariables`: the reader may know what its pipelines are given. */
export function scheduleEntity(
  schedule: Schedule,
  context: { owner: User | null; seesVariables: boolean; baseUrl: string },
) {
  return {
    id: schedule.id,
    description: schedule.description,
    ref: schedule.ref,
    cron: schedule.cron,
    cron_timezone: schedule.cronTimezone,
    next_run_at: isoTime(schedule.nextRunAt),
    active: schedule.active,
    created_at: isoTime(schedule.createdAt),
    updated_at: isoTime(schedule.updatedAt),
    owner: context.owner === null ? null : userBasic(context.owner, context.baseUrl),
    ...(context.seesVariables ? { inputs: schedule.inputs } : {}),
  };
}

/** The same with its newest pipeline and its variables. */
export function scheduleDetails(
  schedule: Schedule,
  context: Parameters<typeof scheduleEntity>[1] & {
    lastPipeline: PipelineRow | null;
    projectUrl: string;
    variables: readonly ScheduleVariable[];
  },
) {
  const { lastPipeline } = context;
  return {
    ...scheduleEntity(schedule, context),
    last_pipeline: lastPipeline === null ? null : pipelineBasic(lastPipeline, context.projectUrl),
    ...(context.seesVariables ? { variables: context.variables.map(scheduleVariableEntity) } : {}),
  };
}

/** A variable of a schedule (rest-resources 5). */
export function scheduleVariableEntity({ type, key, value, raw }: ScheduleVariable) {
  return { variable_type: type, key, value, raw };
}
