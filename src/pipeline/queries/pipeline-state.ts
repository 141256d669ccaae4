import { Breath } from '../../db/breath.ts';
import { listStatement } from '../../db/list-statement.ts';
import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';
import { type JobSnapshot, PipelineState } from '../process.ts';
import type { Status } from '../status.ts';

/** What advancing needs of a pipeline's row. */
export interface PipelineFacts {
  id: number;
  projectId: number;
  status: Status;
  lockVersion: number;
  sha: string;
  cancelOnJobFailure: boolean;
  userId: number | null;
  sourceJobId: number | null;
  createdAt: number;
  startedAt: number | null;
  /** Whether the project has a webhook. */
  hooked: boolean;
}

interface FactsRow {
  id: number;
  project_id: number;
  status: string;
  lock_version: number;
  sha: string;
  auto_cancel_on_job_failure: string;
  user_id: number | null;
  source_job_id: number | null;
  created_at: number;
  started_at: number | null;
  hooked: number;
}

const facts = listStatement<FactsRow>(
  (capabilities) =>
    `select id, project_id, status, lock_version, sha, auto_cancel_on_job_failure, user_id, source_job_id, created_at,
     started_at, case when exists (select 1 from web_hooks where web_hooks.project_id = pipelines.project_id)
       then 1 else 0 end as hooked
     from pipelines where id in (list) order by id desc ${capabilities.rowLocks ? 'for update' : ''}`,
);

/**
 * Rows of pipelines, held until the transaction ends: every event of their jobs happens under this lock. The newest is
 * locked first, as a child locks its parent after itself.
 */
export async function lockPipelines(tx: Tx, ids: readonly number[]): Promise<PipelineFacts[]> {
  const rows = await facts(
    tx,
    [],
    [...ids].sort((a, b) => b - a),
  );
  return rows.map((row) => ({
    id: row.id,
    projectId: row.project_id,
    status: row.status as Status,
    lockVersion: row.lock_version,
    sha: row.sha,
    cancelOnJobFailure: row.auto_cancel_on_job_failure === 'all',
    userId: row.user_id,
    sourceJobId: row.source_job_id,
    createdAt: row.created_at,
    startedAt: row.started_at,
    hooked: row.hooked === 1,
  }));
}

const stages = statement<{ position: number; status: string }>(
  'select position, status from stages where pipeline_id = ? order by position',
);
const jobs = statement<{
  id: number;
  type: string;
  name: string;
  status: string;
  when: string;
  allow_failure: number;
  scheduling_type: string;
  stage_index: number;
  resource_group_id: number | null;
  enqueue_immediately: number;
  environment: string | null;
}>(
  `select id, type, name, status, "when", allow_failure, scheduling_type, stage_index, resource_group_id, enqueue_immediately,
     environment from jobs where pipeline_id = ? and retried <= 0 and (retried, id) > (0, ?)
     and retried is not distinct from 0 and id > ? order by retried, id limit ?`,
);
// The sign keeps SQLite from the index of all the pipeline's needs.
const needs = statement<{ job_id: number; name: string }>(
  'select job_id, name from job_needs where job_id between ? and ? and +pipeline_id = ?',
);

/** Jobs that are read at once. */
const PAGE = 250;

/** Everything a processing pass looks at, `status` being the pipeline's; others have their turns while it is read. */
export async function loadState(
  reading: Reading,
  pipelineId: number,
  status: Status,
): Promise<PipelineState> {
  const found = await stages(reading, pipelineId);
  const state = new PipelineState({
    status,
    stages: found.map((row) => ({ index: row.position, status: row.status as Status })),
    jobs: [],
  });
  const breath = new Breath();
  const all: JobSnapshot[] = [];
  for (let last = 0; ; ) {
    const page = await jobPage(reading, pipelineId, last);
    state.add(page);
    all.push(...page);
    if (page.length < PAGE) break;
    last = page.at(-1)!.id;
    await breath.take();
  }
  for (let at = 0; at < all.length; at += PAGE) {
    state.link(all.slice(at, at + PAGE));
    await breath.take();
  }
  return state;
}

async function jobPage(reading: Reading, pipelineId: number, after: number): Promise<JobSnapshot[]> {
  const rows = await jobs(reading, pipelineId, after, after, PAGE);
  const dag = rows.filter((row) => row.scheduling_type === 'dag');
  const needed = dag.length === 0 ? [] : await needs(reading, dag[0]!.id, dag.at(-1)!.id, pipelineId);
  const needsOf = Map.groupBy(needed, (need) => need.job_id);
  return rows.map((row) => ({
    id: row.id,
    // A status that others report may have the name of a job; nothing needs it.
    name: row.type === 'external' ? `\0${row.name}` : row.name,
    stageIndex: row.stage_index,
    status: row.status as Status,
    when: row.when as JobSnapshot['when'],
    allowFailure: row.allow_failure === 1,
    schedulingType: row.scheduling_type as JobSnapshot['schedulingType'],
    needs: (needsOf.get(row.id) ?? []).map((need) => need.name),
    resourceGroup: row.resource_group_id,
    enqueueImmediately: row.enqueue_immediately === 1,
    environment: row.environment !== null,
  }));
}

const stageUpdate = statement('update stages set status = ? where pipeline_id = ? and position = ?');

export async function updateStage(
  tx: Tx,
  pipelineId: number,
  position: number,
  status: Status,
): Promise<void> {
  await stageUpdate(tx, status, pipelineId, position);
}

/** A new pipeline stays marked as such until it is set going (`create/process-new.ts`). */
const MARK = 'unprocessed = case when unprocessed = 1 then 1 else ? end';
const pipelineTouch = statement(
  `update pipelines set lock_version = ?, updated_at = ?, ${MARK} where id = ?`,
);
const pipelineUpdate = statement(
  `update pipelines set lock_version = ?, updated_at = ?, ${MARK}, status = ?, started_at = ?,
   finished_at = coalesce(?, finished_at), duration = coalesce(?, duration) where id = ?`,
);

export interface PipelineUpdate {
  id: number;
  lockVersion: number;
  /** Whether its pass is through; if not, somebody is to go on. */
  settled: boolean;
  now: number;
}

/** `unprocessed` of a pipeline whose pass is to be gone on with. */
const TO_GO_ON = 2;

/** Jobs changed, the pipeline's own status did not. */
export async function touchPipeline(
  tx: Tx,
  { id, lockVersion, settled, now }: PipelineUpdate,
): Promise<void> {
  await pipelineTouch(tx, lockVersion, now, settled ? 0 : TO_GO_ON, id);
}

const pipelinesTouch = listStatement(
  'update pipelines set lock_version = lock_version + 1, updated_at = ? where id in (list)',
);

/** Jobs of these pipelines changed in a way that changes nothing else. */
export async function touchPipelines(tx: Tx, ids: readonly number[], now: number): Promise<void> {
  await pipelinesTouch(tx, [now], ids);
}

/** A new status of a pipeline; null leaves `finishedAt` and `durationSeconds` as they are. */
export async function updatePipeline(
  tx: Tx,
  { id, lockVersion, settled, now }: PipelineUpdate,
  to: { status: Status; startedAt: number | null; finishedAt: number | null; durationSeconds: number | null },
): Promise<void> {
  const unprocessed = settled ? 0 : TO_GO_ON;
  const { status, startedAt, finishedAt, durationSeconds } = to;
  await pipelineUpdate(tx, lockVersion, now, unprocessed, status, startedAt, finishedAt, durationSeconds, id);
}

const runTimes = statement<{ started_at: number; finished_at: number | null }>(`
  with recursive family (id) as (
    select id from pipelines where id = ?
    union
    select pipelines.id from pipelines join family on pipelines.source_pipeline_id = family.id
  )
  select jobs.started_at, jobs.finished_at from family join jobs on jobs.pipeline_id = family.id
  where jobs.retried = 0 and jobs.type = 'build' and jobs.started_at is not null
    and jobs.status in ('success', 'failed', 'running', 'canceled')`);

/** When the latest jobs of a pipeline and of its downstream pipelines ran; null: still running (ci-yaml 26.1). */
export async function selectRunTimes(
  reading: Reading,
  pipelineId: number,
): Promise<{ from: number; to: number | null }[]> {
  const rows = await runTimes(reading, pipelineId);
  return rows.map((row) => ({ from: row.started_at, to: row.finished_at }));
}

const coverageUpdate = statement(`
  update pipelines set coverage = (
    select avg(coverage) from jobs where pipeline_id = ? and retried = 0 and coverage is not null
  ) where id = ?`);

/** Average of the coverage of the latest jobs (ci-yaml 26.1). */
export async function updateCoverage(tx: Tx, pipelineId: number): Promise<void> {
  await coverageUpdate(tx, pipelineId, pipelineId);
}
