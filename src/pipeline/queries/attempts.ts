import { statement } from '../../db/statement.ts';
import type { Tx } from '../../db/transaction.ts';
import type { JobRow } from '../job-lookup.ts';

const insert = statement<{ id: number }>(`
  insert into jobs (type, project_id, pipeline_id, stage_id, definition_id, name, stage_index, status, "when",
    allow_failure, scheduling_type, ref, tag, protected, interruptible, enqueue_immediately, user_id, retried, debug,
    environment, resource_group_id, created_at, updated_at)
  select type, project_id, pipeline_id, stage_id, definition_id, name, stage_index, 'created', "when",
    ?, scheduling_type, ref, tag, protected, interruptible, ?, ?, 0, 0,
    environment, resource_group_id, ?, ? from jobs where id = ?
  returning id`);
const copyNeeds = statement(`
  insert into job_needs (job_id, pipeline_id, name, artifacts, optional)
  select ?, pipeline_id, name, artifacts, optional from job_needs where job_id = ?`);
const copyVariables = statement(`
  insert into job_variables (job_id, source, key, encrypted_value, raw)
  select ?, source, key, encrypted_value, raw from job_variables where job_id = ? and source in ('manual', 'input') order by id`);
const markRetried = statement('update jobs set retried = 1, updated_at = ? where id = ?');

/**
 * Stores a new attempt of a job: the same in everything that the configuration says, with the variables and inputs given at play, and
 * nothing of what became of the old one, which is marked retried. Gives the new id.
 */
export async function insertAttempt(
  tx: Tx,
  old: JobRow,
  attempt: { allowFailure: boolean; enqueueImmediately: boolean; userId: number | null },
  now: number,
): Promise<number> {
  const { allowFailure, enqueueImmediately, userId } = attempt;
  const flags = [Number(allowFailure), Number(enqueueImmediately)];
  const [row] = await insert(tx, ...flags, userId, now, now, old.id);
  if (row === undefined) throw new Error(`job ${old.id} is gone`);
  await copyNeeds(tx, row.id, old.id);
  await copyVariables(tx, row.id, old.id);
  await markRetried(tx, now, old.id);
  return row.id;
}
