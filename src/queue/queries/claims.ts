import { listStatement } from '../../db/list-statement.ts';
import type { Tx } from '../../db/transaction.ts';

/** On PostgreSQL a row that somebody else holds is left to them; on SQLite there is nobody else inside a transaction. */
const skipLocked = (c: Tx['capabilities']) => (c.rowLocks ? 'for update skip locked' : '');

const take = listStatement<{ job_id: number }>(
  (c) => `
  delete from queue_entries where job_id in (
    select job_id from queue_entries where job_id in (list) ${skipLocked(c)}
  ) returning job_id`,
);

/** Takes those of these entries that are there and that nobody else holds; their jobs. */
export async function takeEntries(tx: Tx, jobIds: readonly number[]): Promise<number[]> {
  return (await take(tx, [], jobIds)).map(({ job_id }) => job_id);
}

const emptyLanes = listStatement<{ id: number }>(`
  select id from queue_lanes where id in (list)
  and not exists (select 1 from queue_entries e where e.lane_id = queue_lanes.id)`);
const holdLanes = listStatement<{ id: number }>(
  (c) => `select id from queue_lanes where id in (list) ${skipLocked(c)}`,
);
const deleteLanes = listStatement(`
  delete from queue_lanes where id in (list)
  and not exists (select 1 from queue_entries e where e.lane_id = queue_lanes.id)`);

/**
 * Deletes those of these lanes where nothing waits, with their offers. Their rows are held before the second look, and whoever
 * adds an entry holds them too, so a lane never goes away below a new entry.
 */
export async function removeEmptyLanes(tx: Tx, laneIds: readonly number[]): Promise<void> {
  const empty = (await emptyLanes(tx, [], laneIds)).map(({ id }) => id);
  if (empty.length === 0) return;
  const held = tx.capabilities.rowLocks ? (await holdLanes(tx, [], empty)).map(({ id }) => id) : empty;
  await deleteLanes(tx, [], held);
}
