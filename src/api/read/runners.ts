import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { allOf } from '../../db/all-of.ts';
import { countRows } from '../../db/count-rows.ts';
import { statement } from '../../db/statement.ts';
import type { Tables } from '../../db/tables.ts';
import type { Reading } from '../../db/transaction.ts';
import { STATUSES, type Status } from '../../pipeline/status.ts';
import { MAX_TAGS } from '../../runner/attributes.ts';
import { ONLINE_FOR, type RunnerStatus, STALE_AFTER } from '../../runner/status.ts';
import type { RunnerRow } from './rows.ts';

/** Which runners a list may show at all. */
export type RunnerReach =
  | { kind: 'all' }
  | { kind: 'only'; ids: readonly number[] }
  /** Of one project: its own, those of these groups, the instance's where they are let in. */
  | { kind: 'project'; projectId: number; groupIds: readonly number[]; instance: boolean }
  /** Of one group: those of these groups, the instance's where they are let in. */
  | { kind: 'group'; groupIds: readonly number[]; instance: boolean };

/** Filters of rest-resources 7.2; absent ones let everything through. */
export interface RunnerFilter {
  types?: readonly string[] | undefined;
  status?: RunnerStatus | undefined;
  paused?: boolean | undefined;
  /** A runner must have all of them. */
  tags?: readonly string[] | undefined;
  versionPrefix?: string | undefined;
}

type Builder = ExpressionBuilder<Tables, 'runners'>;

/** One page of runners, newest first, with their number. */
export async function listRunners(
  reading: Reading,
  reach: RunnerReach,
  filters: readonly RunnerFilter[],
  page: { perPage: number; offset: number },
  now: number,
): Promise<{ rows: RunnerRow[]; total: number }> {
  const query = reading.sql
    .selectFrom('runners')
    .where((eb) =>
      eb.and([...reached(eb, reach), ...filters.flatMap((filter) => filtered(eb, filter, now))]),
    );
  const rows = await query
    .selectAll()
    .orderBy('id', 'desc')
    .limit(page.perPage)
    .offset(page.offset)
    .execute();
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

const byId = statement<RunnerRow>('select * from runners where id = ?');

/** The runner with this id, which was found before. Throws when it is gone. */
export async function runnerRowById(reading: Reading, id: number): Promise<RunnerRow> {
  const [row] = await byId(reading, id);
  if (row === undefined) throw new Error(`runner ${id} is gone`);
  return row;
}

const managed = statement<{ id: number }>(`
  with recursive down (id, level) as (
    select source_id, access_level from members
    where source_type = 'group' and user_id = ? and (expires_at is null or expires_at > ?)
    union
    select n.id, down.level from namespaces n join down on n.parent_id = down.id
  )
  select rp.runner_id as id from runner_projects rp join projects p on p.id = rp.project_id
  where p.namespace_id in (select id from down where level >= 40)
    or p.namespace_id in (select id from namespaces where owner_id = ?)
    or p.id in (select source_id from members where source_type = 'project' and user_id = ?
      and access_level >= 40 and (expires_at is null or expires_at > ?))
  union
  select id from runners where namespace_id in (select id from down where level >= 50)`);

/** Runners of projects where the user is maintainer, and of groups that he owns. */
export async function managedRunnerIds(reading: Reading, userId: number, now: number): Promise<number[]> {
  const today = new Date(now).toISOString().slice(0, 10);
  return (await managed(reading, userId, today, userId, userId, today)).map(({ id }) => id);
}

const managersWithJobs = statement<{ id: number }>(
  `select distinct j.runner_manager_id as id from running_jobs r join jobs j on j.id = r.job_id
   where r.runner_id = ? and j.runner_manager_id is not null`,
);

/** Managers of a runner that run a job now. */
export async function busyManagers(reading: Reading, runnerId: number): Promise<Set<number>> {
  return new Set((await managersWithJobs(reading, runnerId)).map(({ id }) => id));
}

/** Those of the runners that run a job now. */
export async function busyRunners(reading: Reading, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await reading.sql
    .selectFrom('running_jobs')
    .select('runner_id')
    .distinct()
    .where('runner_id', 'in', ids)
    .execute();
  return new Set(rows.map((row) => row.runner_id));
}

function reached(eb: Builder, reach: RunnerReach): Expression<SqlBool>[] {
  switch (reach.kind) {
    case 'all':
      return [];
    case 'only':
      return [eb('id', 'in', reach.ids.length === 0 ? [0] : reach.ids)];
    case 'project': {
      const own = eb('id', 'in', (sub) =>
        sub.selectFrom('runner_projects').select('runner_id').where('project_id', '=', reach.projectId),
      );
      return [eb.or([own, ...sharedWith(eb, reach)])];
    }
    case 'group':
      return [eb.or(sharedWith(eb, reach))];
  }
}

function sharedWith(
  eb: Builder,
  { groupIds, instance }: { groupIds: readonly number[]; instance: boolean },
): Expression<SqlBool>[] {
  return [
    ...(instance ? [eb('runner_type', '=', 'instance_type')] : []),
    ...(groupIds.length === 0 ? [] : [eb('namespace_id', 'in', groupIds)]),
  ];
}

function filtered(eb: Builder, filter: RunnerFilter, now: number): Expression<SqlBool>[] {
  const { types, status, paused, tags = [], versionPrefix } = filter;
  const conditions: Expression<SqlBool>[] = [];
  if (types !== undefined) conditions.push(eb('runner_type', 'in', types));
  if (paused !== undefined) conditions.push(eb('paused', '=', paused ? 1 : 0));
  if (status !== undefined) conditions.push(hasStatus(eb, status, now));
  const wanted = [...new Set(tags)];
  // No runner has them all, and no database takes an expression with thousands of them.
  if (wanted.length > MAX_TAGS) conditions.push(sql<SqlBool>`1 = 0`);
  for (const tag of wanted.slice(0, MAX_TAGS)) {
    // A JSON text after its bracket or comma: nothing inside another tag looks like it.
    const text = JSON.stringify(tag);
    conditions.push(eb.or([contains(`[${text}`), contains(`,${text}`)]));
  }
  if (versionPrefix !== undefined) {
    conditions.push(
      eb('id', 'in', (sub) =>
        sub
          .selectFrom('runner_managers')
          .select('runner_id')
          .where(sql<SqlBool>`substr(version, 1, ${versionPrefix.length}) = ${versionPrefix}`),
      ),
    );
  }
  return conditions;
}

/** The conditions of `runner/status.ts`, in SQL and in the same order. */
function hasStatus(eb: Builder, status: RunnerStatus, now: number): Expression<SqlBool> {
  const since = now - STALE_AFTER;
  const stale = eb.and([
    eb('created_at', '<=', since),
    eb.or([eb('contacted_at', 'is', null), eb('contacted_at', '<=', since)]),
  ]);
  const never = eb.or([eb('creation_finished', '=', 0), eb('contacted_at', 'is', null)]);
  const recent = eb('contacted_at', '>', now - ONLINE_FOR);
  switch (status) {
    case 'stale':
      return stale;
    case 'never_contacted':
      return eb.and([eb.not(stale), never]);
    case 'online':
      return eb.and([eb.not(stale), eb.not(never), recent]);
    case 'offline':
      return eb.and([eb.not(stale), eb.not(never), eb.not(recent)]);
  }
}

/** `like` would ignore case on SQLite; taking the text out changes a text that has it. */
function contains(text: string): Expression<SqlBool> {
  return sql<SqlBool>`replace(tag_list, ${text}, '') <> tag_list`;
}

export interface RunnerJobs {
  runnerId: number;
  /** Null: of all projects. */
  projectIds: readonly number[] | null;
  status?: Status | undefined;
  /** Jobs of one manager only. */
  systemId?: string | undefined;
}

export interface RunnerJobsPage {
  ascending: boolean;
  limit: number;
  offset: number;
  /** Only jobs behind this id, in the order asked for. */
  after?: number | null;
}

/** Ids of a runner's jobs by id. */
export async function runnerJobIds(
  reading: Reading,
  which: RunnerJobs,
  page: RunnerJobsPage,
): Promise<number[]> {
  const { after = null, ascending } = page;
  const direction = ascending ? 'asc' : 'desc';
  const than = ascending ? '>' : '<';
  const first = (status: Status) =>
    jobsOfRunner(reading, which, status, direction)
      .$if(after !== null, (query) =>
        query
          .where(sql<SqlBool>`(status, id) ${sql.raw(than)} (${status}, ${after})`)
          // So SQLite begins in the middle of the index; the pair is for PostgreSQL.
          .where('status', 'is not distinct from', status)
          .where('id', than, after),
      )
      .limit(page.offset + page.limit);
  const rows = await allOf(reading, statusesOf(which).map(first))
    .orderBy('id', direction)
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  return rows.map((row) => row.id);
}

/** How many jobs of a runner there are, counted up to `limit`. */
export function countRunnerJobs(reading: Reading, which: RunnerJobs, limit: number): Promise<number> {
  const first = (status: Status) => jobsOfRunner(reading, which, status, 'desc').limit(limit);
  return countRows(reading, allOf(reading, statusesOf(which).map(first)).limit(limit));
}

function statusesOf({ status }: RunnerJobs): readonly Status[] {
  return status === undefined ? STATUSES : [status];
}

/** Fenced as `db/README.md` says. */
function jobsOfRunner(reading: Reading, which: RunnerJobs, status: Status, direction: 'asc' | 'desc') {
  let query = reading.sql
    .selectFrom('jobs')
    .select('id')
    .where('runner_id', '=', which.runnerId)
    .where((eb) => eb.between('status', status, status))
    .orderBy('status', direction)
    .orderBy('id', direction);
  if (which.projectIds !== null) {
    query = query.where('project_id', 'in', which.projectIds.length === 0 ? [0] : which.projectIds);
  }
  const { systemId } = which;
  if (systemId === undefined) return query;
  return query.where('runner_manager_id', 'in', (sub) =>
    sub
      .selectFrom('runner_managers')
      .select('id')
      .where('runner_id', '=', which.runnerId)
      .where('system_xid', '=', systemId),
  );
}
