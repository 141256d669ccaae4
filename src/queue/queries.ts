import { gathered } from '../db/gathered.ts';
import { insertRows } from '../db/insert-rows.ts';
import { listStatement } from '../db/list-statement.ts';
import { statement } from '../db/statement.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import { INSTANCE } from './match.ts';

/** On PostgreSQL a row that somebody else holds is left to them; on SQLite there is nobody else inside a transaction. */
const skipLocked = (c: Reading['capabilities']) => (c.rowLocks ? 'for update skip locked' : '');

/** A lane as one scope offers it. */
export interface Offer {
  scope: string;
  kind: string;
  laneId: number;
  projectId: number;
  running: number;
  /** Its first job ids, ascending, as many as were asked for; those that others hold are among them. */
  entries: number[];
}

interface OfferRow {
  scope: string;
  kind: string;
  lane_id: number;
  project_id: number;
  running: number;
  entries?: string | null;
}

/*
 * Walks from kind to kind through the index instead of over all lanes: what it costs grows with the number of kinds
 * that wait in the scopes now (a handful), not with jobs or projects. How many entries stands in the text: PostgreSQL would
 * plan anew for each number.
 */
const offersStatement = (scopes: number, entries: number) =>
  statement<OfferRow>(`
    with recursive scopes (scope) as (values ${Array(scopes).fill('(?)').join(', ')}),
    kinds (scope, kind) as (
      select s.scope, (select min(o.kind) from queue_offers o where o.scope = s.scope) from scopes s
      union all
      select k.scope, (select min(o.kind) from queue_offers o where o.scope = k.scope and o.kind > k.kind)
      from kinds k where k.kind is not null
    )
    select k.scope, k.kind, o.lane_id, l.project_id, o.running${entries > 0 ? `, ${entriesText(entries)}` : ''}
    from kinds k join queue_offers o on o.scope = k.scope and o.lane_id in (
      select b.lane_id from queue_offers b
      where b.scope = k.scope and b.kind = k.kind order by b.running, b.head_job_id limit ?
    ) join queue_lanes l on l.id = o.lane_id`);

/** The first entries of a lane, fenced as `db/README.md` says: they may be the newest of all that wait. */
export const entriesOf = (lane: string, count: number) =>
  `select job_id from queue_entries where lane_id between ${lane} and ${lane} order by lane_id, job_id limit ${count}`;

/* One text a lane: a row for each entry would cost more than all else. */
const entriesText = (count: number) => `(
      select string_agg(cast(f.job_id as text), ' ') from (${entriesOf('o.lane_id', count)}) f
    ) as entries`;

const offersStatements = new Map<string, ReturnType<typeof offersStatement>>();

/**
 * For each kind that waits in each of the scopes, its first lanes by fair share and job id, up to `lanes` of them, each with
 * up to `entries` of its first entries, a power of two or none.
 */
export async function firstOffers(
  reading: Reading,
  scopes: readonly string[],
  { lanes, entries }: { lanes: number; entries: number } = { lanes: 1, entries: 0 },
): Promise<Offer[]> {
  if (scopes.length === 0) return [];
  // A power of two, the last one repeated, so that the texts stay few.
  const size = 2 ** Math.ceil(Math.log2(scopes.length));
  const padded = [...scopes, ...Array<string>(size - scopes.length).fill(scopes.at(-1)!)];
  const key = `${size} ${entries}`;
  let run = offersStatements.get(key);
  if (run === undefined) {
    run = offersStatement(size, entries);
    offersStatements.set(key, run);
  }
  return (await run(reading, ...padded, lanes)).map(offerOf);
}

function offerOf({ scope, kind, lane_id, project_id, running, entries }: OfferRow): Offer {
  const jobIds = entries ? entries.split(' ').map(Number) : [];
  // Neither engine promises the order in which it puts a text together.
  return {
    scope,
    kind,
    laneId: lane_id,
    projectId: project_id,
    running,
    entries: jobIds.sort((a, b) => a - b),
  };
}

const countWaiting = statement<{ count: number }>(`
  select count(*) as count from (
    select 1 from queue_offers o join queue_entries e on e.lane_id = o.lane_id
    where o.scope = ? and o.kind = ? limit ?
  ) waiting`);

/** How many jobs of a kind wait in a scope, counted up to `limit`. */
export async function waitingOfKind(
  reading: Reading,
  scope: string,
  kind: string,
  limit: number,
): Promise<number> {
  return (await countWaiting(reading, scope, kind, limit))[0]?.count ?? 0;
}

/** A waiting job as runners of these scopes see it; null when it does not wait there. */
export async function entryOf(
  reading: Reading,
  jobId: number,
  scopes: readonly string[],
): Promise<{ kind: string; running: number } | null> {
  if (scopes.length === 0) return null;
  const row = await reading.sql
    .selectFrom('queue_entries as e')
    .innerJoin('queue_offers as o', 'o.lane_id', 'e.lane_id')
    .select(['o.kind', 'o.running'])
    .where('e.job_id', '=', jobId)
    .where('o.scope', 'in', scopes)
    .executeTakeFirst();
  return row ?? null;
}

/** How many jobs of these kinds runners of these scopes take before a job, by fair share and id, counted up to `limit`. */
export async function waitingBefore(
  reading: Reading,
  before: { scopes: readonly string[]; kinds: readonly string[]; running: number; jobId: number },
  limit: number,
): Promise<number> {
  const { scopes, kinds, running, jobId } = before;
  const rows = await reading.sql
    .selectFrom('queue_offers as o')
    .innerJoin('queue_entries as e', 'e.lane_id', 'o.lane_id')
    .select('e.job_id')
    .distinct()
    .where('o.scope', 'in', scopes)
    .where('o.kind', 'in', kinds)
    .where((eb) =>
      eb.or([
        eb('o.running', '<', running),
        eb.and([eb('o.running', '=', running), eb('e.job_id', '<', jobId)]),
      ]),
    )
    .limit(limit)
    .execute();
  return rows.length;
}

const firstEntry = statement<{ job_id: number }>(entriesOf('?', 1));

/** Lowest job id of a lane, or null for an empty one. */
export async function headOfLane(reading: Reading, laneId: number): Promise<number | null> {
  return (await firstEntry(reading, laneId, laneId))[0]?.job_id ?? null;
}

const findLane = statement<{ id: number; scopes: string }>(
  (c) =>
    `select id, scopes from queue_lanes where project_id = ? and kind = ? ${c.rowLocks ? 'for key share' : ''}`,
);
const insertLane = statement<{ id: number }>(
  `insert into queue_lanes (project_id, kind, scopes) values (?, ?, ?)
   on conflict (project_id, kind) do nothing returning id`,
);

/** A lane with the scopes that offer it, as JSON text, kept from being deleted until the transaction ends. */
export async function laneOf(
  tx: Tx,
  projectId: number,
  kind: string,
): Promise<{ id: number; scopes: string } | null> {
  return (await findLane(tx, projectId, kind))[0] ?? null;
}

/** The id of a new lane, or null when another transaction made it first. */
export async function createLane(
  tx: Tx,
  projectId: number,
  kind: string,
  scopes: string,
): Promise<number | null> {
  return (await insertLane(tx, projectId, kind, scopes))[0]?.id ?? null;
}

const insertOffer = statement(
  'insert into queue_offers (lane_id, scope, kind, running, head_job_id) values (?, ?, ?, ?, ?)',
);
const deleteOffers = statement('delete from queue_offers where lane_id = ?');
const updateScopes = statement('update queue_lanes set scopes = ? where id = ?');

/** Offers a lane in these scopes and no others. `running` counts in the instance scope only. */
export async function offerLane(
  tx: Tx,
  lane: { id: number; kind: string; scopes: readonly string[]; running: number; headJobId: number },
): Promise<void> {
  for (const scope of lane.scopes) {
    await insertOffer(tx, lane.id, scope, lane.kind, scope === INSTANCE ? lane.running : 0, lane.headJobId);
  }
}

/** Takes a lane's offers back and remembers its new scopes. */
export async function withdrawOffers(tx: Tx, laneId: number, scopes: string): Promise<void> {
  await deleteOffers(tx, laneId);
  await updateScopes(tx, scopes, laneId);
}

const lowerHeadStatement = statement(
  (c) => `
  update queue_offers set head_job_id = ? where (lane_id, scope) in (
    select lane_id, scope from queue_offers where lane_id = ? and head_job_id > ? ${skipLocked(c)}
  )`,
);

/** A job with a lower id than all that wait (a manual job of an old pipeline) leads its lane. */
export async function lowerHead(tx: Tx, laneId: number, jobId: number): Promise<void> {
  await lowerHeadStatement(tx, jobId, laneId, jobId);
}

const insertEntries = insertRows(
  'queue_entries',
  ['job_id', 'lane_id', 'queued_at'],
  'on conflict (job_id) do nothing',
);

/** Adds waiting jobs, each with its lane and since when it waits; a job that waits already stays where it is. */
export async function addEntries(
  tx: Tx,
  entries: readonly (readonly [jobId: number, laneId: number, queuedAt: number])[],
): Promise<void> {
  await insertEntries(tx, entries);
}

const deleteEntries = listStatement<{ lane_id: number }>(
  (c) => `
  delete from queue_entries where job_id in (
    select job_id from queue_entries where job_id in (list) ${skipLocked(c)}
  ) returning lane_id`,
);

/**
 * Removes waiting jobs and tells their lanes. One that a claim holds is left to it: the claim will find that the job is no
 * longer pending. Waiting for it instead would be a deadlock, as it waits for the pipeline.
 */
export async function removeEntries(tx: Tx, jobIds: readonly number[]): Promise<Set<number>> {
  const rows = await deleteEntries(tx, [], jobIds);
  return new Set(rows.map((row) => row.lane_id));
}

const lanesStatement = statement<{ id: number; kind: string; scopes: string }>(
  'select id, kind, scopes from queue_lanes where project_id = ?',
);

/** Lanes of a project. */
export function lanesOfProject(
  reading: Reading,
  projectId: number,
): Promise<{ id: number; kind: string; scopes: string }[]> {
  return lanesStatement(reading, projectId);
}

const insertVersion = statement(
  'insert into queue_versions (scope, version) values (?, ?) on conflict (scope) do nothing',
);
const updateVersion = statement(
  (c) => `
  update queue_versions set version = ? where scope ${
    c.rowLocks ? `in (select scope from queue_versions where scope = ? ${skipLocked(c)})` : '= ?'
  }`,
);

/** Gives a scope a new version. On PostgreSQL a scope that another transaction is changing right now is left to it. */
export async function setVersion(tx: Tx, scope: string, version: string): Promise<void> {
  await insertVersion(tx, scope, version);
  await updateVersion(tx, version, scope);
}

const versions = listStatement<{ scope: string; version: string }>(
  'select scope, version from queue_versions where scope in (list)',
);

/** The version of a scope; undefined when it was never ticked. */
export const versionOf = gathered(async (reading, scopes: readonly string[]) => {
  const rows = await versions(reading, [], scopes);
  return new Map(rows.map(({ scope, version }) => [scope, version]));
});
