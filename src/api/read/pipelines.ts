import { type SelectQueryBuilder, sql } from 'kysely';
import { allOf } from '../../db/all-of.ts';
import { COUNT_LIMIT, countRows } from '../../db/count-rows.ts';
import type { Tables } from '../../db/tables.ts';
import type { Reading } from '../../db/transaction.ts';
import { STATUSES } from '../../pipeline/status.ts';
import type { PipelineRow } from './rows.ts';

/** A pipeline of this project, or null. */
export async function pipelineOfProject(
  reading: Reading,
  projectId: number,
  id: number,
): Promise<PipelineRow | null> {
  const row = await reading.sql
    .selectFrom('pipelines')
    .selectAll()
    .where('id', '=', id)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return row ?? null;
}

/** Whether some latest job of the pipeline failed and was allowed to (ci-yaml 23, "passed with warnings"). */
export async function hasWarnings(reading: Reading, pipelineId: number): Promise<boolean> {
  const row = await reading.sql
    .selectFrom('jobs')
    .select('id')
    .where('pipeline_id', '=', pipelineId)
    .where('retried', '=', 0)
    .where('allow_failure', '=', 1)
    .where('status', 'in', ['failed', 'canceled'])
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Filters of a list of pipelines (rest-resources 6.4); times in milliseconds, absent ones filter nothing. */
export interface PipelineFilter {
  statuses?: readonly string[] | undefined;
  ref?: string | undefined;
  sha?: string | undefined;
  yamlErrors?: boolean | undefined;
  name?: string | undefined;
  userId?: number | undefined;
  source?: string | undefined;
  createdAfter?: number | undefined;
  createdBefore?: number | undefined;
  updatedAfter?: number | undefined;
  updatedBefore?: number | undefined;
  /** Only the newest pipeline of each of these refs. */
  newestPer?: { kind: 'branch' | 'tag'; names: readonly string[] } | undefined;
}

export type PipelineOrder = 'id' | 'status' | 'ref' | 'updated_at' | 'user_id';

/** One page of a project's pipelines, and how many there are, counted up to 10,001. Child pipelines only by their source. */
export async function listPipelines(
  reading: Reading,
  projectId: number,
  filter: PipelineFilter,
  order: { by: PipelineOrder; direction: 'asc' | 'desc' },
  slice: { limit: number; offset: number },
): Promise<{ rows: PipelineRow[]; total: number }> {
  const { by, direction } = order;
  const { limit, offset } = slice;
  const first = (count: number) =>
    allOf(
      reading,
      partsById(reading, projectId, filter, direction).map((part) => part.limit(count)),
    );
  const rows = await (by === 'id'
    ? first(offset + limit)
        .orderBy('id', direction)
        .limit(limit)
        .offset(offset)
        .execute()
    : matching(reading, projectId, filter, { column: 'project_id', value: projectId })
        .selectAll()
        .orderBy('project_id', direction)
        .orderBy(by, direction)
        .limit(limit)
        .offset(offset)
        .execute());
  const total = await countRows(reading, first(COUNT_LIMIT).limit(COUNT_LIMIT));
  return { rows, total };
}

/** What a list by id is put together from: each part is in the order of one index. */
function partsById(reading: Reading, projectId: number, filter: PipelineFilter, direction: 'asc' | 'desc') {
  const { sha, name, ref, statuses, source, userId } = filter;
  const part = (column: Fence['column'], value: Fence['value']) =>
    matching(reading, projectId, filter, { column, value })
      .selectAll()
      .orderBy(column, direction)
      .orderBy('id', direction);
  if (sha !== undefined) return [part('sha', sha)];
  if (name !== undefined) return [part('name', name)];
  if (ref !== undefined || statuses !== undefined) {
    return (statuses ?? STATUSES).map((status) => part('status', status));
  }
  if (userId !== undefined) return [part('user_id', userId)];
  if (source !== undefined) return [part('source', source)];
  return [part('project_id', projectId)];
}

/** The condition that is given as a range and stands in the order (`db/README.md`). */
interface Fence {
  column: 'project_id' | 'sha' | 'name' | 'status' | 'user_id' | 'source';
  value: string | number;
}

function matching(
  reading: Reading,
  projectId: number,
  filter: PipelineFilter,
  { column, value }: Fence,
): SelectQueryBuilder<Tables, 'pipelines', unknown> {
  let query = reading.sql.selectFrom('pipelines').where((eb) => eb.between(column, value, value));
  // An equality beside the range would undo it.
  const equals = (name: Fence['column'], wanted: string | number | undefined) => {
    if (wanted !== undefined && name !== column) query = query.where(name, '=', wanted);
  };
  equals('project_id', projectId);
  equals('sha', filter.sha);
  equals('name', filter.name);
  equals('user_id', filter.userId);
  equals('source', filter.source);
  if (filter.source === undefined) query = query.where('source', '!=', 'parent_pipeline');
  if (filter.statuses !== undefined && column !== 'status') {
    query = query.where('status', 'in', filter.statuses);
  }
  if (filter.ref !== undefined) query = query.where('ref', '=', filter.ref);
  if (filter.yamlErrors !== undefined)
    query = query.where('yaml_errors', filter.yamlErrors ? 'is not' : 'is', null);
  if (filter.createdAfter !== undefined) query = query.where('created_at', '>', filter.createdAfter);
  if (filter.createdBefore !== undefined) query = query.where('created_at', '<', filter.createdBefore);
  if (filter.updatedAfter !== undefined) query = query.where('updated_at', '>', filter.updatedAfter);
  if (filter.updatedBefore !== undefined) query = query.where('updated_at', '<', filter.updatedBefore);
  if (filter.newestPer !== undefined) {
    if (filter.newestPer.names.length === 0) return query.where('id', '<', 0);
    const newest = reading.sql
      .selectFrom('pipelines')
      .select((eb) => eb.fn.max('id').as('id'))
      .where('project_id', '=', projectId)
      .where('source', '!=', 'parent_pipeline')
      .where('tag', '=', filter.newestPer.kind === 'tag' ? 1 : 0)
      .where('ref', 'in', filter.newestPer.names)
      .groupBy('ref');
    query = query.where('id', 'in', newest);
  }
  return query;
}

/** The newest regular pipeline of a ref at exactly this commit, or null. */
export async function newestPipelineAt(
  reading: Reading,
  projectId: number,
  ref: string | null,
  sha: string,
): Promise<PipelineRow | null> {
  let query = reading.sql
    .selectFrom('pipelines')
    .selectAll()
    .where('project_id', '=', projectId)
    .where((eb) => eb.between('sha', sha, sha))
    .where('source', '!=', 'parent_pipeline')
    .orderBy('sha', 'desc')
    .orderBy('id', 'desc')
    .limit(sql.lit(1));
  if (ref !== null) query = query.where(sql`ref || ''`, '=', ref); // not an index of refs
  return (await query.executeTakeFirst()) ?? null;
}

/** Downstream pipelines of these bridges, the newest of each, with the path of their project. */
export async function downstreamOf(
  reading: Reading,
  jobIds: readonly number[],
): Promise<Map<number, { pipeline: PipelineRow; projectPath: string }>> {
  if (jobIds.length === 0) return new Map();
  const rows = await reading.sql
    .selectFrom('pipelines')
    .innerJoin('projects', 'projects.id', 'pipelines.project_id')
    .selectAll('pipelines')
    .select('projects.full_path as project_path')
    .where('source_job_id', 'in', jobIds)
    .orderBy('pipelines.id')
    .execute();
  return new Map(
    rows.map(({ project_path, ...pipeline }) => [
      pipeline.source_job_id!,
      { pipeline, projectPath: project_path },
    ]),
  );
}

/** Variables that a pipeline was started with, encrypted, in the order they were given. */
export function pipelineVariableRows(reading: Reading, pipelineId: number) {
  return reading.sql
    .selectFrom('pipeline_variables')
    .select(['key', 'encrypted_value', 'variable_type', 'raw'])
    .where('pipeline_id', '=', pipelineId)
    .orderBy('id')
    .execute();
}
