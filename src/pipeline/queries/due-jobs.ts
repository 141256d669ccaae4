import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';

interface IdRow {
  id: number;
}

const overdue = statement<IdRow>(
  `select id from jobs where deadline_at is not null and status in ('running', 'canceling') and deadline_at <= ?
   order by deadline_at limit ?`,
);
const silent = statement<IdRow>(
  `select id from jobs where status in ('running', 'canceling') and updated_at <= ? and type = 'build'
   order by updated_at limit ?`,
);
const scheduled = statement<IdRow>(
  "select id from jobs where status = 'scheduled' and scheduled_at <= ? order by scheduled_at limit ?",
);
const waiting = statement<{
  id: number;
  project_id: number;
  definition_id: number;
  protected: number;
  queued_at: number;
}>(
  `select id, project_id, definition_id, protected, queued_at from jobs
   where status = 'pending' and queued_at <= ? and (queued_at > ? or (queued_at = ? and id > ?)) and type = 'build'
   order by queued_at, id limit ?`,
);

const heldBy = statement<IdRow>(
  "select id from jobs where status in ('running', 'canceling') and runner_manager_id = ? order by id",
);

const ids = (rows: IdRow[]) => rows.map(({ id }) => id);

/** Jobs that a runner holds past their deadline, the latest first to be due. */
export async function selectOverdue(reading: Reading, now: number, limit: number): Promise<number[]> {
  return ids(await overdue(reading, now, limit));
}

/** Jobs that a runner holds and has said nothing about since `before`. */
export async function selectSilent(reading: Reading, before: number, limit: number): Promise<number[]> {
  return ids(await silent(reading, before, limit));
}

/** Jobs that a runner manager holds; the index of executing jobs is small. */
export async function selectHeldBy(reading: Reading, managerId: number): Promise<number[]> {
  return ids(await heldBy(reading, managerId));
}

/** Delayed jobs whose time has come. */
export async function selectDue(reading: Reading, now: number, limit: number): Promise<number[]> {
  return ids(await scheduled(reading, now, limit));
}

/** A job that waits long for a runner, with what runners match. */
export interface LongPending {
  id: number;
  projectId: number;
  definitionId: number;
  protected: boolean;
  queuedAt: number;
}

/** Builds pending since before `before`, a page of them after the last one of the page before. */
export async function selectLongPending(
  reading: Reading,
  before: number,
  after: { queuedAt: number; id: number },
  limit: number,
): Promise<LongPending[]> {
  const rows = await waiting(reading, before, after.queuedAt, after.queuedAt, after.id, limit);
  return rows.map((row) => ({
    id: row.id,
    projectId: row.project_id,
    definitionId: row.definition_id,
    protected: row.protected === 1,
    queuedAt: row.queued_at,
  }));
}
