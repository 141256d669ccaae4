import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';

/** The job that holds a token, with the user it acts as. */
export interface TokenJob {
  jobId: number;
  pipelineId: number;
  projectId: number;
  userId: number;
}

const holder = statement<{ id: number; pipeline_id: number; project_id: number; user_id: number }>(
  `select j.id, j.pipeline_id, j.project_id, j.user_id from jobs j join projects p on p.id = j.project_id
   where j.token_digest = ? and j.status in ('running', 'canceling') and j.erased_at is null
     and j.user_id is not null and p.marked_for_deletion_at is null`,
);

/** The job behind a token's digest while it runs or winds down, else null (jobs-api 1.4, security JT-1). */
export async function jobOfToken(reading: Reading, digest: string): Promise<TokenJob | null> {
  const row = (await holder(reading, digest))[0];
  if (row === undefined) return null;
  return { jobId: row.id, pipelineId: row.pipeline_id, projectId: row.project_id, userId: row.user_id };
}
