import type { Selectable } from 'kysely';
import { allOf } from '../../db/all-of.ts';
import { COUNT_LIMIT, countRows } from '../../db/count-rows.ts';
import { statement } from '../../db/statement.ts';
import type { DeploymentsTable } from '../../db/tables/pipeline.ts';
import type { Reading, Tx } from '../../db/transaction.ts';
import type { Deployment } from '../deployment.ts';
import { DEPLOYMENT_STATUSES, type DeploymentStatus } from '../deployment-status.ts';
import { marks, paddedLists } from './in-list.ts';

type Row = Selectable<DeploymentsTable>;

const count = statement<{ last_iid: number }>(
  `insert into deployment_counters (project_id, last_iid) values (?, ?)
   on conflict (project_id) do update set last_iid = deployment_counters.last_iid + excluded.last_iid returning last_iid`,
);
const insert = statement<Row>(
  `insert into deployments (iid, project_id, environment_id, job_id, pipeline_id, ref, tag, sha, status, user_id, on_stop,
     external_url, auto_stop_seconds, created_at, updated_at, finished_at)
   values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning *`,
);
const byId = statement<Row>('select * from deployments where project_id = ? and id = ?');
const move = statement('update deployments set status = ?, updated_at = ?, finished_at = ? where id = ?');
const expect = statement(
  `update deployments set external_url = coalesce(?, external_url), auto_stop_seconds = coalesce(?, auto_stop_seconds)
   where job_id = ?`,
);
const lastWith = (status: string) => `select * from deployments where environment_id = ?
  and status between '${status}' and '${status}' order by status desc, id desc limit 1`;
const lastOf = statement<Row>(lastWith('success'));
const lastFinished = statement<Row>(
  `select * from (${['success', 'failed', 'canceled']
    .map((status) => `select * from (${lastWith(status)}) ${status}`)
    .join(' union all ')}) finished order by id desc limit 1`,
);
const finishedOfPipeline = statement<Row>(
  `select * from deployments where pipeline_id = ? and environment_id = ? and on_stop is not null
   and status in ('success', 'failed', 'canceled') order by id`,
);
const remove = statement('delete from deployments where id = ?');

/** Deployments that another commit overtook: the last successful one of their environment is newer and not of their commit. */
const OVERTAKEN = `from deployments d join deployments s on s.id = (
    select max(id) from deployments where environment_id = d.environment_id and status = 'success')
  where s.id > d.id and s.sha <> d.sha`;
const overtakenOfPipeline = statement<{ job_id: number }>(
  `select d.job_id ${OVERTAKEN} and d.pipeline_id = ? and d.status in ('created', 'skipped') and exists (
     select 1 from projects p where p.id = d.project_id and p.ci_forward_deployment_enabled = 1)`,
);
const preventedJob = statement<{ job_id: number }>(
  `select d.job_id ${OVERTAKEN} and d.job_id = ? and exists (
     select 1 from projects p where p.id = d.project_id and p.ci_forward_deployment_enabled = 1)`,
);
const overtakenJobs = statement<{ job_id: number }>(`select d.job_id ${OVERTAKEN} and d.pipeline_id = ?`);
const overtakenJob = statement<{ job_id: number }>(`select d.job_id ${OVERTAKEN} and d.job_id = ?`);

/** Stores deployments of one project; they are numbered in the order given. */
export async function insertDeployments(
  tx: Tx,
  projectId: number,
  values: readonly Omit<Deployment, 'id' | 'iid' | 'projectId'>[],
): Promise<Deployment[]> {
  if (values.length === 0) return [];
  const [counter] = await count(tx, projectId, values.length);
  const first = counter!.last_iid - values.length + 1;
  const stored: Deployment[] = [];
  for (const [index, one] of values.entries()) {
    const [row] = await insert(
      tx,
      first + index,
      projectId,
      one.environmentId,
      one.jobId,
      one.pipelineId,
      one.ref,
      Number(one.tag),
      one.sha,
      one.status,
      one.userId,
      one.onStop,
      one.externalUrl,
      one.autoStopSeconds,
      one.createdAt,
      one.updatedAt,
      one.finishedAt,
    );
    stored.push(deploymentOfRow(row!));
  }
  return stored;
}

export async function selectDeployment(
  reading: Reading,
  projectId: number,
  id: number,
): Promise<Deployment | null> {
  const [row] = await byId(reading, projectId, id);
  return row === undefined ? null : deploymentOfRow(row);
}

export async function selectDeploymentsOfJobs(
  reading: Reading,
  jobIds: readonly number[],
): Promise<Deployment[]> {
  const rows: Row[] = [];
  for (const { padded } of paddedLists(jobIds))
    rows.push(...(await ofJobs(padded.length)(reading, ...padded)));
  return rows.sort((a, b) => a.id - b.id).map(deploymentOfRow);
}

const ofJobsStatements = new Map<number, ReturnType<typeof statement<Row>>>();
function ofJobs(size: number) {
  const known = ofJobsStatements.get(size);
  if (known !== undefined) return known;
  const made = statement<Row>(`select * from deployments where job_id in (${marks(size)})`);
  ofJobsStatements.set(size, made);
  return made;
}

export async function updateDeploymentStatus(
  tx: Tx,
  id: number,
  status: DeploymentStatus,
  finishedAt: number | null,
  now: number,
): Promise<void> {
  await move(tx, status, now, finishedAt, id);
}

/** What a job's deployment will make of its environment; null leaves what is known. */
export async function updateExpectation(
  tx: Tx,
  jobId: number,
  { externalUrl, autoStopSeconds }: { externalUrl: string | null; autoStopSeconds: number | null },
): Promise<void> {
  await expect(tx, externalUrl, autoStopSeconds, jobId);
}

/** What is deployed now. */
export async function selectLastDeployment(
  reading: Reading,
  environmentId: number,
): Promise<Deployment | null> {
  const [row] = await lastOf(reading, environmentId);
  return row === undefined ? null : deploymentOfRow(row);
}

/** Finished deployments with a stop job, of the pipeline that deployed to the environment last. */
export async function selectStoppable(reading: Reading, environmentId: number): Promise<Deployment[]> {
  const [last] = await lastFinished(reading, environmentId, environmentId, environmentId);
  if (last === undefined || last.pipeline_id === null) return [];
  return (await finishedOfPipeline(reading, last.pipeline_id, environmentId)).map(deploymentOfRow);
}

/** Jobs of a pipeline that wait for their turn and whose deployments are overtaken, where the project prevents those. */
export async function selectOvertaken(reading: Reading, pipelineId: number): Promise<number[]> {
  return (await overtakenOfPipeline(reading, pipelineId)).map((row) => row.job_id);
}

/** Whether a job's deployment is overtaken, in a project that prevents those. */
export async function isPrevented(reading: Reading, jobId: number): Promise<boolean> {
  return (await preventedJob(reading, jobId)).length > 0;
}

/** All jobs of a pipeline whose deployments are overtaken, whatever became of them. */
export async function selectAllOvertaken(reading: Reading, pipelineId: number): Promise<number[]> {
  return (await overtakenJobs(reading, pipelineId)).map((row) => row.job_id);
}

export async function isOvertaken(reading: Reading, jobId: number): Promise<boolean> {
  return (await overtakenJob(reading, jobId)).length > 0;
}

export async function deleteDeploymentRow(tx: Tx, id: number): Promise<void> {
  await remove(tx, id);
}

/** Filters of a list; times in milliseconds, absent ones filter nothing. */
export interface DeploymentFilter {
  environment?: string | undefined;
  status?: string | undefined;
  updatedAfter?: number | undefined;
  updatedBefore?: number | undefined;
  finishedAfter?: number | undefined;
  finishedBefore?: number | undefined;
}

export type DeploymentOrder = 'id' | 'iid' | 'created_at' | 'updated_at' | 'finished_at' | 'ref';

/** One page of a project's deployments, and how many there are, counted up to 10,001. */
export async function selectDeployments(
  reading: Reading,
  projectId: number,
  filter: DeploymentFilter,
  { by, direction }: { by: DeploymentOrder; direction: 'asc' | 'desc' },
  { limit, offset }: { limit: number; offset: number },
): Promise<{ deployments: Deployment[]; total: number }> {
  const statuses = filter.status === undefined ? DEPLOYMENT_STATUSES : [filter.status];
  const first = (count: number) =>
    allOf(
      reading,
      statuses.map((status) =>
        matching(reading, projectId, filter, { column: 'status', value: status })
          .selectAll()
          .orderBy('status', direction)
          .orderBy('id', direction)
          .limit(count),
      ),
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
        .$if(by !== 'iid', (query) => query.orderBy('id', direction))
        .limit(limit)
        .offset(offset)
        .execute());
  const total = await countRows(reading, first(COUNT_LIMIT).limit(COUNT_LIMIT));
  return { deployments: rows.map(deploymentOfRow), total };
}

/** `fence`: the condition that is given as a range and stands in the order (`db/README.md`). */
function matching(
  reading: Reading,
  projectId: number,
  filter: DeploymentFilter,
  fence: { column: 'project_id' | 'status'; value: string | number },
) {
  const { column, value } = fence;
  const { environment, status, updatedAfter, updatedBefore, finishedAfter, finishedBefore } = filter;
  let query = reading.sql.selectFrom('deployments').where((eb) => eb.between(column, value, value));
  if (environment !== undefined) {
    query = query.where('environment_id', '=', (eb) =>
      eb
        .selectFrom('environments')
        .select('environments.id')
        .where('environments.project_id', '=', projectId)
        .where('environments.name', '=', environment),
    );
  } else if (column !== 'project_id') query = query.where('project_id', '=', projectId);
  if (status !== undefined && column !== 'status') query = query.where('status', '=', status);
  if (updatedAfter !== undefined) query = query.where('updated_at', '>=', updatedAfter);
  if (updatedBefore !== undefined) query = query.where('updated_at', '<=', updatedBefore);
  if (finishedAfter !== undefined) query = query.where('finished_at', '>=', finishedAfter);
  if (finishedBefore !== undefined) query = query.where('finished_at', '<=', finishedBefore);
  return query;
}

function deploymentOfRow(row: Row): Deployment {
  return {
    id: row.id,
    iid: row.iid,
    projectId: row.project_id,
    environmentId: row.environment_id,
    jobId: row.job_id,
    pipelineId: row.pipeline_id,
    ref: row.ref,
    tag: row.tag === 1,
    sha: row.sha,
    status: row.status as DeploymentStatus,
    userId: row.user_id,
    onStop: row.on_stop,
    externalUrl: row.external_url,
    autoStopSeconds: row.auto_stop_seconds,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    finishedAt: row.finished_at,
  };
}
