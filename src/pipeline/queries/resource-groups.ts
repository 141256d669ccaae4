import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type ProcessMode = 'unordered' | 'oldest_first' | 'newest_first' | 'newest_ready_first';

/** A resource group: one slot for the jobs of a project that name its key. */
export interface ResourceGroup {
  id: number;
  projectId: number;
  key: string;
  processMode: ProcessMode;
  /** The job that holds the slot. */
  jobId: number | null;
  createdAt: number;
  updatedAt: number;
}

interface Row {
  id: number;
  project_id: number;
  key: string;
  process_mode: string;
  job_id: number | null;
  created_at: number;
  updated_at: number;
}

const groupOf = (row: Row): ResourceGroup => ({
  id: row.id,
  projectId: row.project_id,
  key: row.key,
  processMode: row.process_mode as ProcessMode,
  jobId: row.job_id,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const locked = statement<Row>(
  (capabilities) => `select * from resource_groups where id = ? ${capabilities.rowLocks ? 'for update' : ''}`,
);
const byKey = statement<Row>('select * from resource_groups where project_id = ? and key = ?');
const ofProject = statement<Row>('select * from resource_groups where project_id = ? order by id');
const holderStatus = statement<{ status: string }>('select status from jobs where id = ?');
const setHolder = statement('update resource_groups set job_id = ?, updated_at = ? where id = ?');
const setMode = statement('update resource_groups set process_mode = ?, updated_at = ? where id = ?');

/** The group's row, held until the transaction ends: who gives out its slot holds it. */
export async function lockResourceGroup(tx: Tx, id: number): Promise<ResourceGroup | null> {
  const [row] = await locked(tx, id);
  return row === undefined ? null : groupOf(row);
}

export async function selectResourceGroup(
  reading: Reading,
  projectId: number,
  key: string,
): Promise<ResourceGroup | null> {
  const [row] = await byKey(reading, projectId, key);
  return row === undefined ? null : groupOf(row);
}

export async function selectResourceGroups(reading: Reading, projectId: number): Promise<ResourceGroup[]> {
  return (await ofProject(reading, projectId)).map(groupOf);
}

export async function statusOfJob(reading: Reading, jobId: number): Promise<string | null> {
  return (await holderStatus(reading, jobId))[0]?.status ?? null;
}

export async function updateHolder(
  tx: Tx,
  groupId: number,
  jobId: number | null,
  now: number,
): Promise<void> {
  await setHolder(tx, jobId, now, groupId);
}

export async function updateProcessMode(
  tx: Tx,
  groupId: number,
  mode: ProcessMode,
  now: number,
): Promise<void> {
  await setMode(tx, mode, now, groupId);
}

/** A job that would like the slot, or will (ci-yaml 25). */
export interface Candidate {
  jobId: number;
  pipelineId: number;
  status: string;
}

interface CandidateRow {
  id: number;
  pipeline_id: number;
  status: string;
}

const UPCOMING = "retried = 0 and status in ('created', 'scheduled', 'waiting_for_resource')";
/** Not of a pipeline whose jobs are still being stored. */
const STORED = 'exists (select 1 from pipelines where pipelines.id = jobs.pipeline_id)';
const WAITING = "retried = 0 and status = 'waiting_for_resource'";

const edges = (condition: string, order: 'asc' | 'desc') =>
  statement<CandidateRow>(
    `select id, pipeline_id, status from jobs where resource_group_id = ? and ${condition}
     and status in ('created', 'scheduled', 'waiting_for_resource') and ${STORED}
     order by pipeline_id ${order}, id limit 1`,
  );
const oldestUpcoming = edges(UPCOMING, 'asc');
const newestUpcoming = edges(UPCOMING, 'desc');
const oldestWaiting = edges(WAITING, 'asc');
const newestWaiting = edges(WAITING, 'desc');
const waitingOfPipeline = statement<CandidateRow>(
  `select id, pipeline_id, status from jobs where resource_group_id = ? and pipeline_id = ? and ${WAITING}
   and status in ('created', 'scheduled', 'waiting_for_resource') order by id limit 1`,
);

/** The job that is next for the group's slot, or null when nobody waits or someone of better rank is not ready yet. */
export async function nextForSlot(reading: Reading, group: ResourceGroup): Promise<Candidate | null> {
  switch (group.processMode) {
    case 'unordered':
      return one(await oldestWaiting(reading, group.id));
    case 'newest_ready_first':
      return one(await newestWaiting(reading, group.id));
    case 'oldest_first':
      return readyOf(reading, group, one(await oldestUpcoming(reading, group.id)));
    case 'newest_first':
      return readyOf(reading, group, one(await newestUpcoming(reading, group.id)));
  }
}

/** Of the pipeline whose turn it is, a job that waits; its own jobs do not block each other. */
async function readyOf(
  reading: Reading,
  group: ResourceGroup,
  upcoming: Candidate | null,
): Promise<Candidate | null> {
  if (upcoming === null) return null;
  return one(await waitingOfPipeline(reading, group.id, upcoming.pipelineId));
}

function one([row]: CandidateRow[]): Candidate | null {
  return row === undefined ? null : { jobId: row.id, pipelineId: row.pipeline_id, status: row.status };
}
