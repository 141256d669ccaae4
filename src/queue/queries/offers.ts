import { listStatement } from '../../db/list-statement.ts';
import type { Tx } from '../../db/transaction.ts';
import { INSTANCE } from '../match.ts';
import { entriesOf } from '../queries.ts';

/*
 * What the offers of some lanes should say, written where it differs. In a project's own scope each kind has one lane, so
 * nobody asks there which lane comes first. `cross join` makes SQLite begin with the few lanes.
 */
const refresh = (column: 'id' | 'project_id') =>
  listStatement(
    (c) => `
  update queue_offers set head_job_id = now.head, running = now.running from (
    with lanes as materialized (
      select l.id, (${entriesOf('l.id', 1)}) as head,
        coalesce((select sum(n.running) from running_counts n where n.project_id = l.project_id), 0) as running
      from queue_lanes l where l.${column} in (list)
    )
    select o.lane_id, o.scope, coalesce(l.head, o.head_job_id) as head,
      case o.scope when '${INSTANCE}' then l.running else 0 end as running
    from lanes l cross join queue_offers o
    where o.lane_id = l.id and o.scope not like 'project:%'
      and (o.head_job_id <> l.head or (o.scope = '${INSTANCE}' and o.running <> l.running))
    ${c.rowLocks ? 'for update of o skip locked' : ''}
  ) now where queue_offers.lane_id = now.lane_id and queue_offers.scope = now.scope`,
  );

const refreshLanes = refresh('id');
const refreshProjects = refresh('project_id');

/**
 * Brings what offers say of lanes up to date: their first entries, and how many jobs of their projects run on instance runners. On PostgreSQL an
 * offer that somebody else holds is left to them.
 */
export async function refreshOffers(tx: Tx, laneIds: readonly number[]): Promise<void> {
  await refreshLanes(tx, [], laneIds);
}

/** The same for all lanes of some projects. */
export async function refreshOffersOfProjects(tx: Tx, projectIds: readonly number[]): Promise<void> {
  await refreshProjects(tx, [], projectIds);
}
