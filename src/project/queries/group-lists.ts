import { type Expression, type SqlBool, sql } from 'kysely';
import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';
import { likeEscaped, likeText } from './like.ts';
import type { NamespaceRow } from './namespaces.ts';
import { type ListViewer, namespacesOf } from './project-lists.ts';

/** Filters of a list of groups (rest-resources 3.1). */
export interface GroupFilter {
  search?: string | undefined;
  skip?: readonly number[] | undefined;
  owned?: boolean | undefined;
  minAccessLevel?: number | undefined;
  /** False: only groups of which the viewer is a member. */
  allAvailable?: boolean | undefined;
  topLevelOnly?: boolean | undefined;
  visibility?: string | undefined;
  active?: boolean | undefined;
  /** Start and end of the day, in milliseconds. */
  markedBetween?: [number, number] | undefined;
  /** Goes on after this group, in the order of the list. */
  after?: { id: number; name: string } | undefined;
  parentId?: number | undefined;
  /** Everything below this full path. */
  belowPath?: string | undefined;
  orderBy: 'name' | 'path' | 'id';
  sort: 'asc' | 'desc';
  /** Today, YYYY-MM-DD. */
  today: string;
}

/** One page of the groups that the viewer may see, and their number. */
export async function groupPage(
  reading: Reading,
  viewer: ListViewer,
  filter: GroupFilter,
  page: { offset: number; perPage: number },
): Promise<{ rows: NamespaceRow[]; total: number }> {
  const query = filtered(reading, viewer, filter);
  const { count } = await query
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  let ordered = query.selectAll().orderBy(filter.orderBy, filter.sort);
  if (filter.orderBy !== 'id') ordered = ordered.orderBy('id', filter.sort);
  const rows = await ordered.limit(page.perPage).offset(page.offset).execute();
  return { rows, total: Number(count) };
}

function filtered(reading: Reading, viewer: ListViewer, filter: GroupFilter) {
  let query = reading.sql
    .selectFrom('namespaces')
    .where('kind', '=', 'group')
    .where(sql<SqlBool>`(marked_for_deletion_at is null or marked_for_deletion_at <> 0)`)
    .where(visibleTo(viewer, filter.today));
  const { today } = filter;
  if (viewer !== null) {
    if (filter.owned) query = query.where(memberOf(viewer.userId, 50, today));
    if (filter.minAccessLevel !== undefined) {
      query = query.where(memberOf(viewer.userId, filter.minAccessLevel, today));
    }
    if (filter.allAvailable === false) query = query.where(memberOf(viewer.userId, 10, today));
  }
  if (filter.search !== undefined) {
    const pattern = `%${likeText(filter.search.toLowerCase())}%`;
    query = query.where((eb) =>
      eb.or([
        likeEscaped(eb.fn<string>('lower', ['name']), pattern),
        likeEscaped(eb.fn<string>('lower', ['path']), pattern),
      ]),
    );
  }
  if (filter.skip !== undefined && filter.skip.length > 0) query = query.where('id', 'not in', filter.skip);
  if (filter.topLevelOnly) query = query.where('parent_id', 'is', null);
  if (filter.visibility !== undefined) query = query.where('visibility', '=', filter.visibility);
  if (filter.active !== undefined) {
    query = query.where('marked_for_deletion_at', filter.active ? 'is' : 'is not', null);
  }
  if (filter.markedBetween !== undefined) {
    const [from, to] = filter.markedBetween;
    query = query.where('marked_for_deletion_at', '>=', from).where('marked_for_deletion_at', '<', to);
  }
  if (filter.after !== undefined) query = query.where(isAfter(filter.after, filter.orderBy, filter.sort));
  if (filter.parentId !== undefined) query = query.where('parent_id', '=', filter.parentId);
  if (filter.belowPath !== undefined) {
    const pattern = `${likeText(filter.belowPath.toLowerCase())}/%`;
    query = query.where((eb) => likeEscaped(eb.ref('path_key'), pattern));
  }
  return query;
}

function isAfter(
  { id, name }: { id: number; name: string },
  orderBy: GroupFilter['orderBy'],
  sort: 'asc' | 'desc',
): Expression<SqlBool> {
  const beyond = sort === 'asc' ? sql`>` : sql`<`;
  if (orderBy === 'id') return sql<SqlBool>`id ${beyond} ${id}`;
  return sql<SqlBool>`(name ${beyond} ${name} or (name = ${name} and id ${beyond} ${id}))`;
}

/** What `mayInGroup(viewer, 'read_group')` says, as a condition. */
function visibleTo(viewer: ListViewer, today: string): Expression<SqlBool> {
  if (viewer === null) return sql<SqlBool>`visibility = 'public'`;
  if (viewer.admin) return sql<SqlBool>`1 = 1`;
  const open = viewer.external ? sql`visibility = 'public'` : sql`visibility in ('public', 'internal')`;
  return sql<SqlBool>`(${open} or ${memberOf(viewer.userId, 10, today)} or ${around(viewer.userId, today)})`;
}

function memberOf(userId: number, level: number, today: string): Expression<SqlBool> {
  return sql<SqlBool>`namespaces.id in (${namespacesOf(userId, level, today)})`;
}

/** Groups that hold something of which the user is a member. */
function around(userId: number, today: string): Expression<SqlBool> {
  return sql<SqlBool>`namespaces.id in (with recursive up (id, parent_id) as (
      select n.id, n.parent_id from namespaces n
        join projects p on p.namespace_id = n.id
        join members m on m.source_type = 'project' and m.source_id = p.id
        where m.user_id = ${userId} and (m.expires_at is null or m.expires_at > ${today})
      union select n.id, n.parent_id from namespaces n
        join members m on m.source_type = 'group' and m.source_id = n.id
        where m.user_id = ${userId} and (m.expires_at is null or m.expires_at > ${today})
      union select n.id, n.parent_id from shares s
        left join projects p on s.source_type = 'project' and p.id = s.source_id
        join namespaces n on n.id = coalesce(p.namespace_id, case when s.source_type = 'group' then s.source_id end)
        where s.group_id in (${namespacesOf(userId, 10, today)}) and (s.expires_at is null or s.expires_at > ${today})
      union select n.id, n.parent_id from namespaces n join up on n.id = up.parent_id)
    select id from up)`;
}

/** Filters of a list of namespaces (rest-resources 3.3). */
export interface NamespaceFilter {
  search?: string | undefined;
  ownedOnly?: boolean | undefined;
  topLevelOnly?: boolean | undefined;
  /** The text may be anywhere in the full path. */
  fullPathSearch?: boolean | undefined;
  /** Today, YYYY-MM-DD. */
  today: string;
}

/** Namespaces in which a user may create: the own one, and groups with at least this level. */
export async function creatableNamespaces(
  reading: Reading,
  viewer: NonNullable<ListViewer>,
  filter: NamespaceFilter,
  page: { offset: number; perPage: number },
): Promise<{ rows: NamespaceRow[]; total: number }> {
  let query = reading.sql.selectFrom('namespaces').where('marked_for_deletion_at', 'is', null);
  if (!viewer.admin || filter.ownedOnly) {
    query = query.where(memberOf(viewer.userId, filter.ownedOnly ? 50 : 30, filter.today));
  }
  if (filter.topLevelOnly) query = query.where('parent_id', 'is', null);
  if (filter.search !== undefined) {
    const pattern = `%${likeText(filter.search.toLowerCase())}%`;
    const path = filter.fullPathSearch ? sql<string>`path_key` : sql<string>`lower(path)`;
    query = query.where((eb) =>
      eb.or([likeEscaped(eb.fn<string>('lower', ['name']), pattern), likeEscaped(path, pattern)]),
    );
  }
  const { count } = await query
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const rows = await query.selectAll().orderBy('id').limit(page.perPage).offset(page.offset).execute();
  return { rows, total: Number(count) };
}

const counts = statement<{ members: number; projects: number; size: number; artifacts: number }>(
  `with recursive down (id) as (
     select id from namespaces where id = ? union all select n.id from namespaces n join down d on n.parent_id = d.id)
   select
     (select count(distinct m.user_id) from members m where
       (m.source_type = 'group' and m.source_id in (select id from down)) or (m.source_type = 'project'
         and m.source_id in (select p.id from projects p where p.namespace_id in (select id from down)))) as members,
     (select count(*) from projects where namespace_id in (select id from down)) as projects,
     (select coalesce(sum(r.size), 0) from repository_statistics r where r.project_id in
       (select p.id from projects p where p.namespace_id in (select id from down))) as size,
     (select coalesce(sum(a.size), 0) from artifact_totals a where a.project_id in
       (select p.id from projects p where p.namespace_id in (select id from down))) as artifacts`,
);

/** What is in a group and below it: members of anything, projects, bytes of repositories as last counted and of artifacts. */
export async function namespaceCounts(reading: Reading, id: number) {
  const [row] = await counts(reading, id);
  return {
    members: Number(row?.members ?? 0),
    projects: Number(row?.projects ?? 0),
    size: Number(row?.size ?? 0),
    artifacts: Number(row?.artifacts ?? 0),
  };
}
