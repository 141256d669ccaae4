import type { Selectable } from 'kysely';
import { statement } from '../db/statement.ts';
import type { PushesTable, RepositoryStatisticsTable } from '../db/tables/git.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import type { Push, RefUpdate } from './push.ts';

/** Writes the note of a push that is about to move refs. `now` in milliseconds. */
export async function insertPush(
  tx: Tx,
  push: Omit<Push, 'id' | 'confirmed' | 'createdAt'>,
  now: number,
): Promise<number> {
  const { id } = await tx.sql
    .insertInto('pushes')
    .values({
      project_id: push.projectId,
      user_id: push.userId,
      updates: JSON.stringify(push.updates),
      options: JSON.stringify(push.options),
      state: 'noted',
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Records which refs really moved; from here on their pipelines are owed. */
export async function confirmPush(tx: Tx, id: number, updates: readonly RefUpdate[]): Promise<void> {
  await tx.sql
    .updateTable('pushes')
    .set({ state: 'confirmed', updates: JSON.stringify(updates) })
    .where('id', '=', id)
    .execute();
}

/** Takes one update off a push's note. False when it was not there: somebody else has done what it owed. */
export async function removeUpdate(tx: Tx, id: number, ref: string): Promise<boolean> {
  const row = await tx.sql.selectFrom('pushes').select('updates').where('id', '=', id).executeTakeFirst();
  const updates = row === undefined ? [] : (JSON.parse(row.updates) as RefUpdate[]);
  const rest = updates.filter((update) => update.ref !== ref);
  if (rest.length === updates.length) return false;
  const { numUpdatedRows } = await tx.sql
    .updateTable('pushes')
    .set({ updates: JSON.stringify(rest) })
    .where('id', '=', id)
    .where('updates', '=', row?.updates ?? '')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Forgets a push that is done. */
export async function deletePush(tx: Tx, id: number): Promise<void> {
  await tx.sql.deleteFrom('pushes').where('id', '=', id).execute();
}

/** Forgets all pushes of a project. */
export async function deletePushesOf(tx: Tx, projectId: number): Promise<void> {
  await tx.sql.deleteFrom('pushes').where('project_id', '=', projectId).execute();
}

/** Notes made at or before `before` (milliseconds), oldest first, at most 100 after `afterId`. */
export async function pushesBefore(reading: Reading, before: number, afterId: number): Promise<Push[]> {
  const rows = await reading.sql
    .selectFrom('pushes')
    .selectAll()
    .where('created_at', '<=', before)
    .where('id', '>', afterId)
    .orderBy('id')
    .limit(100)
    .execute();
  return rows.map(toPush);
}

function toPush(row: Selectable<PushesTable>): Push {
  return {
    id: row.id,
    projectId: row.project_id,
    userId: row.user_id,
    updates: JSON.parse(row.updates) as RefUpdate[],
    options: JSON.parse(row.options) as string[],
    confirmed: row.state === 'confirmed',
    createdAt: row.created_at,
  };
}

const statistics = statement<Selectable<RepositoryStatisticsTable>>(
  'select * from repository_statistics where project_id = ?',
);
const putCounts = statement(
  `insert into repository_statistics (project_id, size, commit_count, counted_sha, refreshed_at) values (?, ?, ?, ?, ?)
   on conflict (project_id) do update set size = excluded.size, commit_count = excluded.commit_count,
     counted_sha = excluded.counted_sha, refreshed_at = excluded.refreshed_at`,
);
const forgetCounts = statement('delete from repository_statistics where project_id = ?');

export async function statisticsRow(
  reading: Reading,
  projectId: number,
): Promise<Selectable<RepositoryStatisticsTable> | undefined> {
  return (await statistics(reading, projectId))[0];
}

export async function putStatistics(
  tx: Tx,
  projectId: number,
  counted: { size: number; commitCount: number; countedSha: string | null },
  now: number,
): Promise<void> {
  await putCounts(tx, projectId, counted.size, counted.commitCount, counted.countedSha, now);
}

export async function deleteStatistics(tx: Tx, projectId: number): Promise<void> {
  await forgetCounts(tx, projectId);
}
