import { listStatement } from '../../../db/list-statement.ts';
import { statement } from '../../../db/statement.ts';
import type { Reading, Tx } from '../../../db/transaction.ts';

const add = statement('insert into pipeline_drafts (id, project_id, created_at) values (?, ?, ?)');
const find = statement<{ id: number }>(
  (c) => `select id from pipeline_drafts where id = ? ${c.rowLocks ? 'for update' : ''}`,
);
const remove = statement('delete from pipeline_drafts where id = ?');
const old = statement<{ id: number }>(
  'select id from pipeline_drafts where created_at <= ? order by id limit ?',
);

/** Notes that jobs of this pipeline are being stored. `now` in milliseconds. */
export async function addDraft(tx: Tx, id: number, projectId: number, now: number): Promise<void> {
  await add(tx, id, projectId, now);
}

/** Whether the draft is still there; it is kept so until the transaction ends. */
export async function holdDraft(tx: Tx, id: number): Promise<boolean> {
  return (await find(tx, id)).length > 0;
}

export async function removeDraft(tx: Tx, id: number): Promise<void> {
  await remove(tx, id);
}

/** Drafts begun before then (milliseconds). */
export async function selectDrafts(reading: Reading, before: number, limit: number): Promise<number[]> {
  return (await old(reading, before, limit)).map(({ id }) => id);
}

const somePipelineJobs = statement<{ id: number }>('select id from jobs where pipeline_id = ? limit ?');
const deleteJobs = listStatement('delete from jobs where id in (list)');
const deleteNeeds = listStatement('delete from job_needs where job_id in (list)');
const deleteStages = statement('delete from stages where pipeline_id = ?');

/** Deletes so many jobs of a draft; whether there were any. */
export async function deleteSomeJobs(tx: Tx, pipelineId: number, limit: number): Promise<boolean> {
  const ids = (await somePipelineJobs(tx, pipelineId, limit)).map(({ id }) => id);
  await deleteNeeds(tx, [], ids);
  await deleteJobs(tx, [], ids);
  return ids.length > 0;
}

export async function deleteStagesOf(tx: Tx, pipelineId: number): Promise<void> {
  await deleteStages(tx, pipelineId);
}

const isDraftRow = statement<{ id: number }>('select id from pipeline_drafts where id = ?');

/** Whether this pipeline's jobs are still being stored. */
export async function selectIsDraft(reading: Reading, pipelineId: number): Promise<boolean> {
  return (await isDraftRow(reading, pipelineId)).length > 0;
}
