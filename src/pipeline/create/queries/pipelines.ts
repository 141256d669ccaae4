import { insertRows } from '../../../db/insert-rows.ts';
import { statement } from '../../../db/statement.ts';
import type { Reading, Tx } from '../../../db/transaction.ts';
import type { GitCommit } from '../../../git/commit.ts';

const insertCommit = statement(
  `insert into commits (project_id, sha, parent_ids, title, message, author_name, author_email, authored_date,
     committer_name, committer_email, committed_date)
   values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (project_id, sha) do nothing`,
);
const commitId = statement<{ id: number }>('select id from commits where project_id = ? and sha = ?');

/** Copies what answers and variables need of a commit, once; the id of the copy. */
export async function storeCommit(tx: Tx, projectId: number, commit: GitCommit): Promise<number> {
  const [known] = await commitId(tx, projectId, commit.sha);
  if (known !== undefined) return known.id;
  await insertCommit(
    tx,
    projectId,
    commit.sha,
    JSON.stringify(commit.parentIds),
    commit.title,
    commit.message,
    commit.authorName,
    commit.authorEmail,
    commit.authoredDate,
    commit.committerName,
    commit.committerEmail,
    commit.committedDate,
  );
  const [added] = await commitId(tx, projectId, commit.sha);
  return added!.id;
}

const countUp = statement<{ last_iid: number }>(
  `insert into pipeline_counters (project_id, last_iid) values (?, 1)
   on conflict (project_id) do update set last_iid = pipeline_counters.last_iid + 1 returning last_iid`,
);

/** The next `iid` of the project; others wait for this transaction. */
export async function nextIid(tx: Tx, projectId: number): Promise<number> {
  const [row] = await countUp(tx, projectId);
  return row!.last_iid;
}

/** A pipeline as it is first stored; absent columns are null. Times in milliseconds. */
export interface NewPipeline {
  iid: number;
  projectId: number;
  commitId: number | null;
  ref: string;
  tag: boolean;
  sha: string;
  beforeSha: string;
  source: string;
  status: 'created' | 'failed' | 'skipped';
  protected: boolean;
  userId: number | null;
  name: string | null;
  yamlErrors: string | null;
  failureReason: string | null;
  autoCancelOnNewCommit: string;
  autoCancelOnJobFailure: string;
  sourceJobId: number | null;
  sourcePipelineId: number | null;
  messages: string[];
  origin: string | null;
  unprocessed: boolean;
  finishedAt: number | null;
}

const PIPELINE_COLUMNS = [
  'iid',
  'project_id',
  'commit_id',
  'ref',
  'tag',
  'sha',
  'before_sha',
  'source',
  'status',
  'protected',
  'user_id',
  'name',
  'yaml_errors',
  'failure_reason',
  'auto_cancel_on_new_commit',
  'auto_cancel_on_job_failure',
  'locked',
  'source_job_id',
  'source_pipeline_id',
  'messages',
  'origin',
  'unprocessed',
  'lock_version',
  'created_at',
  'updated_at',
  'finished_at',
];
const insertPipelineRow = insertRows<{ id: number }>('pipelines', PIPELINE_COLUMNS, 'returning id');
const insertPipelineWithId = insertRows('pipelines', ['id', ...PIPELINE_COLUMNS]);

/** Adds a pipeline, with an `id` of its own or one that was taken before; its id. */
export async function insertPipeline(
  tx: Tx,
  pipeline: NewPipeline,
  now: number,
  id?: number,
): Promise<number> {
  const values = [
    pipeline.iid,
    pipeline.projectId,
    pipeline.commitId,
    pipeline.ref,
    Number(pipeline.tag),
    pipeline.sha,
    pipeline.beforeSha,
    pipeline.source,
    pipeline.status,
    Number(pipeline.protected),
    pipeline.userId,
    pipeline.name,
    pipeline.yamlErrors,
    pipeline.failureReason,
    pipeline.autoCancelOnNewCommit,
    pipeline.autoCancelOnJobFailure,
    0,
    pipeline.sourceJobId,
    pipeline.sourcePipelineId,
    JSON.stringify(pipeline.messages),
    pipeline.origin,
    Number(pipeline.unprocessed),
    0,
    now,
    now,
    pipeline.finishedAt,
  ];
  if (id !== undefined) {
    await insertPipelineWithId(tx, [[id, ...values]]);
    return id;
  }
  const [row] = await insertPipelineRow(tx, [values]);
  return row!.id;
}

const deletePipelineRow = statement('delete from pipelines where id = ?');

/** Takes a row back in the transaction that added it: its id stays taken. */
export async function deleteRow(tx: Tx, id: number): Promise<void> {
  await deletePipelineRow(tx, id);
}

const insertStageRows = insertRows<{ id: number; position: number }>(
  'stages',
  ['pipeline_id', 'name', 'position', 'status'],
  'returning id, position',
);

/** Adds stages; their ids by position. */
export async function insertStages(
  tx: Tx,
  pipelineId: number,
  stages: readonly { name: string; position: number }[],
): Promise<Map<number, number>> {
  const rows = await insertStageRows(
    tx,
    stages.map(({ name, position }) => [pipelineId, name, position, 'created']),
  );
  return new Map(rows.map(({ id, position }) => [position, id]));
}

const insertVariableRows = insertRows('pipeline_variables', [
  'pipeline_id',
  'key',
  'encrypted_value',
  'variable_type',
  'raw',
]);

/** A variable given with a pipeline, its value encrypted. */
export interface NewPipelineVariable {
  key: string;
  encryptedValue: string;
  file: boolean;
  raw: boolean;
}

export async function insertPipelineVariables(
  tx: Tx,
  pipelineId: number,
  variables: readonly NewPipelineVariable[],
): Promise<void> {
  const rows = variables.map(({ key, encryptedValue, file, raw }) => [
    pipelineId,
    key,
    encryptedValue,
    file ? 'file' : 'env_var',
    Number(raw),
  ]);
  await insertVariableRows(tx, rows);
}

/** A stored pipeline whose jobs nobody has looked at yet. */
export interface UnprocessedPipeline {
  id: number;
  projectId: number;
  ref: string;
  tag: boolean;
  sha: string;
}

const unprocessedRow = statement<{ id: number; project_id: number; ref: string; tag: number; sha: string }>(
  'select id, project_id, ref, tag, sha from pipelines where id = ? and unprocessed = 1',
);
const clearUnprocessed = statement<{ id: number }>(
  'update pipelines set unprocessed = 0 where id = ? and unprocessed = 1 returning id',
);

export async function selectUnprocessed(reading: Reading, id: number): Promise<UnprocessedPipeline | null> {
  const [row] = await unprocessedRow(reading, id);
  if (row === undefined) return null;
  return { id: row.id, projectId: row.project_id, ref: row.ref, tag: row.tag === 1, sha: row.sha };
}

/** Says whether this call is the one that took the pipeline. */
export async function takeUnprocessed(tx: Tx, id: number): Promise<boolean> {
  return (await clearUnprocessed(tx, id)).length === 1;
}

const recentCount = statement<{ count: number }>(
  'select count(*) as count from pipelines where project_id = ? and sha = ? and user_id = ? and created_at > ?',
);

/** Pipelines that a user made for one commit since then (milliseconds). */
export async function countRecentPipelines(
  reading: Reading,
  of: { projectId: number; userId: number; sha: string; since: number },
): Promise<number> {
  const [row] = await recentCount(reading, of.projectId, of.sha, of.userId, of.since);
  return Number(row!.count);
}

const activeJobs = statement<{ count: number }>(`
  select count(*) as count from pipelines p join jobs j on j.pipeline_id = p.id and j.retried = 0
  where p.project_id = ? and p.created_at > ? and p.status in ('created', 'waiting_for_resource', 'preparing',
    'waiting_for_callback', 'pending', 'running', 'canceling')`);

/** Jobs of a project's pipelines that are under way and were made since then (milliseconds). */
export async function countActiveJobs(reading: Reading, projectId: number, since: number): Promise<number> {
  const [row] = await activeJobs(reading, projectId, since);
  return Number(row!.count);
}
