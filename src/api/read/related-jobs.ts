import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';
import type { JobRow } from '../../pipeline/job-lookup.ts';

/** A job beside another one. */
export interface RelatedJob {
  id: number;
  type: string;
  name: string;
  status: string;
  allow_failure: number;
  created_at: number;
}

/** Attempts and needs that are named at most. */
const MAX_NAMED = 100;
const COLUMNS = 'j.id, j.type, j.name, j.status, j.allow_failure, j.created_at';

const attempts = statement<RelatedJob>(
  `select ${COLUMNS} from jobs j where j.pipeline_id = ? and j.name = ? order by j.id desc limit ${MAX_NAMED}`,
);
const needs = statement<RelatedJob>(
  `select ${COLUMNS} from job_needs n join jobs j on j.pipeline_id = n.pipeline_id and j.name = n.name and j.retried = 0
   where n.job_id = ? order by j.id limit ${MAX_NAMED}`,
);
/** Jobs of a stage are in the order of their names, as people see them. */
const NEIGHBOUR = `select ${COLUMNS} from jobs j
  where j.pipeline_id = ? and j.stage_index = ? and j.retried = 0 and j.type = 'build' and j.id <> ?`;
const previous = statement<RelatedJob>(`${NEIGHBOUR} and j.name < ? order by j.name desc limit 1`);
const next = statement<RelatedJob>(`${NEIGHBOUR} and j.name > ? order by j.name limit 1`);

/** The attempts at a job, its own among them, the newest first. */
export function attemptsOf(
  reading: Reading,
  job: Pick<JobRow, 'pipelineId' | 'name'>,
): Promise<RelatedJob[]> {
  return attempts(reading, job.pipelineId, job.name);
}

/** The jobs that a job needs, in their latest attempts; null where it waits for whole stages. */
export async function needsOf(
  reading: Reading,
  job: Pick<JobRow, 'id' | 'schedulingType'>,
): Promise<RelatedJob[] | null> {
  return job.schedulingType === 'dag' ? needs(reading, job.id) : null;
}

/** The jobs before and behind this one in its stage. */
export async function neighboursOf(
  reading: Reading,
  { id, pipelineId, stageIndex, name }: Pick<JobRow, 'id' | 'pipelineId' | 'stageIndex' | 'name'>,
): Promise<{ previous: RelatedJob | null; next: RelatedJob | null }> {
  const [[before], [behind]] = await Promise.all([
    previous(reading, pipelineId, stageIndex, id, name),
    next(reading, pipelineId, stageIndex, id, name),
  ]);
  return { previous: before ?? null, next: behind ?? null };
}
