import { listStatement } from '../../db/list-statement.ts';
import type { Tx } from '../../db/transaction.ts';

/** On PostgreSQL a row that somebody else holds is left to them; on SQLite there is nobody else inside a transaction. */
const skipLocked = (c: Tx['capabilities']) => (c.rowLocks ? 'for update skip locked' : '');

/** A waiting job. */
export interface Entry {
  laneId: number;
  jobId: number;
}

interface EntryRow {
  lane_id: number;
  job_id: number;
}

/* The limit stands in the text: PostgreSQL would plan anew for each number. */
const firstEntries = (limit: number) =>
  listStatement<EntryRow>((c) =>
    c.lateral
      ? `select l.id as lane_id, e.job_id from (select id from queue_lanes where id in (list)) l cross join lateral (
           select job_id from queue_entries where lane_id = l.id order by job_id limit ${limit}
         ) e`
      : `select l.id as lane_id, e.job_id from queue_lanes l cross join queue_entries e
         where l.id in (list) and e.job_id in (
           select job_id from queue_entries f where f.lane_id = l.id order by f.job_id limit ${limit}
         )`,
  );
const firstEntriesStatements = new Map<number, ReturnType<typeof firstEntries>>();

/** The first entries of each lane, `count` of each, a power of two, by job id; those that others hold are among them. */
export async function selectFirstEntries(
  tx: Tx,
  laneIds: readonly number[],
  count: number,
): Promise<Entry[]> {
  let run = firstEntriesStatements.get(count);
  if (run === undefined) {
    run = firstEntries(count);
    firstEntriesStatements.set(count, run);
  }
  const rows = await run(tx, [], laneIds);
  return rows.map(entryOf).sort((a, b) => a.jobId - b.jobId);
}

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

/* In a project's own scope each kind has one lane, so nobody asks there which lane comes first. */
const moveHeads = listStatement(
  (c) => `
  update queue_offers set head_job_id = moved.head from (
    with heads as materialized (
      select l.id, (select min(job_id) from queue_entries e where e.lane_id = l.id) as head
      from queue_lanes l where l.id in (list)
    )
    select o.lane_id, o.scope, h.head from heads h cross join queue_offers o
    where o.lane_id = h.id and o.head_job_id <> h.head and o.scope not like 'project:%' ${c.rowLocks ? 'for update of o skip locked' : ''}
  ) moved where queue_offers.lane_id = moved.lane_id and queue_offers.scope = moved.scope`,
);
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
 * After entries left: writes the lanes' new heads, and deletes lanes with their offers where nothing waits, which may be
 * among `ended`. Their rows are held before the second look, and whoever adds an entry holds them too, so a lane never goes
 * away below a new entry.
 */
export async function refreshLanes(
  tx: Tx,
  laneIds: readonly number[],
  ended: readonly number[],
): Promise<void> {
  await moveHeads(tx, [], laneIds);
  const empty = (await emptyLanes(tx, [], ended)).map(({ id }) => id);
  if (empty.length === 0) return;
  const held = tx.capabilities.rowLocks ? (await holdLanes(tx, [], empty)).map(({ id }) => id) : empty;
  await deleteLanes(tx, [], held);
}

function entryOf({ lane_id, job_id }: EntryRow): Entry {
  return { laneId: lane_id, jobId: job_id };
}
