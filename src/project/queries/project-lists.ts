import { type Expression, type SqlBool, sql } from 'kysely';
import { COUNT_LIMIT, countRows } from '../../db/count-rows.ts';
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
  /** Starred by this user. */
  starredBy?: number | undefined;
  /** Forks of this project. */
  forkedFromId?: number | undefined;
  /** Only of this namespace … */
  namespaceId?: number | undefined;
  /** … with what is shared with this group, or that alone without a namespace … */
  sharedWithId?: number | undefined;
  /** … or of this full path and everything below. */
  belowPath?: string | undefined;
  orderBy: keyof typeof ORDERS;
  sort: 'asc' | 'desc';
  /** Today, YYYY-MM-DD. */
  today: string;
}

/** What a list can be ordered by; the sizes are those last counted. */
const ORDERS = {
  id: sql`id`,
  name: sql`name`,
  path: sql`path`,
  created_at: sql`created_at`,
  updated_at: sql`updated_at`,
  last_activity_at: sql`last_activity_at`,
  star_count: sql`star_count`,
  repository_size: sql`coalesce((select r.size from repository_statistics r where r.project_id = projects.id), 0)`,
  storage_size: sql`coalesce((select r.size from repository_statistics r where r.project_id = projects.id), 0)
    + coalesce((select a.size from artifact_totals a where a.project_id = projects.id), 0)`,
};

/** One page of the projects that the viewer may see, and their number up to 10,001. */
export async function projectPage(
  reading: Reading,
  viewer: ListViewer,
  filter: ProjectFilter,
  page: { offset: number; perPage: number },
): Promise<{ rows: ProjectRow[]; total: number }> {
  const query = filtered(reading, viewer, filter);
  const total = await countRows(reading, query.select('id').limit(COUNT_LIMIT));
  let ordered = query.selectAll().orderBy(ORDERS[filter.orderBy], filter.sort);
  if (filter.orderBy !== 'id') ordered = ordered.orderBy('id', filter.sort);
  const rows = await ordered.limit(page.perPage).offset(page.offset).execute();
  return { rows, total };
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
  if (filter.starredBy !== undefined) {
    query = query.where('id', 'in', (eb) =>
      eb.selectFrom('stars').select('project_id').where('user_id', '=', filter.starredBy!),
    );
  }
  if (filter.forkedFromId !== undefined) query = query.where('forked_from_id', '=', filter.forkedFromId);
  query = query.where(inPlace(filter));
  return query;
}

/** In the namespace, below the path, or shared with the group: whatever of it was asked for. */
function inPlace({ namespaceId, belowPath, sharedWithId, today }: ProjectFilter): Expression<SqlBool> {
  const places: Expression<SqlBool>[] = [];
  if (namespaceId !== undefined) places.push(sql`namespace_id = ${namespaceId}`);
  if (belowPath !== undefined) {
    places.push(likeEscaped(sql.ref('path_key'), `${likeText(belowPath.toLowerCase())}/%`));
  }
  if (sharedWithId !== undefined) {
    places.push(sql`projects.id in (${sharedWith(sql`${sharedWithId}`, 0, today)})`);
  }
  return places.length === 0 ? sql<SqlBool>`1 = 1` : sql<SqlBool>`(${sql.join(places, sql` or `)})`;
}

/** What `may(viewer, 'read_project')` says, as a condition: filters and totals come after it (security AUTHZ-5). */
function visibleTo(viewer: ListViewer, today: string): Expression<SqlBool> {
  if (viewer === null) return sql<SqlBool>`(visibility = 'public' and marked_for_deletion_at is null)`;
  if (viewer.admin) return sql<SqlBool>`1 = 1`;
  const open = viewer.external ? sql`visibility = 'public'` : sql`visibility in ('public', 'internal')`;
  return sql<SqlBool>`((${open} and marked_for_deletion_at is null) or ${memberOf(viewer.userId, 10, today)})`;
}

/** Projects on which a user has at least this level: direct, through a group above or a share, or as owner of the namespace. */
function memberOf(userId: number, level: number, today: string): Expression<SqlBool> {
  return sql<SqlBool>`(projects.id in (
      select source_id from members where source_type = 'project' and user_id = ${userId}
        and access_level >= ${level} and (expires_at is null or expires_at > ${today}))
    or projects.namespace_id in (${namespacesOf(userId, level, today)})
    or projects.id in (${sharedWith(namespacesOf(userId, level, today), level, today)}))`;
}

/** Projects that are shared with one of these groups, with at least this level. */
function sharedWith(groupIds: Expression<number>, level: number, today: string): Expression<number> {
  return sql<number>`select source_id from shares where source_type = 'project' and access_level >= ${level}
    and (expires_at is null or expires_at > ${today}) and group_id in (${groupIds})`;
}

/** Namespaces in which a user has at least this level, own, inherited or through a share. */
export function namespacesOf(userId: number, level: number, today: string): Expression<number> {
  return sql<number>`with recursive mine (id) as (
      select source_id from members where source_type = 'group' and user_id = ${userId}
        and access_level >= ${level} and (expires_at is null or expires_at > ${today})
      union select s.source_id from shares s join members m on m.source_type = 'group' and m.source_id = s.group_id
        where s.source_type = 'group' and m.user_id = ${userId}
          and s.access_level >= ${level} and m.access_level >= ${level}
          and (s.expires_at is null or s.expires_at > ${today}) and (m.expires_at is null or m.expires_at > ${today})
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
