import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';

const pending = statement<{ id: number }>(`
  select id from jobs where type = 'bridge' and status = 'pending'
    and not exists (select 1 from pipelines where source_job_id = jobs.id)
  order by id limit ?`);

/** Bridges whose downstream pipeline is to be made; one that mirrors a pending pipeline has made its. */
export async function selectPendingBridges(reading: Reading, limit: number): Promise<number[]> {
  return (await pending(reading, limit)).map(({ id }) => id);
}

const downstream = statement<{ id: number; status: string }>(
  'select id, status from pipelines where source_job_id = ? order by id',
);

/** The pipelines that a bridge made: none or one, and in the transaction that makes another perhaps two. */
export function selectDownstream(
  reading: Reading,
  bridgeId: number,
): Promise<{ id: number; status: string }[]> {
  return downstream(reading, bridgeId);
}

/** A pipeline above another, itself included. */
export interface Ancestor {
  id: number;
  projectId: number;
  ref: string;
  source: string;
}

const ancestors = statement<{ id: number; project_id: number; ref: string; source: string }>(`
  with recursive up (id, project_id, ref, source, parent) as (
    select id, project_id, ref, source, source_pipeline_id from pipelines where id = ?
    union
    select p.id, p.project_id, p.ref, p.source, p.source_pipeline_id from pipelines p join up on p.id = up.parent
  )
  select id, project_id, ref, source from up`);

/** The pipeline and all above it. */
export async function selectAncestors(reading: Reading, pipelineId: number): Promise<Ancestor[]> {
  const rows = await ancestors(reading, pipelineId);
  return rows.map(({ id, project_id, ref, source }) => ({ id, projectId: project_id, ref, source }));
}

const family = statement<{ count: number }>(`
  with recursive down (id) as (
    select id from pipelines where id = ?
    union
    select p.id from pipelines p join down on p.source_pipeline_id = down.id
  )
  select count(*) as count from down`);

/** How many pipelines hang together below the topmost one. */
export async function countFamily(reading: Reading, topmostId: number): Promise<number> {
  return Number((await family(reading, topmostId))[0]?.count ?? 0);
}
