import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

const family = statement<{ id: number }>(`
  with recursive family (id) as (
    select id from pipelines where id = ?
    union
    select c.id from pipelines c join family f on c.source_pipeline_id = f.id where c.source = 'parent_pipeline')
  select id from family order by id`);
const jobs = statement<{ id: number; status: string }>('select id, status from jobs where pipeline_id = ?');

/** A pipeline with its child pipelines, however deep, the oldest first. */
export async function selectFamily(reading: Reading, pipelineId: number): Promise<number[]> {
  return (await family(reading, pipelineId)).map(({ id }) => id);
}

/** All attempts of a pipeline, replaced ones too. */
export function selectAttempts(
  reading: Reading,
  pipelineId: number,
): Promise<{ id: number; status: string }[]> {
  return jobs(reading, pipelineId);
}

const ROWS = [
  'delete from deployments where pipeline_id = ?',
  'delete from job_variables where job_id in (select id from jobs where pipeline_id = ?)',
  'delete from commit_statuses where job_id in (select id from jobs where pipeline_id = ?)',
  'delete from job_needs where pipeline_id = ?',
  'delete from jobs where pipeline_id = ?',
  'delete from stages where pipeline_id = ?',
  'delete from pipeline_variables where pipeline_id = ?',
  'delete from pipeline_schedule_runs where pipeline_id = ?',
].map((text) => statement(text));
const pipeline = statement<{ project_id: number }>('delete from pipelines where id = ? returning project_id');

/**
 * Deletes a pipeline's row and all rows that belong to it, and gives the id of its project. Its definitions and its commit
 * may serve others and stay.
 */
export async function deletePipelineRows(tx: Tx, pipelineId: number): Promise<number | null> {
  for (const remove of ROWS) await remove(tx, pipelineId);
  return (await pipeline(tx, pipelineId))[0]?.project_id ?? null;
}
