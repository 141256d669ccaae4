import { gathered } from '../../db/gathered.ts';
import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';

/** Where a page of jobs begins and how long it is. */
export interface Slice {
  limit: number;
  offset: number;
  /** Only ids below this one; for keyset pages. */
  before: number | null;
}

/** The largest id, for a slice that begins at the newest job. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/**
 * Ids of a project's builds, newest first, retried ones and those of child pipelines included (jobs-api 4.1). Each
 * scope is read from its own end of the index (project, status, id), so an empty scope costs nothing and history
 * does not count.
 */
export async function projectJobIds(
  reading: Reading,
  projectId: number,
  scope: readonly string[],
  slice: Slice,
): Promise<number[]> {
  const list: ProjectList = [projectId, [...new Set(scope)], slice];
  return (await listOf(reading, JSON.stringify(list))) ?? [];
}

type ProjectList = [projectId: number, statuses: string[], slice: Slice];

/** Lists by what they are of: whoever watches the same list at this moment gets it from one read. */
const listOf = gathered(
  async (reading, lists: readonly string[]) =>
    new Map(lists.map((list) => [list, selectList(reading, JSON.parse(list) as ProjectList)])),
);

async function selectList(reading: Reading, [projectId, statuses, slice]: ProjectList): Promise<number[]> {
  const { limit, offset } = slice;
  const before = slice.before ?? NEWEST;
  const top = offset + limit;
  const parameters =
    statuses.length === 0
      ? [projectId, ...below(projectId, before), top]
      : statuses.flatMap((status) => [projectId, projectId, ...below(status, before), top]);
  const rows = await projectStatement(statuses.length)(reading, ...parameters, limit, offset);
  return rows.map((row) => row.id);
}

/**
 * Rows that have this in common, with an id below another, fenced as `db/README.md` says. To begin in the middle of the index
 * PostgreSQL takes the pair, and SQLite the rest, which is `=` to SQLite alone.
 */
const belowIn = (column: string) =>
  `${column} >= ? and (${column}, id) < (?, ?) and ${column} is not distinct from ? and id < ?`;
const below = (value: number | string, id: number) => [value, value, id, value, id];

const projectStatements: ReturnType<typeof statement<{ id: number }>>[] = [];

/** Jobs of a pipeline whose jobs are still being stored are left out; as good as always there is none. */
function projectStatement(scopes: number) {
  const one = (condition: string, order: string) =>
    `select * from (select id from jobs where type = 'build'
     and pipeline_id not in (select id from pipeline_drafts where project_id = ?) and ${condition}
     order by ${order} desc, id desc limit ?) t`;
  const union =
    scopes === 0
      ? one(belowIn('project_id'), 'project_id')
      : Array(scopes)
          .fill(one(`project_id = ? and ${belowIn('status')}`, 'status'))
          .join(' union all ');
  projectStatements[scopes] ??= statement<{ id: number }>(
    `select id from (${union}) ids order by id desc limit ? offset ?`,
  );
  return projectStatements[scopes];
}

/** How many jobs one search by name looks at: what it costs does not grow with the project's history. */
const SEARCHED_JOBS = 10_000;

/** Which of a project's builds are searched for. */
export interface NamedJobs {
  /** Part of the name, in any case. */
  name: string;
  statuses: readonly string[];
}

/**
 * Ids of a project's builds whose name has this part, newest first, among the newest 10,000 with an id below `before`.
 * `further`: the id below which the search goes on, null where there are no more jobs.
 */
export async function namedJobIds(
  reading: Reading,
  projectId: number,
  which: NamedJobs,
  slice: Pick<Slice, 'limit' | 'before'>,
): Promise<{ ids: number[]; further: number | null }> {
  const before = slice.before ?? NEWEST;
  const pattern = `%${which.name.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  const statuses = [...new Set(which.statuses)];
  const [found, [last]] = await Promise.all([
    namedStatement(statuses.length)(
      reading,
      ...below(projectId, before),
      SEARCHED_JOBS,
      pattern,
      ...statuses,
      slice.limit + 1,
    ),
    lastSearched(reading, ...below(projectId, before), SEARCHED_JOBS - 1),
  ]);
  const ids = found.map(({ id }) => id);
  if (ids.length > slice.limit) return { ids: ids.slice(0, slice.limit), further: ids[slice.limit - 1]! };
  return { ids, further: last?.id ?? null };
}

const namedStatements: ReturnType<typeof statement<{ id: number }>>[] = [];

function namedStatement(scopes: number) {
  const inScope = scopes === 0 ? '' : `and status in (${Array(scopes).fill('?').join(', ')})`;
  namedStatements[scopes] ??= statement<{ id: number }>(`
    select id from (
      select id, name, status from jobs where type = 'build' and ${belowIn('project_id')}
      order by project_id desc, id desc limit ?
    ) newest
    where lower(name) like ? escape '\\' ${inScope}
    order by id desc limit ?`);
  return namedStatements[scopes];
}

const lastSearched = statement<{ id: number }>(
  `select id from jobs where type = 'build' and ${belowIn('project_id')}
   order by project_id desc, id desc limit 1 offset ?`,
);

/** Which jobs of a pipeline are listed. */
export interface PipelineJobs {
  type: 'build' | 'bridge';
  /** Also attempts that a newer one replaced. */
  retried: boolean;
  statuses: readonly string[];
}

/** Ids of a pipeline's jobs or bridges, newest first (jobs-api 4.2, 4.3), and how many there are in all. */
export async function pipelineJobIds(
  reading: Reading,
  pipelineId: number,
  which: PipelineJobs,
  slice: Slice,
): Promise<{ ids: number[]; total: number }> {
  const statuses = [...new Set(which.statuses)];
  const { page, count } = pipelineStatements(which.retried, statuses.length);
  const { limit, offset } = slice;
  const parameters = [pipelineId, which.type, ...statuses];
  const part = [...parameters, offset + limit];
  const [rows, [counted]] = await Promise.all([
    page(reading, ...part, ...(which.retried ? part : []), limit, offset),
    count(reading, ...parameters),
  ]);
  return { ids: rows.map((row) => row.id), total: Number(counted?.total) };
}

interface PipelineStatements {
  page: ReturnType<typeof statement<{ id: number }>>;
  count: ReturnType<typeof statement<{ total: number }>>;
}

const byScopes = { all: [] as PipelineStatements[], latest: [] as PipelineStatements[] };

function pipelineStatements(retried: boolean, scopes: number): PipelineStatements {
  const latest = retried ? '' : 'and retried = 0';
  const inScope = scopes === 0 ? '' : `and status in (${Array(scopes).fill('?').join(', ')})`;
  const from = 'from jobs where pipeline_id = ? and type = ?';
  // Fenced as `db/README.md` says.
  const part = (
    flag: 0 | 1,
  ) => `select * from (select id ${from} and retried between ${flag} and ${flag} ${inScope}
    order by retried desc, id desc limit ?) t`;
  const parts = retried ? `${part(0)} union all ${part(1)}` : part(0);
  const known = byScopes[retried ? 'all' : 'latest'];
  known[scopes] ??= {
    page: statement(`select id from (${parts}) ids order by id desc limit ? offset ?`),
    count: statement(`select count(*) as total ${from} ${latest} ${inScope}`),
  };
  return known[scopes]!;
}
