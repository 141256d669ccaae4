import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

/** Who was given a job, and what it holds from then on. */
export interface HandOut {
  runnerId: number;
  runnerManagerId: number | null;
  /** SHA-256 of the job token. */
  tokenDigest: string;
  timeoutSeconds: number;
}

/* Each looks at the status itself: none of them holds the pipeline's lock. */
const give = statement<{ id: number }>(
  `update jobs set runner_id = ?, runner_manager_id = ?, token_digest = ?, timeout_seconds = ?, deadline_at = ?
   where id = ? and status = 'pending' and token_digest is null returning id`,
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

/** Writes who has a pending job until `until`; false when it is not pending, or somebody has it. */
export async function writeHandOut(tx: Tx, id: number, to: HandOut, until: number): Promise<boolean> {
  const { runnerId, runnerManagerId, tokenDigest, timeoutSeconds } = to;
  return (await give(tx, runnerId, runnerManagerId, tokenDigest, timeoutSeconds, until, id)).length > 0;
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
