import { type Expression, type SqlBool, sql } from 'kysely';
import type { Reading } from '../../db/transaction.ts';
import { likeEscaped, likeText } from './like.ts';
import type { ProjectRow } from './projects.ts';

/** Who asks for a list; null is anonymous. */
export type ListViewer = { userId: number; admin: boolean; external: boolean } | null;

/** Filters of a list of projects (rest-resources 1.2); absent ones do not filter. Times in milliseconds. */
export interface ProjectFilter {
  archived?: boolean | undefined;
  visibility?: string | undefined;
  search?: string | undefined;
  searchNamespaces?: boolean | undefined;
  owned?: boolean | undefined;
  membership?: boolean | undefined;
  minAccessLevel?: number | undefined;
  idAfter?: number | undefined;
  idBefore?: number | undefined;
  lastActivityAfter?: number | undefined;
  lastActivityBefore?: number | undefined;
  updatedAfter?: number | undefined;
  updatedBefore?: number | undefined;
  active?: boolean | undefined;
  /** Start and end of the day, in milliseconds. */
  markedBetween?: [number, number] | undefined;
  /** Only of this namespace … */
  namespaceId?: number | undefined;
  /** … or of this full path and everything below. */
  belowPath?: string | undefined;
  orderBy: 'id' | 'name' | 'path' | 'created_at' | 'updated_at' | 'last_activity_at';
  sort: 'asc' | 'desc';
  /** Today, YYYY-MM-DD. */
  today: string;
}

/** Rows counted at most; one more than is ever shown as a total. */
const MAX_COUNT = 10_001;

/** One page of the projects that the viewer may see, and their number up to 10,001. */
export async function projectPage(
  reading: Reading,
  viewer: ListViewer,
  filter: ProjectFilter,
  page: { offset: number; perPage: number },
): Promise<{ rows: ProjectRow[]; total: number }> {
  const query = filtered(reading, viewer, filter);
  const { count } = await reading.sql
    .selectFrom(query.select('id').limit(MAX_COUNT).as('some'))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  let ordered = query.selectAll().orderBy(filter.orderBy, filter.sort);
  if (filter.orderBy !== 'id') ordered = ordered.orderBy('id', filter.sort);
  const rows = await ordered.limit(page.perPage).offset(page.offset).execute();
  return { rows, total: Number(count) };
}

function filtered(reading: Reading, viewer: ListViewer, filter: ProjectFilter) {
  let query = reading.sql
    .selectFrom('projects')
    .where(visibleTo(viewer, filter.today))
    .where(sql<SqlBool>`(marked_for_deletion_at is null or marked_for_deletion_at <> 0)`);
  const { today } = filter;
  if (filter.archived !== undefined) query = query.where('archived', '=', filter.archived ? 1 : 0);
  if (filter.visibility !== undefined) query = query.where('visibility', '=', filter.visibility);
  if (filter.search !== undefined) query = query.where(searched(filter.search, filter.searchNamespaces));
  if (viewer !== null) {
    if (filter.owned) query = query.where(memberOf(viewer.userId, 50, today));
    if (filter.membership) query = query.where(memberOf(viewer.userId, 10, today));
    if (filter.minAccessLevel !== undefined) {
      query = query.where(memberOf(viewer.userId, filter.minAccessLevel, today));
    }
  }
  if (filter.idAfter !== undefined) query = query.where('id', '>', filter.idAfter);
  if (filter.idBefore !== undefined) query = query.where('id', '<', filter.idBefore);
  if (filter.lastActivityAfter !== undefined) {
    query = query.where('last_activity_at', '>', filter.lastActivityAfter);
  }
  if (filter.lastActivityBefore !== undefined) {
    query = query.where('last_activity_at', '<', filter.lastActivityBefore);
  }
  if (filter.updatedAfter !== undefined) query = query.where('updated_at', '>', filter.updatedAfter);
  if (filter.updatedBefore !== undefined) query = query.where('updated_at', '<', filter.updatedBefore);
  if (filter.active === true) {
    query = query.where('archived', '=', 0).where('marked_for_deletion_at', 'is', null);
  }
  if (filter.active === false) {
    query = query.where((eb) =>
      eb.or([eb('archived', '=', 1), eb('marked_for_deletion_at', 'is not', null)]),
    );
  }
  if (filter.markedBetween !== undefined) {
    const [from, to] = filter.markedBetween;
    query = query.where('marked_for_deletion_at', '>=', from).where('marked_for_deletion_at', '<', to);
  }
  if (filter.namespaceId !== undefined) query = query.where('namespace_id', '=', filter.namespaceId);
  if (filter.belowPath !== undefined) {
    const pattern = `${likeText(filter.belowPath.toLowerCase())}/%`;
    query = query.where((eb) => likeEscaped(eb.ref('path_key'), pattern));
  }
  return query;
}

/** What `may(viewer, 'read_project')` says, as a condition: filters and totals come after it (security AUTHZ-5). */
function visibleTo(viewer: ListViewer, today: string): Expression<SqlBool> {
  if (viewer === null) return sql<SqlBool>`(visibility = 'public' and marked_for_deletion_at is null)`;
  if (viewer.admin) return sql<SqlBool>`1 = 1`;
  const open = viewer.external ? sql`visibility = 'public'` : sql`visibility in ('public', 'internal')`;
  return sql<SqlBool>`((${open} and marked_for_deletion_at is null) or ${memberOf(viewer.userId, 10, today)})`;
}

/** Projects on which a user has at least this level: direct, through a group above, or as owner of the namespace. */
function memberOf(userId: number, level: number, today: string): Expression<SqlBool> {
  return sql<SqlBool>`(projects.id in (
      select source_id from members where source_type = 'project' and user_id = ${userId}
        and access_level >= ${level} and (expires_at is null or expires_at > ${today}))
    or projects.namespace_id in (${namespacesOf(userId, level, today)}))`;
}

/** Namespaces in which a user has at least this level, own or inherited. */
export function namespacesOf(userId: number, level: number, today: string): Expression<number> {
  return sql<number>`with recursive mine (id) as (
      select source_id from members where source_type = 'group' and user_id = ${userId}
        and access_level >= ${level} and (expires_at is null or expires_at > ${today})
      union select id from namespaces where owner_id = ${userId}
      union select n.id from namespaces n join mine on n.parent_id = mine.id)
    select id from mine`;
}

function searched(text: string, namespaces: boolean | undefined): Expression<SqlBool> {
  const pattern = `%${likeText(text.toLowerCase())}%`;
  const like = (column: string) => likeEscaped(sql<string>`lower(coalesce(${sql.ref(column)}, ''))`, pattern);
  const columns = ['name', 'path', 'description', ...(namespaces ? ['full_path'] : [])];
  return sql<SqlBool>`(${sql.join(columns.map(like), sql` or `)})`;
}
