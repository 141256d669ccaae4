import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';
import type { Status } from '../../pipeline/status.ts';

/** What appending to a job's log needs of the job, and no more: it is read for every chunk of every log. */
export interface TracedJob {
  id: number;
  status: Status;
  debug: boolean;
  runnerId: number | null;
  managerId: number | null;
  updatedAt: number;
}

interface Row {
  status: string;
  debug: number;
  runner_id: number | null;
  runner_manager_id: number | null;
  updated_at: number;
}

const executing = statement<Row>(
  `select j.status, j.debug, j.runner_id, j.runner_manager_id, j.updated_at
   from jobs j join projects p on p.id = j.project_id
   where j.id = ? and j.token_digest = ? and j.status in ('running', 'canceling') and j.erased_at is null
     and (p.marked_for_deletion_at is null or p.marked_for_deletion_at <> 0)`,
);

/** The job with this id and token while a runner executes it, else null; why not is asked elsewhere. */
export async function tracedJob(
  reading: Reading,
  id: number,
  tokenDigest: string,
): Promise<TracedJob | null> {
  const [row] = await executing(reading, id, tokenDigest);
  if (row === undefined) return null;
  return {
    id,
    status: row.status as Status,
    debug: row.debug === 1,
    runnerId: row.runner_id,
    managerId: row.runner_manager_id,
    updatedAt: row.updated_at,
  };
}
