import type { Selectable } from 'kysely';
import { statement } from '../../db/statement.ts';
import type { NamespacesTable } from '../../db/tables/project.ts';
import type { Reading, Tx } from '../../db/transaction.ts';
import { likeText } from './like.ts';

export type NamespaceRow = Selectable<NamespacesTable>;

const byId = statement<NamespaceRow>('select * from namespaces where id = ?');
const byPath = statement<NamespaceRow>('select * from namespaces where path_key = ?');
const ofUser = statement<NamespaceRow>("select * from namespaces where owner_id = ? and kind = 'user'");
const upward = statement<NamespaceRow & { height: number }>(
  `with recursive up (id, parent_id, height) as (
     select id, parent_id, 0 from namespaces where id = ?
     union all select n.id, n.parent_id, up.height + 1 from namespaces n join up on n.id = up.parent_id)
   select n.* from up join namespaces n on n.id = up.id order by up.height desc`,
);

export async function namespaceRow(reading: Reading, id: number): Promise<NamespaceRow | undefined> {
  return (await byId(reading, id))[0];
}

export async function namespaceRowByPath(reading: Reading, key: string): Promise<NamespaceRow | undefined> {
  return (await byPath(reading, key))[0];
}

export async function namespaceRowOfUser(
  reading: Reading,
  userId: number,
): Promise<NamespaceRow | undefined> {
  return (await ofUser(reading, userId))[0];
}

/** The namespace and all above it, outermost first. */
export async function namespaceRowsUpward(reading: Reading, id: number): Promise<NamespaceRow[]> {
  return await upward(reading, id);
}

/** All of these namespaces and all above them. */
export async function namespaceRowsAbove(reading: Reading, ids: readonly number[]): Promise<NamespaceRow[]> {
  if (ids.length === 0) return [];
  return await reading.sql
    .withRecursive('up(id, parent_id)', (sql) =>
      sql
        .selectFrom('namespaces')
        .select(['id', 'parent_id'])
        .where('id', 'in', ids)
        .union((eb) =>
          eb
            .selectFrom('namespaces as n')
            .innerJoin('up', 'up.parent_id', 'n.id')
            .select(['n.id', 'n.parent_id']),
        ),
    )
    .selectFrom('namespaces')
    .selectAll()
    .where('id', 'in', (eb) => eb.selectFrom('up').select('id'))
    .execute();
}

export async function insertNamespace(tx: Tx, row: Omit<NamespaceRow, 'id'>): Promise<NamespaceRow> {
  return await tx.sql.insertInto('namespaces').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function updateNamespace(
  tx: Tx,
  id: number,
  changes: Partial<Omit<NamespaceRow, 'id'>>,
): Promise<void> {
  await tx.sql.updateTable('namespaces').set(changes).where('id', '=', id).execute();
}

const moveNamespaces = statement(
  `update namespaces set full_path = ? || substr(full_path, ?), path_key = ? || substr(path_key, ?)
   where path_key like ? escape '\\'`,
);
const rememberProjects = statement(
  `insert into redirects (path_key, project_id)
   select path_key, id from projects where path_key like ? escape '\\'
   on conflict (path_key) do update set project_id = excluded.project_id`,
);
const moveProjects = statement(
  `update projects set full_path = ? || substr(full_path, ?), path_key = ? || substr(path_key, ?)
   where path_key like ? escape '\\'`,
);

const closeNamespaces = statement(
  "update namespaces set visibility = ? where path_key like ? escape '\\' and (visibility = 'public' or visibility = ?)",
);
const closeProjects = statement(
  "update projects set visibility = ? where path_key like ? escape '\\' and (visibility = 'public' or visibility = ?)",
);

/** Makes everything below a namespace at most this visible: internal or private. */
export async function closeBelow(tx: Tx, fullPath: string, visibility: string): Promise<void> {
  const below = `${likeText(fullPath.toLowerCase())}/%`;
  const also = visibility === 'private' ? 'internal' : 'public';
  await closeNamespaces(tx, visibility, below, also);
  await closeProjects(tx, visibility, below, also);
}

/** Gives everything below a renamed namespace its new path; former project paths stay known. */
export async function moveBelow(tx: Tx, from: string, to: string): Promise<void> {
  const below = `${likeText(from.toLowerCase())}/%`;
  const rest = from.length + 1;
  await rememberProjects(tx, below);
  await moveNamespaces(tx, to, rest, to.toLowerCase(), rest, below);
  await moveProjects(tx, to, rest, to.toLowerCase(), rest, below);
}
