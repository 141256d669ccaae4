import { COUNT_LIMIT, countRows } from '../../db/count-rows.ts';
import type { Reading } from '../../db/transaction.ts';

export type CommitStatusRow = Awaited<ReturnType<typeof commitStatusRows>>['rows'][number];

/** Filters of the statuses of a commit; absent ones filter nothing. */
export interface StatusFilter {
  ref?: string | undefined;
  stage?: string | undefined;
  name?: string | undefined;
  pipelineId?: number | undefined;
  /** Also those that newer ones replaced. */
  all: boolean;
  jobId?: number | undefined;
}

/** Jobs, bridges and reported statuses of a commit's pipelines, one page of them, and how many there are, counted up to 10,001. */
export async function commitStatusRows(
  reading: Reading,
  projectId: number,
  sha: string,
  filter: StatusFilter,
  order: { by: 'id' | 'pipeline_id'; direction: 'asc' | 'desc' },
  slice: { limit: number; offset: number },
) {
  let query = reading.sql
    .selectFrom('jobs')
    .innerJoin('pipelines', 'pipelines.id', 'jobs.pipeline_id')
    .leftJoin('commit_statuses', 'commit_statuses.job_id', 'jobs.id')
    .where('pipelines.project_id', '=', projectId)
    .where('pipelines.sha', '=', sha);
  if (!filter.all) query = query.where('jobs.retried', '=', 0);
  if (filter.ref !== undefined) query = query.where('jobs.ref', '=', filter.ref);
  if (filter.name !== undefined) query = query.where('jobs.name', '=', filter.name);
  if (filter.pipelineId !== undefined) query = query.where('jobs.pipeline_id', '=', filter.pipelineId);
  if (filter.jobId !== undefined) query = query.where('jobs.id', '=', filter.jobId);
  if (filter.stage !== undefined) {
    query = query
      .innerJoin('stages', 'stages.id', 'jobs.stage_id')
      .where('stages.name', '=', filter.stage) as typeof query;
  }
  const rows = await query
    .select([
      'jobs.id',
      'jobs.type',
      'pipelines.sha',
      'jobs.ref',
      'jobs.status',
      'jobs.name',
      'commit_statuses.target_url',
      'commit_statuses.description',
      'jobs.created_at',
      'jobs.started_at',
      'jobs.finished_at',
      'jobs.allow_failure',
      'jobs.coverage',
      'jobs.pipeline_id',
      'jobs.user_id',
    ])
    .orderBy(`jobs.${order.by}`, order.direction)
    .orderBy('jobs.id', order.direction)
    .limit(slice.limit)
    .offset(slice.offset)
    .execute();
  const total = await countRows(reading, query.select('jobs.id').limit(COUNT_LIMIT));
  return { rows, total };
}
