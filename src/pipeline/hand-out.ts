/**
 * A pending job in the hands of a runner that has not accepted it yet (runner-api 2, two-phase commit): it is out of the
 * queue and goes back there when the runner stays silent.
 */
import type { Database } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import { enqueue } from '../queue/enqueue.ts';
import { lockJob } from './job.ts';
import { definitionById } from './job-definition.ts';
import type { JobRow } from './job-lookup.ts';
import { extendHandOut, selectUnaccepted, writeHandOuts, writeTakenBack } from './queries/hand-outs.ts';
import { queuePlace } from './queries/queue-place.ts';
import type { JobStart, Taken } from './start-jobs.ts';
import { type Sweep, sweep } from './sweep.ts';

/** How long a runner may take from one sign to the next until it accepts a job, milliseconds. */
export const ACCEPT_WITHIN_MS = 2 * 60_000;

const BATCH = 100;

/** Whether a runner was given the job and has not accepted it yet. */
export function isHandedOut(job: Pick<JobRow, 'status' | 'tokenDigest'>): boolean {
  return job.status === 'pending' && job.tokenDigest !== null;
}

/**
 * Gives claimed jobs to runners that accept them later: call in the transaction of `queue/claim.ts`. What has changed of them,
 * by id, without those that are no longer pending or that another runner has.
 */
export async function handOut(tx: Tx, starts: readonly JobStart[], now: number): Promise<Map<number, Taken>> {
  const deadlineAt = now + ACCEPT_WITHIN_MS;
  const given = new Set(await writeHandOuts(tx, starts, deadlineAt));
  return new Map(
    starts
      .filter(({ jobId }) => given.has(jobId))
      .map(({ jobId, runnerId, runnerManagerId, tokenDigest, timeoutSeconds }) => [
        jobId,
        { runnerId, runnerManagerId, tokenDigest, timeoutSeconds, deadlineAt },
      ]),
  );
}

/** The runner is still getting ready. False when the job is no longer its own to accept. */
export function keepHandOut(tx: Tx, jobId: number, tokenDigest: string, now: number): Promise<boolean> {
  return extendHandOut(tx, jobId, tokenDigest, now + ACCEPT_WITHIN_MS);
}

/** Puts jobs back into the queue that nobody accepted in time; their tokens are dead from then on. */
export async function takeBackUnaccepted(db: Database, now: number): Promise<Sweep> {
  return sweep(await selectUnaccepted(db.read, now, BATCH), (id) =>
    db.transaction((tx) => takeBack(tx, id, now)),
  );
}

async function takeBack(tx: Tx, jobId: number, now: number): Promise<void> {
  // Under the pipeline's lock, as its runner may accept it or a user end it at this moment.
  const job = (await lockJob(tx, jobId))?.job;
  if (job === undefined || !(await writeTakenBack(tx, jobId, now))) return;
  const place = await queuePlace(tx, job.projectId);
  if (place === null) return;
  const definition = await definitionById(tx, job.definitionId);
  const tags = definition.type === 'build' ? definition.tagList : [];
  await enqueue(tx, [{ ...place, jobId, protected: job.protected, tags, queuedAt: job.queuedAt ?? now }]);
}
