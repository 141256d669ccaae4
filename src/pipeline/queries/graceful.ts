import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';

interface Row {
  id: number;
  features: string;
}

const inPipeline = statement<Row>(`
  select jobs.id, runner_managers.features from jobs join runner_managers on runner_managers.id = jobs.runner_manager_id
  where jobs.pipeline_id = ? and jobs.retried = 0 and jobs.status = 'running'`);
const ofJob = statement<Row>(`
  select jobs.id, runner_managers.features from jobs join runner_managers on runner_managers.id = jobs.runner_manager_id
  where jobs.id = ? and jobs.status = 'running'`);

/** Running jobs of a pipeline whose runner can end them gently: after_script included (jobs-api 4.8). */
export async function gracefulJobs(reading: Reading, pipelineId: number): Promise<Set<number>> {
  return graceful(await inPipeline(reading, pipelineId));
}

/** Whether the runner of a running job can end it gently. */
export async function isGraceful(reading: Reading, jobId: number): Promise<boolean> {
  return graceful(await ofJob(reading, jobId)).has(jobId);
}

function graceful(rows: Row[]): Set<number> {
  return new Set(
    rows
      .filter(({ features }) => (JSON.parse(features) as Record<string, unknown>).cancel_gracefully === true)
      .map(({ id }) => id),
  );
}
