import { sql } from 'kysely';
import type { Reading, Tx } from '../db/transaction.ts';

/** Where a trace stands. `checksum` is what the runner said at the end. */
export interface TraceRow {
  jobId: number;
  size: number;
  archived: boolean;
  checksum: string | null;
  corrupt: boolean;
}

export async function traceOf(reading: Reading, jobId: number): Promise<TraceRow | null> {
  const row = await reading.sql
    .selectFrom('traces')
    .selectAll()
    .where('job_id', '=', jobId)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    jobId: row.job_id,
    size: row.size,
    archived: row.archived === 1,
    checksum: row.checksum,
    corrupt: row.corrupt === 1,
  };
}

/** Notes that a job's log has begun; an existing row stays as it is. */
export async function insertTrace(tx: Tx, jobId: number, now: number): Promise<void> {
  await tx.sql
    .insertInto('traces')
    .values({ job_id: jobId, size: 0, archived: 0, checksum: null, corrupt: 0, updated_at: now })
    .onConflict((conflict) => conflict.column('job_id').doNothing())
    .execute();
}

export async function updateTrace(
  tx: Tx,
  jobId: number,
  change: { size?: number; archived?: boolean; checksum?: string; corrupt?: boolean },
  now: number,
): Promise<void> {
  const { archived, corrupt, ...rest } = change;
  await tx.sql
    .updateTable('traces')
    .set({
      ...rest,
      ...(archived === undefined ? {} : { archived: Number(archived) }),
      ...(corrupt === undefined ? {} : { corrupt: Number(corrupt) }),
      updated_at: now,
    })
    .where('job_id', '=', jobId)
    .execute();
}

export async function deleteTrace(tx: Tx, jobIds: readonly number[]): Promise<void> {
  await tx.sql.deleteFrom('trace_chunks').where('job_id', 'in', jobIds).execute();
  await tx.sql.deleteFrom('traces').where('job_id', 'in', jobIds).execute();
}

const FINISHED = ['success', 'failed', 'canceled', 'skipped'];

/** Finished jobs whose log still waits for its archive, the oldest first, with their projects. */
export async function unarchivedTraces(
  reading: Reading,
  limit: number,
): Promise<{ jobId: number; projectId: number }[]> {
  const rows = await reading.sql
    .selectFrom('traces')
    .innerJoin('jobs', 'jobs.id', 'traces.job_id')
    .select(['traces.job_id', 'jobs.project_id'])
    .where('traces.archived', '=', sql.lit(0)) // written out: the index is of these
    .where('jobs.status', 'in', FINISHED)
    .orderBy('traces.job_id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ jobId: row.job_id, projectId: row.project_id }));
}

/** Which of these jobs have a log that is not archived yet. */
export async function liveAmong(reading: Reading, jobIds: readonly number[]): Promise<Set<number>> {
  if (jobIds.length === 0) return new Set();
  const rows = await reading.sql
    .selectFrom('traces')
    .select('job_id')
    .where('job_id', 'in', jobIds)
    .where('archived', '=', 0)
    .execute();
  return new Set(rows.map((row) => row.job_id));
}

/** The size of a live trace, its row locked until the transaction ends; null when it is absent or archived. */
export async function lockLiveSize(tx: Tx, jobId: number): Promise<number | null> {
  let query = tx.sql
    .selectFrom('traces')
    .select('size')
    .where('job_id', '=', jobId)
    .where('archived', '=', 0);
  if (tx.capabilities.rowLocks) query = query.forUpdate();
  return (await query.executeTakeFirst())?.size ?? null;
}

export async function insertChunk(
  tx: Tx,
  { jobId, start, bytes, at }: { jobId: number; start: number; bytes: Uint8Array; at: number },
): Promise<void> {
  await tx.sql.insertInto('trace_chunks').values({ job_id: jobId, start, bytes, arrived_at: at }).execute();
}

/** When the chunks of a log came, in order; those from before this was noted are left out. */
export async function chunkTimes(reading: Reading, jobId: number): Promise<{ start: number; at: number }[]> {
  const rows = await reading.sql
    .selectFrom('trace_chunks')
    .select(['start', 'arrived_at'])
    .where('job_id', '=', jobId)
    .where('arrived_at', '>', 0)
    .orderBy('start')
    .execute();
  return rows.map((row) => ({ start: row.start, at: row.arrived_at }));
}

export async function deleteChunks(tx: Tx, jobId: number): Promise<void> {
  await tx.sql.deleteFrom('trace_chunks').where('job_id', '=', jobId).execute();
}

/** The chunk that holds the byte at `position`; null past the end. */
export async function chunkAt(
  reading: Reading,
  jobId: number,
  position: number,
): Promise<{ start: number; bytes: Uint8Array } | null> {
  const row = await reading.sql
    .selectFrom('trace_chunks')
    .select(['start', 'bytes'])
    .where('job_id', '=', jobId)
    .where('start', '<=', position)
    .orderBy('start', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export async function jobsWithChunks(reading: Reading): Promise<number[]> {
  const rows = await reading.sql.selectFrom('trace_chunks').select('job_id').distinct().execute();
  return rows.map((row) => row.job_id);
}
