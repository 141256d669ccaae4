import type { Selectable } from 'kysely';
import { Breath } from '../../db/breath.ts';
import { statement } from '../../db/statement.ts';
import type { JobsTable } from '../../db/tables/pipeline.ts';
import type { Reading } from '../../db/transaction.ts';
import type { JobRow } from '../job-lookup.ts';
import type { JobSnapshot } from '../process.ts';
import type { Status } from '../status.ts';
import { marks, paddedLists } from './in-list.ts';

type Row = Selectable<JobsTable>;

const byId = statement<Row>('select * from jobs where id = ?');
const latest = statement<Row>('select * from jobs where pipeline_id = ? and retried = 0 order by id');
const attempts = statement<{ count: number }>(
  'select count(*) as count from jobs where pipeline_id = ? and name = ? and retried = 1',
);

export async function selectJob(reading: Reading, id: number): Promise<JobRow | null> {
  const [row] = await byId(reading, id);
  return row === undefined ? null : jobRow(row);
}

export async function selectJobs(reading: Reading, ids: readonly number[]): Promise<JobRow[]> {
  const rows: Row[] = [];
  const breath = new Breath();
  for (const { padded } of paddedLists(ids)) {
    rows.push(...(await byIds(padded.length)(reading, ...padded)));
    await breath.take();
  }
  return rows.sort((a, b) => a.id - b.id).map(jobRow);
}

const byIdsStatements = new Map<number, ReturnType<typeof statement<Row>>>();
function byIds(size: number) {
  const known = byIdsStatements.get(size);
  if (known !== undefined) return known;
  const made = statement<Row>(`select * from jobs where id in (${marks(size)})`);
  byIdsStatements.set(size, made);
  return made;
}

export async function selectLatestJobs(reading: Reading, pipelineId: number): Promise<JobRow[]> {
  return (await latest(reading, pipelineId)).map(jobRow);
}

/** Attempts of a job that newer ones replaced. */
export async function countRetriedAttempts(
  reading: Reading,
  pipelineId: number,
  name: string,
): Promise<number> {
  const [row] = await attempts(reading, pipelineId, name);
  return Number(row?.count ?? 0);
}

function jobRow(row: Row): JobRow {
  return {
    id: row.id,
    type: row.type as JobRow['type'],
    projectId: row.project_id,
    pipelineId: row.pipeline_id,
    stageId: row.stage_id,
    definitionId: row.definition_id,
    name: row.name,
    stageIndex: row.stage_index,
    status: row.status as Status,
    when: row.when as JobSnapshot['when'],
    allowFailure: row.allow_failure === 1,
    schedulingType: row.scheduling_type as JobSnapshot['schedulingType'],
    ref: row.ref,
    tag: row.tag === 1,
    protected: row.protected === 1,
    interruptible: row.interruptible === 1,
    enqueueImmediately: row.enqueue_immediately === 1,
    userId: row.user_id,
    runnerId: row.runner_id,
    runnerManagerId: row.runner_manager_id,
    retried: row.retried === 1,
    tokenDigest: row.token_digest,
    timeoutSeconds: row.timeout_seconds,
    failureReason: row.failure_reason,
    exitCode: row.exit_code,
    coverage: row.coverage,
    debug: row.debug === 1,
    environment: row.environment,
    resourceGroupId: row.resource_group_id,
    autoCanceledById: row.auto_canceled_by_id,
    erasedById: row.erased_by_id,
    artifactsExpireAt: row.artifacts_expire_at,
    scheduledAt: row.scheduled_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    queuedAt: row.queued_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    erasedAt: row.erased_at,
    deadlineAt: row.deadline_at,
  };
}
