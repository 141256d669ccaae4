import { gathered } from '../../db/gathered.ts';
import { rowsStatement } from '../../db/list-statement.ts';
import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';

/* The stages are few and tell first whether there is anything to look for. */
const earlierStage = rowsStatement<{ pipeline_id: number; stage_index: number }>(
  `select p.column1 as pipeline_id, p.column2 as stage_index from (rows) p
   where exists (select 1 from stages s where s.pipeline_id = p.column1 and s.position < p.column2)`,
  ['bigint', 'bigint'],
);
const hasEarlierStage = gathered(async (reading, places: readonly string[]) => {
  const rows = await earlierStage(
    reading,
    [],
    places.map((place) => place.split(' ').map(Number)),
  );
  return new Map(rows.map((row) => [`${row.pipeline_id} ${row.stage_index}`, true]));
});
const earlier = statement<{ id: number }>(
  "select id from jobs where pipeline_id = ? and retried = 0 and type = 'build' and stage_index < ?",
);
const needed = statement<{ id: number }>(
  `select j.id from job_needs n join jobs j on j.pipeline_id = n.pipeline_id and j.name = n.name
   where n.job_id = ? and n.artifacts = 1 and j.retried = 0 and j.type = 'build'`,
);

/** Latest attempts of the builds in earlier stages. */
export async function earlierBuilds(
  reading: Reading,
  pipelineId: number,
  stageIndex: number,
): Promise<number[]> {
  if (!(await hasEarlierStage(reading, `${pipelineId} ${stageIndex}`))) return [];
  return (await earlier(reading, pipelineId, stageIndex)).map(({ id }) => id);
}

/** Latest attempts of the builds that a job needs with their artifacts. */
export async function neededBuilds(reading: Reading, jobId: number): Promise<number[]> {
  return (await needed(reading, jobId)).map(({ id }) => id);
}

const inFamily = statement<{ id: number }>(`
  with recursive up (id, parent) as (
    select id, source_pipeline_id from pipelines where id = ?
    union all
    select p.id, p.source_pipeline_id from pipelines p join up on p.id = up.parent
  ),
  other_up (id, parent) as (
    select id, source_pipeline_id from pipelines where id = ? and project_id = ?
    union all
    select p.id, p.source_pipeline_id from pipelines p join other_up on p.id = other_up.parent
  )
  select j.id from jobs j where j.pipeline_id = ? and j.name = ? and j.retried = 0 and j.type = 'build'
    and j.status = 'success'
    and exists (select 1 from up join other_up on other_up.id = up.id)`);

/** A job that succeeded in another pipeline of the same project and family (parent, child, siblings), or null. */
export async function buildInFamily(
  reading: Reading,
  own: { pipelineId: number; projectId: number },
  other: { pipelineId: number; name: string },
): Promise<number | null> {
  const [row] = await inFamily(
    reading,
    own.pipelineId,
    other.pipelineId,
    own.projectId,
    other.pipelineId,
    other.name,
  );
  return row?.id ?? null;
}

/* The newest successes alone are looked at: history is long, and who asks for what never was would read all of it. */
const newest = statement<{ id: number }>(`
  select id from (
    select id, name, ref, retried from jobs where project_id = ? and type = 'build'
      and status between 'success' and 'success' order by status desc, id desc limit 10000
  ) recent where name = ? and ref = ? and retried = 0 order by id desc limit 1`);

/** The newest latest attempt of a project's job that succeeded on a ref, or null. */
export async function newestSuccess(
  reading: Reading,
  projectId: number,
  { name, ref }: { name: string; ref: string },
): Promise<number | null> {
  return (await newest(reading, projectId, name, ref))[0]?.id ?? null;
}
