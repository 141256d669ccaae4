import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';
import type { RunnerRow } from './rows.ts';

/** A job that another one waits for. */
export interface Blocker {
  id: number;
  name: string;
  status: string;
}

/** Of the job `j`: others wait for it. Nobody waits for one that is over, or that a user may leave alone. */
const HOLDS_UP = `j.status not in ('success', 'failed', 'canceled', 'skipped')
    and not (j.status = 'manual' and j.allow_failure = 1)`;

const needed = statement<Blocker>(`
  select j.id, j.name, j.status from job_needs n
  join jobs j on j.pipeline_id = n.pipeline_id and j.name = n.name and j.retried = 0
  where n.job_id = ? and ${HOLDS_UP} order by j.id limit ?`);
const before = statement<Blocker>(`
  select j.id, j.name, j.status from jobs j
  where j.pipeline_id = ? and j.retried between 0 and 0 and j.stage_index < ? and ${HOLDS_UP}
  order by j.retried, j.id limit ?`);

/** Jobs that a created job waits for: those that it needs, or those of earlier stages. */
export function blockersOf(
  reading: Reading,
  job: { id: number; pipelineId: number; stageIndex: number; schedulingType: string },
  limit: number,
): Promise<Blocker[]> {
  if (job.schedulingType === 'dag') return needed(reading, job.id, limit);
  return before(reading, job.pipelineId, job.stageIndex, limit);
}

const resource = statement<{ key: string; job_id: number | null }>(
  'select key, job_id from resource_groups where id = ?',
);

/** The resource group that a job waits for, and who holds its slot. */
export async function resourceOf(reading: Reading, id: number) {
  const [row] = await resource(reading, id);
  return row === undefined ? null : { key: row.key, jobId: row.job_id };
}

/** Runners that could be meant for a project's jobs: its own, those of the groups above it, the instance's; newest first. */
export function runnersMeant(
  reading: Reading,
  place: { projectId: number; groupIds: readonly number[] },
  limit: number,
): Promise<RunnerRow[]> {
  return reading.sql
    .selectFrom('runners')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('runner_type', '=', 'instance_type'),
        eb('namespace_id', 'in', place.groupIds.length === 0 ? [0] : place.groupIds),
        eb('id', 'in', (sub) =>
          sub.selectFrom('runner_projects').select('runner_id').where('project_id', '=', place.projectId),
        ),
      ]),
    )
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}
