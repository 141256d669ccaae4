import { Breath } from '../../db/breath.ts';
import { rowsStatement } from '../../db/list-statement.ts';
import { statement } from '../../db/statement.ts';
import type { Tx } from '../../db/transaction.ts';
import type { Started } from '../start-jobs.ts';
import type { Status } from '../status.ts';
import { marks, paddedLists } from './in-list.ts';

/** Columns that an event writes beside the status; what is absent stays. Times are milliseconds. */
export interface JobPatch {
  allowFailure?: boolean;
  enqueueImmediately?: boolean;
  userId?: number | null;
  runnerId?: number | null;
  runnerManagerId?: number | null;
  tokenDigest?: string | null;
  timeoutSeconds?: number | null;
  failureReason?: string | null;
  exitCode?: number | null;
  coverage?: number | null;
  autoCanceledById?: number | null;
  scheduledAt?: number | null;
  queuedAt?: number | null;
  startedAt?: number | null;
  finishedAt?: number | null;
  deadlineAt?: number | null;
}

const COLUMNS: Record<keyof JobPatch, string> = {
  allowFailure: 'allow_failure',
  enqueueImmediately: 'enqueue_immediately',
  userId: 'user_id',
  runnerId: 'runner_id',
  runnerManagerId: 'runner_manager_id',
  tokenDigest: 'token_digest',
  timeoutSeconds: 'timeout_seconds',
  failureReason: 'failure_reason',
  exitCode: 'exit_code',
  coverage: 'coverage',
  autoCanceledById: 'auto_canceled_by_id',
  scheduledAt: 'scheduled_at',
  queuedAt: 'queued_at',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
  deadlineAt: 'deadline_at',
};

/** A job's row was not in the status from which it was moved: somebody wrote it past its pipeline's lock. */
export class StaleJobError extends Error {
  constructor(ids: readonly number[], from: Status) {
    super(`not every one of the jobs ${ids.join(', ')} is ${from}`);
  }
}

const statements = new Map<string, ReturnType<typeof statement<{ id: number }>>>();

/** Moves jobs from one status to another, all with the same patch. Throws StaleJobError when one of them is elsewhere. */
export async function moveJobs(
  tx: Tx,
  ids: readonly number[],
  move: { from: Status; to: Status; now: number },
  patch: JobPatch,
): Promise<void> {
  const keys = (Object.keys(patch) as (keyof JobPatch)[]).sort();
  const values = keys.map((key) => (typeof patch[key] === 'boolean' ? Number(patch[key]) : patch[key]));
  const breath = new Breath();
  for (const { ids: part, padded } of paddedLists(ids)) {
    const run = moveStatement(keys, padded.length);
    const moved = await run(tx, move.to, move.now, ...values, ...padded, move.from);
    if (moved.length !== part.length) throw new StaleJobError(part, move.from);
    await breath.take();
  }
}

function moveStatement(keys: readonly (keyof JobPatch)[], size: number) {
  const sets = keys.map((key) => `, ${COLUMNS[key]} = ?`).join('');
  const key = `${size}${sets}`;
  let run = statements.get(key);
  if (run === undefined) {
    run = statement<{ id: number }>(
      `update jobs set status = ?, updated_at = ?${sets} where id in (${marks(size)}) and status = ? returning id`,
    );
    statements.set(key, run);
  }
  return run;
}

const runStatement = rowsStatement<{ id: number }>(
  `update jobs set status = 'running', started_at = ?, updated_at = ?, runner_id = taken.column2,
     runner_manager_id = taken.column3, token_digest = taken.column4, timeout_seconds = taken.column5,
     deadline_at = taken.column6
   from (rows) taken where jobs.id = taken.column1 and jobs.status = 'pending' returning jobs.id`,
  ['bigint', 'bigint', 'bigint', 'text', 'bigint', 'bigint'],
);

/** Makes pending jobs running, each as it is given here. Throws StaleJobError when one of them is not pending. */
export async function runJobs(tx: Tx, jobs: readonly Started[], now: number): Promise<void> {
  const rows = jobs.map(({ id, runnerId, runnerManagerId, tokenDigest, timeoutSeconds, deadlineAt }) => [
    id,
    runnerId,
    runnerManagerId,
    tokenDigest,
    timeoutSeconds,
    deadlineAt,
  ]);
  const moved = await runStatement(tx, [now, now], rows);
  const ids = jobs.map(({ id }) => id);
  if (new Set(moved.map(({ id }) => id)).size !== ids.length) throw new StaleJobError(ids, 'pending');
}

const touchStatement = statement('update jobs set updated_at = ? where id = ? and updated_at < ?');

/** Notes that the runner is alive, at most once in `everyMs`. */
export async function touchJob(tx: Tx, id: number, now: number, everyMs: number): Promise<void> {
  await touchStatement(tx, now, id, now - everyMs);
}
