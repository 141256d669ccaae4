import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';
import type { QueueEntry } from '../../queue/enqueue.ts';

type Place = Pick<QueueEntry, 'projectId' | 'groupIds' | 'instanceRunners' | 'groupRunners'>;

const place = statement<{
  shared_runners_enabled: number;
  group_runners_enabled: number;
  group_id: number | null;
}>(`
  with recursive up (id, parent_id, kind, depth) as (
    select n.id, n.parent_id, n.kind, 0 from namespaces n join projects p on p.namespace_id = n.id where p.id = ?
    union all
    select n.id, n.parent_id, n.kind, up.depth + 1 from namespaces n join up on n.id = up.parent_id
  )
  select p.shared_runners_enabled, p.group_runners_enabled, up.id as group_id
  from projects p left join up on up.kind = 'group' where p.id = ? order by up.depth desc`);

/** Where jobs of a project wait and which runners it lets in; null when the project is gone. */
export async function queuePlace(reading: Reading, projectId: number): Promise<Place | null> {
  const rows = await place(reading, projectId, projectId);
  const [first] = rows;
  if (first === undefined) return null;
  return {
    projectId,
    groupIds: rows.flatMap((row) => (row.group_id === null ? [] : [row.group_id])),
    instanceRunners: first.shared_runners_enabled === 1,
    groupRunners: first.group_runners_enabled === 1,
  };
}
