import { gathered } from '../../db/gathered.ts';
import { listStatement } from '../../db/list-statement.ts';
import type { Reading } from '../../db/transaction.ts';

const ages = listStatement<{ id: number; created_at: number; setting: string | null }>(`
  select id, created_at, (select value from instance_settings where name = 'archive_builds_in_human_readable') as setting
  from pipelines where id in (list)`);
const age = gathered(async (reading, pipelineIds: readonly number[]) => {
  const rows = await ages(reading, [], pipelineIds);
  return new Map(rows.map((row) => [row.id, row]));
});

/** When a pipeline was made (milliseconds), and the instance's archive age as JSON; null when there is no such pipeline. */
export async function selectAge(
  reading: Reading,
  pipelineId: number,
): Promise<{ createdAt: number; setting: string | null } | null> {
  const row = await age(reading, pipelineId);
  return row === undefined ? null : { createdAt: row.created_at, setting: row.setting };
}
