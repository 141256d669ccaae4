import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';
import { digestOf, sameDigest } from '../../project/token.ts';
import { jobNamedBy } from '../../runner/job-token.ts';

/** The job that holds a token, with the user it acts as. */
export interface TokenJob {
  jobId: number;
  pipelineId: number;
  projectId: number;
  userId: number;
}

interface HolderRow {
  id: number;
  pipeline_id: number;
  project_id: number;
  user_id: number;
  token_digest: string;
}

const holder = statement<HolderRow>(
  `select j.id, j.pipeline_id, j.project_id, j.user_id, j.token_digest from jobs j join projects p on p.id = j.project_id
   where j.id = ? and j.token_digest is not null and j.status in ('pending', 'running', 'canceling')
     and j.erased_at is null and j.user_id is not null and (p.marked_for_deletion_at is null or p.marked_for_deletion_at <> 0)`,
);

/** The job behind a token from its hand-out to its end, else null (runner-api 2, jobs-api 1.4, security JT-1). */
export async function jobOfToken(reading: Reading, token: string): Promise<TokenJob | null> {
  const id = jobNamedBy(token);
  const row = id === null ? undefined : (await holder(reading, id))[0];
  if (row === undefined || !sameDigest(row.token_digest, digestOf(token))) return null;
  return { jobId: row.id, pipelineId: row.pipeline_id, projectId: row.project_id, userId: row.user_id };
}
