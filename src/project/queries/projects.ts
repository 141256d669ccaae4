import type { Selectable } from 'kysely';
import { gathered } from '../../db/gathered.ts';
import { listStatement } from '../../db/list-statement.ts';
import { statement } from '../../db/statement.ts';
import type { ProjectsTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';
import { likeText } from './like.ts';

export type ProjectRow = Selectable<ProjectsTable>;

const byIds = listStatement<ProjectRow>('select * from projects where id in (list)');
const byId = gathered(async (reading, ids: readonly number[]) => {
  const rows = await byIds(reading, [], ids);
  return new Map(rows.map((row) => [row.id, row]));
});
const byPath = statement<ProjectRow>('select * from projects where path_key = ?');
const idsBelow = statement<{ id: number }>(
  "select id from projects where path_key like ? escape '\\' order by id",
);
const byFormerPath = statement<{ project_id: number }>('select project_id from redirects where path_key = ?');

export async function projectRow(reading: Reading, id: number): Promise<ProjectRow | undefined> {
  return await byId(reading, id);
}

export async function projectRowByPath(reading: Reading, key: string): Promise<ProjectRow | undefined> {
  return (await byPath(reading, key))[0];
}

/** Id of the project that once had this path. */
export async function redirectTarget(reading: Reading, key: string): Promise<number | undefined> {
  return (await byFormerPath(reading, key))[0]?.project_id;
}

export async function insertProject(tx: Tx, row: Omit<ProjectRow, 'id'>): Promise<ProjectRow> {
  await tx.sql.deleteFrom('redirects').where('path_key', '=', row.path_key).execute();
  return await tx.sql.insertInto('projects').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function updateProjectRow(
  tx: Tx,
  id: number,
  changes: Partial<Omit<ProjectRow, 'id'>>,
): Promise<void> {
  await tx.sql.updateTable('projects').set(changes).where('id', '=', id).execute();
}

/** Remembers that `formerKey` led to this project, and forgets that its new path led elsewhere. */
export async function replaceRedirect(tx: Tx, formerKey: string, newKey: string, id: number): Promise<void> {
  await tx.sql.deleteFrom('redirects').where('path_key', 'in', [formerKey, newKey]).execute();
  await tx.sql.insertInto('redirects').values({ path_key: formerKey, project_id: id }).execute();
}

/** Projects that lie in this namespace itself. */
export async function projectRowsIn(reading: Reading, namespaceId: number): Promise<ProjectRow[]> {
  return await reading.sql
    .selectFrom('projects')
    .selectAll()
    .where('namespace_id', '=', namespaceId)
    .execute();
}

/** Ids of the projects below a namespace, however deep. */
export async function projectIdsBelow(reading: Reading, fullPath: string): Promise<number[]> {
  const pattern = `${likeText(fullPath.toLowerCase())}/%`;
  return (await idsBelow(reading, pattern)).map(({ id }) => id);
}

/** How many forks each of these projects has; those without any are absent. */
export async function forkCounts(reading: Reading, ids: readonly number[]): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map();
  const rows = await reading.sql
    .selectFrom('projects')
    .select((eb) => ['forked_from_id as id', eb.fn.countAll<number>().as('count')])
    .where('forked_from_id', 'in', ids)
    .groupBy('forked_from_id')
    .execute();
  return new Map(rows.map(({ id, count }) => [id!, Number(count)]));
}

/** Projects with these ids, but those that are being removed. */
export async function projectRows(reading: Reading, ids: readonly number[]): Promise<ProjectRow[]> {
  if (ids.length === 0) return [];
  return await reading.sql
    .selectFrom('projects')
    .selectAll()
    .where('id', 'in', ids)
    .where((eb) => eb.or([eb('marked_for_deletion_at', 'is', null), eb('marked_for_deletion_at', '<>', 0)]))
    .execute();
}

export async function countInNamespace(reading: Reading, namespaceId: number): Promise<number> {
  const { count } = await reading.sql
    .selectFrom('projects')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('namespace_id', '=', namespaceId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function projectNameTaken(
  reading: Reading,
  namespaceId: number,
  name: string,
  exceptId: number | null,
): Promise<boolean> {
  const row = await reading.sql
    .selectFrom('projects')
    .select('id')
    .where('namespace_id', '=', namespaceId)
    .where((eb) => eb(eb.fn<string>('lower', ['name']), '=', name.toLowerCase()))
    .$if(exceptId !== null, (query) => query.where('id', '!=', exceptId!))
    .executeTakeFirst();
  return row !== undefined;
}
