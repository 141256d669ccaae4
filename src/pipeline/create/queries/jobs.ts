import { insertRows } from '../../../db/insert-rows.ts';
import { listStatement } from '../../../db/list-statement.ts';
import type { Tx } from '../../../db/transaction.ts';
import type { JobRow } from '../../job-lookup.ts';

/** What the rows of one pipeline's jobs share. Times in milliseconds. */
export interface JobsOfPipeline {
  projectId: number;
  pipelineId: number;
  ref: string;
  tag: boolean;
  protected: boolean;
  userId: number | null;
}

/** A job as it is first stored. */
export interface NewJob {
  type: JobRow['type'];
  stageId: number;
  definitionId: number;
  name: string;
  stageIndex: number;
  when: string;
  allowFailure: boolean;
  schedulingType: 'stage' | 'dag';
  interruptible: boolean;
  environment: string | null;
  resourceGroupId: number | null;
}

const insertJobRows = insertRows<{ id: number; name: string }>(
  'jobs',
  [
    'type',
    'project_id',
    'pipeline_id',
    'stage_id',
    'definition_id',
    'name',
    'stage_index',
    'status',
    '"when"',
    'allow_failure',
    'scheduling_type',
    'ref',
    'tag',
    'protected',
    'interruptible',
    'user_id',
    'retried',
    'debug',
    'environment',
    'resource_group_id',
    'created_at',
    'updated_at',
  ],
  'returning id, name',
);

/** Adds jobs, all `created`, with ids in the order given; the ids by name. */
export async function insertJobs(
  tx: Tx,
  of: JobsOfPipeline,
  jobs: readonly NewJob[],
  now: number,
): Promise<Map<string, number>> {
  const rows = jobs.map((job) => [
    job.type,
    of.projectId,
    of.pipelineId,
    job.stageId,
    job.definitionId,
    job.name,
    job.stageIndex,
    'created',
    job.when,
    Number(job.allowFailure),
    job.schedulingType,
    of.ref,
    Number(of.tag),
    Number(of.protected),
    Number(job.interruptible),
    of.userId,
    0,
    0,
    job.environment,
    job.resourceGroupId,
    now,
    now,
  ]);
  return new Map((await insertJobRows(tx, rows)).map(({ id, name }) => [name, id]));
}

const insertNeedRows = insertRows('job_needs', ['job_id', 'pipeline_id', 'name', 'artifacts', 'optional']);

/** What a job needs, by the name of the needed one. */
export interface NewNeed {
  jobId: number;
  name: string;
  artifacts: boolean;
  optional: boolean;
}

export async function insertNeeds(tx: Tx, pipelineId: number, needs: readonly NewNeed[]): Promise<void> {
  await insertNeedRows(
    tx,
    needs.map(({ jobId, name, artifacts, optional }) => [
      jobId,
      pipelineId,
      name,
      Number(artifacts),
      Number(optional),
    ]),
  );
}

const insertGroupRows = insertRows(
  'resource_groups',
  ['project_id', 'key', 'process_mode', 'created_at', 'updated_at'],
  'on conflict (project_id, key) do nothing',
);
const groupIds = listStatement<{ id: number; key: string }>(
  'select id, key from resource_groups where project_id = ? and key in (list)',
);

/** Ids of the project's resource groups by key; missing ones are made with `mode`. */
export async function storeResourceGroups(
  tx: Tx,
  projectId: number,
  keys: readonly string[],
  mode: string,
  now: number,
): Promise<Map<string, number>> {
  const sorted = [...new Set(keys)].sort();
  await insertGroupRows(
    tx,
    sorted.map((key) => [projectId, key, mode, now, now]),
  );
  const rows = await groupIds(tx, [projectId], sorted);
  return new Map(rows.map(({ id, key }) => [key, id]));
}
