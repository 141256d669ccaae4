import { sql } from 'kysely';
import type { Reading } from '../../db/transaction.ts';
import { usersByIds } from '../../project/user.ts';
import { stagesOf } from './pipeline-graph.ts';
import type { CommitRow, PipelineRow } from './rows.ts';

/** The commit of a pipeline, or null. */
export async function commitOf(reading: Reading, id: number | null): Promise<CommitRow | null> {
  if (id === null) return null;
  const row = await reading.sql.selectFrom('commits').selectAll().where('id', '=', id).executeTakeFirst();
  return row ?? null;
}

/** The project of a pipeline, or null. */
export async function projectOfPipeline(reading: Reading, id: number): Promise<number | null> {
  const row = await reading.sql
    .selectFrom('pipelines')
    .select('project_id')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.project_id ?? null;
}

/** What a list of pipelines shows beyond their rows: a handful of reads, however many they are. */
export async function pipelineDetails(reading: Reading, rows: readonly PipelineRow[]) {
  const ids = rows.map(({ id }) => id);
  const commitIds = [...new Set(rows.flatMap((row) => row.commit_id ?? []))];
  const [commits, users, stages, warned] = await Promise.all([
    commitIds.length === 0
      ? []
      : reading.sql
          .selectFrom('commits')
          .select(['id', 'title', 'author_name'])
          .where('id', 'in', commitIds)
          .execute(),
    usersByIds(
      reading,
      rows.flatMap((row) => row.user_id ?? []),
    ),
    stagesOf(reading, ids),
    pipelinesWithWarnings(
      reading,
      rows.filter(({ status }) => status === 'success').map(({ id }) => id),
    ),
  ]);
  const commitById = new Map(commits.map((commit) => [commit.id, commit]));
  return rows.map((row) => ({
    commit: row.commit_id === null ? null : (commitById.get(row.commit_id) ?? null),
    user: row.user_id === null ? null : (users.get(row.user_id) ?? null),
    stages: stages.filter((stage) => stage.pipeline_id === row.id),
    warnings: warned.has(row.id),
  }));
}

/** Which of these pipelines have a latest job that failed and was allowed to. */
async function pipelinesWithWarnings(reading: Reading, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await reading.sql
    .selectFrom('jobs')
    .select('pipeline_id')
    .distinct()
    .where('pipeline_id', 'in', ids)
    .where('retried', '=', 0)
    .where('allow_failure', '=', 1)
    .where('status', 'in', ['failed', 'canceled'])
    .execute();
  return new Set(rows.map((row) => row.pipeline_id));
}

/** The newest pipeline of each of these projects that has one; child pipelines do not count. */
export async function lastPipelines(
  reading: Reading,
  projectIds: readonly number[],
): Promise<Map<number, PipelineRow>> {
  if (projectIds.length === 0) return new Map();
  const rows = await reading.sql
    .selectFrom('pipelines')
    .selectAll('pipelines')
    .where('id', 'in', (query) =>
      query
        .selectFrom('projects')
        .select((outer) =>
          outer
            .selectFrom('pipelines as p')
            .select('p.id')
            .whereRef('p.project_id', '>=', 'projects.id')
            .whereRef('p.project_id', '<=', 'projects.id')
            .where('p.source', '!=', 'parent_pipeline')
            .where('p.iid', '>', 0) // no index alone tells, so the one in this order is the cheapest
            .orderBy('p.project_id', 'desc')
            .orderBy('p.id', 'desc')
            .limit(sql.lit(1))
            .as('last'),
        )
        .where('projects.id', 'in', projectIds),
    )
    .execute();
  return new Map(rows.map((row) => [row.project_id, row]));
}
