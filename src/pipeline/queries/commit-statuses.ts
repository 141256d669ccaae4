import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

const open = statement<{ id: number }>(
  `select id from jobs where pipeline_id = ? and name = ? and type = 'external' and retried = 0 and user_id = ?
   and status in ('pending', 'running') order by id desc limit 1`,
);
const retire = statement(
  "update jobs set retried = 1, updated_at = ? where pipeline_id = ? and name = ? and type = 'external' and retried = 0",
);
const stage = statement<{ id: number }>('select id from stages where pipeline_id = ? and position = ?');
const texts = statement(
  `insert into commit_statuses (job_id, target_url, description) values (?, ?, ?)
   on conflict (job_id) do update set target_url = coalesce(excluded.target_url, commit_statuses.target_url),
     description = coalesce(excluded.description, commit_statuses.description)`,
);
const newest = statement<{ id: number }>(
  `select id from pipelines where project_id = ? and sha between ? and ? and source <> 'parent_pipeline'
   order by sha desc, id desc limit 1`,
);
const newestOfRef = statement<{ id: number }>(
  `select id from pipelines where project_id = ? and sha between ? and ? and ref || '' = ? and source <> 'parent_pipeline'
   order by sha desc, id desc limit 1`,
);

/** The status that this user reported under this name and that has not ended, or null. */
export async function selectOpenStatus(
  reading: Reading,
  pipelineId: number,
  name: string,
  userId: number,
): Promise<number | null> {
  const [row] = await open(reading, pipelineId, name, userId);
  return row?.id ?? null;
}

/** A newer status takes the place of those reported under its name. */
export async function retireStatuses(tx: Tx, pipelineId: number, name: string, now: number): Promise<void> {
  await retire(tx, now, pipelineId, name);
}

export async function selectStage(
  reading: Reading,
  pipelineId: number,
  position: number,
): Promise<number | null> {
  const [row] = await stage(reading, pipelineId, position);
  return row?.id ?? null;
}

/** Keeps what was reported beside the state; null leaves what is there. */
export async function storeTexts(
  tx: Tx,
  jobId: number,
  { targetUrl, description }: { targetUrl: string | null; description: string | null },
): Promise<void> {
  await texts(tx, jobId, targetUrl, description);
}

/** The newest pipeline of a commit, on one ref or on any; child pipelines left out. */
export async function selectNewestPipeline(
  reading: Reading,
  projectId: number,
  sha: string,
  ref: string | null,
): Promise<number | null> {
  const [row] =
    ref === null
      ? await newest(reading, projectId, sha, sha)
      : await newestOfRef(reading, projectId, sha, sha, ref);
  return row?.id ?? null;
}
