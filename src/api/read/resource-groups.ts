import { sql } from 'kysely';
import type { Reading } from '../../db/transaction.ts';
import type { ResourceGroup } from '../../pipeline/resource-group.ts';

const UPCOMING = ['created', 'scheduled', 'waiting_for_resource'].map((status) => sql.lit(status));

/** One page of the jobs that would like a group's slot, in the order in which its mode serves them (ci-yaml 25), and how many. */
export async function upcomingJobIds(
  reading: Reading,
  group: ResourceGroup,
  slice: { limit: number; offset: number },
): Promise<{ ids: number[]; total: number }> {
  const { processMode } = group;
  const onlyReady = processMode === 'unordered' || processMode === 'newest_ready_first';
  const newestFirst = processMode === 'newest_first' || processMode === 'newest_ready_first';
  const query = reading.sql
    .selectFrom('jobs')
    .where('resource_group_id', '=', group.id)
    .where('retried', '=', 0)
    .where('pipeline_id', 'in', (eb) =>
      eb.selectFrom('pipelines').select('id').whereRef('pipelines.id', '=', 'jobs.pipeline_id'),
    )
    // Written out: the index is of these.
    .where('status', 'in', UPCOMING)
    .$if(onlyReady, (ready) => ready.where('status', '=', 'waiting_for_resource'));
  const rows = await query
    .select('id')
    .orderBy('pipeline_id', newestFirst ? 'desc' : 'asc')
    .orderBy('id')
    .limit(slice.limit)
    .offset(slice.offset)
    .execute();
  const { total } = await query
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { ids: rows.map(({ id }) => id), total: Number(total) };
}
