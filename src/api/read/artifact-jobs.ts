import { DOWNLOADABLE } from '../../artifact/report-types.ts';
import { statement } from '../../db/statement.ts';
import type { Reading } from '../../db/transaction.ts';

const TYPES = DOWNLOADABLE.map((type) => `'${type}'`).join(', ');

/** Regular pipelines of a ref: child pipelines belong to their parents. */
const SUCCESSFUL = `from pipelines p where p.project_id = ? and p.ref = ? and p.status between 'success' and 'success'
  and p.source <> 'parent_pipeline' order by p.status desc, p.id desc`;

const inLatest = statement<{ id: number }>(`
  with recursive family (id) as (
    select id from (select p.id ${SUCCESSFUL} limit 1) newest
    union
    select c.id from pipelines c join family f on c.source_pipeline_id = f.id
      where c.project_id = ? and c.source = 'parent_pipeline'
  )
  select j.id from family f join jobs j on j.pipeline_id = f.id
  where j.name = ? and j.retried = 0 and j.type = 'build'
    and exists (select 1 from artifacts a where a.job_id = j.id and a.file_type in (${TYPES}))
  order by j.pipeline_id, j.id limit 1`);

/**
 * The job of this name whose artifacts a ref offers: in its newest successful pipeline and that one's children, the parent
 * first, whatever the job's own status (jobs-api 5.2). Null when there is none; older pipelines are not looked at.
 */
export async function artifactJobOfRef(
  reading: Reading,
  projectId: number,
  ref: string,
  name: string,
): Promise<number | null> {
  const [row] = await inLatest(reading, projectId, ref, projectId, name);
  return row?.id ?? null;
}

const inRecent = statement<{ id: number }>(`
  select j.id from (select p.id ${SUCCESSFUL} limit 100) recent join jobs j on j.pipeline_id = recent.id
  where j.name = ? and j.retried = 0 and j.type = 'build' and j.status = 'success'
    and exists (select 1 from artifacts a where a.job_id = j.id and a.file_type = 'archive')
  order by recent.id desc, j.id limit 1`);

/** The same among the newest 100 successful pipelines, a successful job with an archive only, children left out. */
export async function recentArtifactJobOfRef(
  reading: Reading,
  projectId: number,
  ref: string,
  name: string,
): Promise<number | null> {
  const [row] = await inRecent(reading, projectId, ref, name);
  return row?.id ?? null;
}
