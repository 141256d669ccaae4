import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

const trace = statement<{ job_id: number }>('select job_id from traces where job_id = ?');
const erased = statement(
  'update jobs set erased_at = ?, erased_by_id = ?, artifacts_expire_at = null, updated_at = ? where id = ?',
);

/** Whether the job has a log, live or archived. */
export async function hasTrace(reading: Reading, jobId: number): Promise<boolean> {
  return (await trace(reading, jobId)).length > 0;
}

export async function markErased(tx: Tx, jobId: number, userId: number, now: number): Promise<void> {
  await erased(tx, now, userId, now, jobId);
}
