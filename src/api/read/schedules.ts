import type { Selectable } from 'kysely';
import { COUNT_LIMIT, countRows } from '../../db/count-rows.ts';
import type { PipelineSchedulesTable } from '../../db/tables/schedule.ts';
import type { Reading } from '../../db/transaction.ts';
import type { PipelineFilter } from './pipelines.ts';
import type { PipelineRow } from './rows.ts';

type ScheduleRow = Selectable<PipelineSchedulesTable>;

/** One page of a project's schedules, oldest first, and how many there are. */
export async function projectSchedules(
  reading: Reading,
  projectId: number,
  active: boolean | null,
  slice: { limit: number; offset: number },
): Promise<{ rows: ScheduleRow[]; total: number }> {
  let query = reading.sql.selectFrom('pipeline_schedules').where('project_id', '=', projectId);
  if (active !== null) query = query.where('active', '=', active ? 1 : 0);
  const rows = await query.selectAll().orderBy('id').limit(slice.limit).offset(slice.offset).execute();
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

/** What narrows the pipelines of a schedule. */
export interface RunFilter
  extends Pick<
    PipelineFilter,
    'statuses' | 'createdAfter' | 'createdBefore' | 'updatedAfter' | 'updatedBefore'
  > {
  /** Of tags, or of branches. */
  tag?: boolean | undefined;
}

/** One page of the pipelines that a schedule made, in the given order. */
export function schedulePipelines(
  reading: Reading,
  scheduleId: number,
  filter: RunFilter,
  direction: 'asc' | 'desc',
  slice: { limit: number; offset: number },
): Promise<PipelineRow[]> {
  return runs(reading, scheduleId, filter, direction)
    .selectAll('pipelines')
    .limit(slice.limit)
    .offset(slice.offset)
    .execute();
}

/** How many pipelines a schedule made, counted up to 10,001. */
export function countSchedulePipelines(
  reading: Reading,
  scheduleId: number,
  filter: RunFilter,
): Promise<number> {
  return countRows(
    reading,
    runs(reading, scheduleId, filter, 'desc').select('pipelines.id').limit(COUNT_LIMIT),
  );
}

function runs(reading: Reading, scheduleId: number, filter: RunFilter, direction: 'asc' | 'desc') {
  let query = reading.sql
    .selectFrom('pipeline_schedule_runs')
    .innerJoin('pipelines', 'pipelines.id', 'pipeline_schedule_runs.pipeline_id')
    .where((eb) => eb.between('pipeline_schedule_runs.schedule_id', scheduleId, scheduleId))
    .orderBy('pipeline_schedule_runs.schedule_id', direction)
    .orderBy('pipeline_schedule_runs.pipeline_id', direction);
  if (filter.statuses !== undefined) query = query.where('pipelines.status', 'in', filter.statuses);
  if (filter.tag !== undefined) query = query.where('pipelines.tag', '=', filter.tag ? 1 : 0);
  const times = [
    ['pipelines.created_at', '>', filter.createdAfter],
    ['pipelines.created_at', '<', filter.createdBefore],
    ['pipelines.updated_at', '>', filter.updatedAfter],
    ['pipelines.updated_at', '<', filter.updatedBefore],
  ] as const;
  for (const [column, than, time] of times) if (time !== undefined) query = query.where(column, than, time);
  return query;
}
