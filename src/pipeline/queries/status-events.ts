import type { Selectable } from 'kysely';
import { insertRows } from '../../db/insert-rows.ts';
import { statement } from '../../db/statement.ts';
import type { StatusEventsTable } from '../../db/tables/pipeline.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type StatusEventRow = Selectable<StatusEventsTable>;

/** Stores events, each as project, pipeline, status, jobs (JSON) and time. */
export const insertStatusEvents = insertRows('status_events', [
  'project_id',
  'pipeline_id',
  'status',
  'jobs',
  'created_at',
]);

const after = statement<StatusEventRow & { settled: number }>(
  ({ settled }) =>
    `select *, case when ${settled('xact')} then 1 else 0 end as settled from status_events
     where (xact, id) > (?, ?) order by xact, id limit ?`,
);

/** Rows after a place, in the order of their transactions; `settled` until one that others may yet come to stand before. */
export async function statusEventsAfter(
  reading: Reading,
  { xact, id }: { xact: number; id: number },
  limit: number,
): Promise<(StatusEventRow & { settled: number })[]> {
  return await after(reading, xact, id, limit);
}

const before = statement<{ id: number; xact: number }>(
  ({ settled }) =>
    `select id, xact from status_events where created_at < ? and ${settled('xact')}
     order by xact desc, id desc limit 1`,
);

/** The last row before a time (ms). */
export async function lastStatusEventBefore(
  reading: Reading,
  time: number,
): Promise<{ id: number; xact: number } | undefined> {
  return (await before(reading, time))[0];
}

const at = statement<{ id: number }>('select id from status_events where id = ? and xact = ?');

export async function statusEventExists(
  reading: Reading,
  { xact, id }: { xact: number; id: number },
): Promise<boolean> {
  return (await at(reading, id, xact)).length > 0;
}

const oldest = statement<{ id: number; created_at: number }>(
  'select id, created_at from status_events order by id limit ?',
);
const upTo = statement('delete from status_events where id <= ?');

/** Deletes the oldest rows, at most `limit`, that are of before `time` (ms); the newest one stays. Gives how many. */
export async function deleteStatusEvents(tx: Tx, time: number, limit: number): Promise<number> {
  const rows = await oldest(tx, limit + 1);
  const old = rows.slice(0, -1).filter(({ created_at }) => created_at < time);
  const last = old.at(-1);
  if (last !== undefined) await upTo(tx, last.id);
  return old.length;
}
