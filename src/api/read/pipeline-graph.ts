import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';
import type { JobsRow } from './rows.ts';

const COLUMNS = [
  'id',
  'type',
  'name',
  'status',
  'when',
  'allow_failure',
  'scheduling_type',
  'definition_id',
  'environment',
  'failure_reason',
  'scheduled_at',
  'queued_at',
  'started_at',
  'finished_at',
] as const satisfies (keyof JobsRow)[];

/** One latest attempt in the graph of its pipeline; with the name of its stage. */
export type GraphJobRow = Pick<JobsRow, (typeof COLUMNS)[number]> & { stage: string };

/** Latest attempts of a pipeline's jobs and bridges, by stage, in the order they were made. */
export const graphJobs = statement<GraphJobRow>(`
  select ${COLUMNS.map((column) => `j."${column}"`).join(', ')}, s.name as stage
  from jobs j join stages s on s.id = j.stage_id
  where j.pipeline_id = ? and j.retried = 0
  order by s.position, j.id`);

/** What each job of a pipeline needs, by name. */
export const graphNeeds = statement<{ job_id: number; name: string }>(
  'select job_id, name from job_needs where pipeline_id = ? order by job_id, name',
);

/** Names of the jobs that were tried before, with how often. */
export const graphRetries = statement<{ name: string; count: number }>(
  'select name, count(*) as count from jobs where pipeline_id = ? and retried = 1 group by name',
);

/** Stages in their order. */
export function stagesOf(reading: Reading, pipelineIds: readonly number[]) {
  if (pipelineIds.length === 0) return Promise.resolve([]);
  return reading.sql
    .selectFrom('stages')
    .select(['pipeline_id', 'name', 'position', 'status'])
    .where('pipeline_id', 'in', pipelineIds)
    .orderBy('pipeline_id')
    .orderBy('position')
    .execute();
}
