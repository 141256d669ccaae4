import { listStatement, rowsStatement } from '../../db/list-statement.ts';
import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';
import { INSTANCE } from '../match.ts';

const insertRunning = rowsStatement(
  `insert into running_jobs (job_id, project_id, runner_id, runner_type)
   select column1, column2, column3, column4 from (rows) started where true on conflict (job_id) do nothing`,
  ['bigint', 'bigint', 'bigint', 'text'],
);
const deleteRunning = statement<{ project_id: number; runner_type: string }>(
  'delete from running_jobs where job_id = ? returning project_id, runner_type',
);

/** Notes that jobs run. */
export async function addRunning(
  tx: Tx,
  jobs: readonly { jobId: number; projectId: number; runnerId: number; runnerType: string }[],
): Promise<void> {
  const rows = jobs.map((job) => [job.jobId, job.projectId, job.runnerId, job.runnerType]);
  await insertRunning(tx, [], rows);
}

/** Notes that a job no longer runs; null when it did not. */
export async function removeRunning(
  tx: Tx,
  jobId: number,
): Promise<{ projectId: number; runnerType: string } | null> {
  const row = (await deleteRunning(tx, jobId))[0];
  return row === undefined ? null : { projectId: row.project_id, runnerType: row.runner_type };
}

const countOnInstance = statement<{ count: number }>(`
  select count(*) as count from (
    select 1 from running_jobs where project_id = ? and runner_type = 'instance_type' limit ?
  ) running`);

/** Jobs of a project that run on instance runners now, counted up to `limit`. */
export async function runningOnInstance(
  reading: Reading,
  projectId: number,
  limit = Number.MAX_SAFE_INTEGER,
): Promise<number> {
  return (await countOnInstance(reading, projectId, limit))[0]?.count ?? 0;
}

const countByProject = listStatement<{ project_id: number; count: number }>(`
  select project_id, count(*) as count from running_jobs
  where project_id in (list) and runner_type = 'instance_type' group by project_id`);

/* `cross join` makes SQLite begin with the few lanes of the project; it would begin with all offers of the scope. */
const writeCounts = rowsStatement(
  (c) => `
  update queue_offers set running = changed.count from (
    select o.lane_id, n.column2 as count from (rows) n cross join queue_lanes l cross join queue_offers o
    where l.project_id = n.column1 and o.lane_id = l.id and o.scope = '${INSTANCE}' and o.running <> n.column2
    ${c.rowLocks ? 'for update of o skip locked' : ''}
  ) changed where queue_offers.lane_id = changed.lane_id and queue_offers.scope = '${INSTANCE}'`,
  ['bigint', 'bigint'],
);

/** Counts the jobs of projects on instance runners and writes the numbers into the instance offers of their lanes. */
export async function countRunning(tx: Tx, projectIds: readonly number[]): Promise<void> {
  const rows = await countByProject(tx, [], projectIds);
  const counts = new Map(rows.map(({ project_id, count }) => [project_id, count]));
  const numbers = projectIds.map((id) => [id, counts.get(id) ?? 0]);
  await writeCounts(tx, [], numbers);
}
