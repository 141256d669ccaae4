import { rowsStatement } from '../../db/list-statement.ts';
import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';
import type { JobStart } from '../start-jobs.ts';

/* Each looks at the status itself: none of them holds the pipeline's lock. */
const give = rowsStatement<{ id: number }>(
  `update jobs set deadline_at = ?, runner_id = given.column2, runner_manager_id = given.column3,
     token_digest = given.column4, timeout_seconds = given.column5
   from (rows) given where jobs.id = given.column1 and jobs.status = 'pending' and jobs.token_digest is null
   returning jobs.id`,
  ['bigint', 'bigint', 'bigint', 'text', 'bigint'],
);
const extend = statement<{ id: number }>(
  "update jobs set deadline_at = ? where id = ? and status = 'pending' and token_digest = ? returning id",
);
const take = statement<{ id: number }>(
  `update jobs set runner_id = null, runner_manager_id = null, token_digest = null, timeout_seconds = null, deadline_at = null
   where id = ? and status = 'pending' and deadline_at <= ? returning id`,
);
const unaccepted = statement<{ id: number }>(
  `select id from jobs where deadline_at is not null and status = 'pending' and deadline_at <= ?
   order by deadline_at limit ?`,
);

/** Writes who has pending jobs until `until`; the ids of those that were pending and that nobody had. */
export async function writeHandOuts(tx: Tx, starts: readonly JobStart[], until: number): Promise<number[]> {
  const rows = starts.map((start) => [
    start.jobId,
    start.runnerId,
    start.runnerManagerId,
    start.tokenDigest,
    start.timeoutSeconds,
  ]);
  const given = await give(tx, [until], rows);
  return [...new Set(given.map(({ id }) => id))];
}

/** False when the job is not in the hands of the token's holder, or was accepted. */
export async function extendHandOut(
  tx: Tx,
  id: number,
  tokenDigest: string,
  until: number,
): Promise<boolean> {
  return (await extend(tx, until, id, tokenDigest)).length > 0;
}

/** Takes the job from who did not accept it in time; false when it was accepted, or ended. */
export async function writeTakenBack(tx: Tx, id: number, now: number): Promise<boolean> {
  return (await take(tx, id, now)).length > 0;
}

/** Jobs that should have been accepted by now, the oldest first. */
export async function selectUnaccepted(reading: Reading, now: number, limit: number): Promise<number[]> {
  return (await unaccepted(reading, now, limit)).map(({ id }) => id);
}
