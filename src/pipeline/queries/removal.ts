import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

const pipelines = statement<{ id: number }>(
  'select id from pipelines where project_id between ? and ? order by project_id, id limit ?',
);
const unfinished = statement<{ id: number }>(`
  select id from jobs where pipeline_id = ? and status in ('waiting_for_resource', 'preparing', 'pending', 'running')
  order by id`);

/** The oldest pipelines of a project. */
export async function selectOldest(reading: Reading, projectId: number, limit: number): Promise<number[]> {
  return (await pipelines(reading, projectId, projectId, limit)).map(({ id }) => id);
}

/** Attempts of a pipeline that wait for a runner or have one, oldest first. */
export async function selectUnfinished(reading: Reading, pipelineId: number): Promise<number[]> {
  return (await unfinished(reading, pipelineId)).map(({ id }) => id);
}

const commits = statement<{ id: number }>(
  'delete from commits where id in (select id from commits where project_id = ? limit ?) returning id',
);

/** Deletes up to `limit` commits of a project; gives how many. */
export async function deleteCommits(tx: Tx, projectId: number, limit: number): Promise<number> {
  return (await commits(tx, projectId, limit)).length;
}

const schedules = 'select id from pipeline_schedules where project_id = ?';
const ROWS = [
  `delete from pipeline_schedule_variables where schedule_id in (${schedules})`,
  `delete from pipeline_schedule_runs where schedule_id in (${schedules})`,
  'delete from freeze_periods where project_id = ?',
  'delete from pipeline_schedules where project_id = ?',
  'delete from web_hook_events where hook_id in (select id from web_hooks where project_id = ?)',
  'delete from web_hooks where project_id = ?',
  'delete from deployments where project_id = ?',
  'delete from deployment_counters where project_id = ?',
  'delete from environments where project_id = ?',
  'delete from resource_groups where project_id = ?',
  'delete from pipeline_counters where project_id = ?',
].map((text) => statement(text));

/** Deletes everything of this room that belongs to a project and to none of its pipelines. */
export async function deleteRowsOfProject(tx: Tx, projectId: number): Promise<void> {
  for (const remove of ROWS) await remove(tx, projectId);
}
