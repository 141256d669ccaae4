import { gathered } from '../../db/gathered.ts';
import { insertRows } from '../../db/insert-rows.ts';
import { listStatement, rowsStatement } from '../../db/list-statement.ts';
import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

interface RunningRow {
  project_id: number;
  runner_type: string;
}

const insertRunning = rowsStatement<RunningRow>(
  `insert into running_jobs (job_id, project_id, runner_id, runner_type)
   select column1, column2, column3, column4 from (rows) started where true on conflict (job_id) do nothing
   returning project_id, runner_type`,
  ['bigint', 'bigint', 'bigint', 'text'],
);
const deleteRunning = statement<RunningRow>(
  'delete from running_jobs where job_id = ? returning project_id, runner_type',
);

/** Notes that jobs run; those that did not run before. */
export async function addRunning(
  tx: Tx,
  jobs: readonly { jobId: number; projectId: number; runnerId: number; runnerType: string }[],
): Promise<{ projectId: number; runnerType: string }[]> {
  const rows = jobs.map((job) => [job.jobId, job.projectId, job.runnerId, job.runnerType]);
  return (await insertRunning(tx, [], rows)).map(runningOf);
}

/** Notes that a job no longer runs; null when it did not. */
export async function removeRunning(
  tx: Tx,
  jobId: number,
): Promise<{ projectId: number; runnerType: string } | null> {
  const row = (await deleteRunning(tx, jobId))[0];
  return row === undefined ? null : runningOf(row);
}

function runningOf({ project_id, runner_type }: RunningRow) {
  return { projectId: project_id, runnerType: runner_type };
}

const sums = listStatement<{ project_id: number; running: number }>(
  'select project_id, sum(running) as running from running_counts where project_id in (list) group by project_id',
);
const sumOf = gathered(async (reading, projectIds: readonly number[]) => {
  const rows = await sums(reading, [], projectIds);
  return new Map(rows.map(({ project_id, running }) => [project_id, Number(running)]));
});

/** Jobs of a project that run on instance runners now. */
export async function runningOnInstance(reading: Reading, projectId: number): Promise<number> {
  return (await sumOf(reading, projectId)) ?? 0;
}

/* Materialized and distinct, because a project that is looked for twice may find a second row that was set free meanwhile. */
const changeCounts = rowsStatement<{ project_id: number }>(
  (c) => `
  with free as materialized (
    select p.change, (
      select n.id from running_counts n where n.project_id = p.project_id order by n.id limit 1
      ${c.rowLocks ? 'for update skip locked' : ''}
    ) as id from (select distinct column1 as project_id, column2 as change from (rows) given) p
  )
  update running_counts set running = running_counts.running + free.change from free
  where running_counts.id = free.id returning running_counts.project_id`,
  ['bigint', 'bigint'],
);
const insertCounts = insertRows('running_counts', ['project_id', 'running']);

const deleteCounts = statement('delete from running_counts where project_id = ?');

/** Forgets how many jobs of a project run, of which none does any more. */
export async function deleteRunningCounts(tx: Tx, projectId: number): Promise<void> {
  await deleteCounts(tx, projectId);
}

/**
 * Changes how many jobs of projects run on instance runners; their offers do not know of it yet. Gives the projects for which
 * this took a second statement, as there was no row to change.
 */
export async function changeRunning(tx: Tx, changes: ReadonlyMap<number, number>): Promise<number[]> {
  const wanted = [...changes].filter(([, change]) => change !== 0);
  const changed = await changeCounts(tx, [], wanted);
  const known = new Set(changed.map(({ project_id }) => project_id));
  const added = wanted.filter(([projectId]) => !known.has(projectId));
  await insertCounts(tx, added);
  return added.map(([projectId]) => projectId);
}
