import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

const children = statement<{ id: number }>(
  "select id from pipelines where source_pipeline_id = ? and source = 'parent_pipeline' order by id",
);

/** Child pipelines: made by a bridge of this one, in the same project. */
export async function childPipelines(reading: Reading, pipelineId: number): Promise<number[]> {
  return (await children(reading, pipelineId)).map(({ id }) => id);
}

const autoCanceled = statement('update pipelines set auto_canceled_by_id = ? where id = ?');

export async function noteAutoCancel(tx: Tx, pipelineId: number, byId: number): Promise<void> {
  await autoCanceled(tx, byId, pipelineId);
}

/** A pipeline that a newer one on its ref may make redundant (ci-yaml 24). */
export interface RedundantCandidate {
  id: number;
  onNewCommit: 'conservative' | 'interruptible' | 'none';
}

const redundant = statement<{ id: number; auto_cancel_on_new_commit: string }>(`
  select id, auto_cancel_on_new_commit from pipelines
  where project_id = ? and ref = ? and tag = ? and id < ? and sha not in (?, ?) and created_at > ?
    and status in ('created', 'waiting_for_resource', 'preparing', 'waiting_for_callback', 'pending', 'running', 'scheduled')
  order by id`);

/** Older unfinished pipelines of the same ref, of another commit and not of `head`, made after `since` (milliseconds). */
export async function selectRedundant(
  reading: Reading,
  newer: { id: number; projectId: number; ref: string; tag: boolean; sha: string },
  head: string,
  since: number,
): Promise<RedundantCandidate[]> {
  const { id, projectId, ref, tag, sha } = newer;
  const rows = await redundant(reading, projectId, ref, Number(tag), id, sha, head, since);
  return rows.map((row) => ({
    id: row.id,
    onNewCommit: row.auto_cancel_on_new_commit as RedundantCandidate['onNewCommit'],
  }));
}

const origin = statement<{
  id: number;
  project_id: number;
  ref: string;
  tag: number;
  sha: string;
  source: string;
  auto_cancel_pending_pipelines: number;
}>(`
  select pipelines.id, pipelines.project_id, pipelines.ref, pipelines.tag, pipelines.sha, pipelines.source,
    projects.auto_cancel_pending_pipelines
  from pipelines join projects on projects.id = pipelines.project_id where pipelines.id = ?`);

/** What decides whether a new pipeline cancels older ones. */
export async function selectOrigin(reading: Reading, pipelineId: number) {
  const [row] = await origin(reading, pipelineId);
  if (row === undefined) return null;
  return {
    id: row.id,
    projectId: row.project_id,
    ref: row.ref,
    tag: row.tag === 1,
    sha: row.sha,
    source: row.source,
    autoCancel: row.auto_cancel_pending_pipelines === 1,
  };
}

const startedUninterruptible = statement<{ id: number }>(`
  select id from jobs where pipeline_id = ? and retried = 0 and interruptible = 0
    and status in ('running', 'success', 'failed') limit 1`);

/** Whether a job that must not be interrupted has started. */
export async function hasStartedUninterruptible(reading: Reading, pipelineId: number): Promise<boolean> {
  return (await startedUninterruptible(reading, pipelineId)).length > 0;
}

const interruptible = statement<{ id: number }>(
  'select id from jobs where pipeline_id = ? and retried = 0 and interruptible = 1',
);

export async function interruptibleJobs(reading: Reading, pipelineId: number): Promise<Set<number>> {
  return new Set((await interruptible(reading, pipelineId)).map(({ id }) => id));
}

const unprocessed = statement<{ id: number; unprocessed: number }>(
  'select id, unprocessed from pipelines where unprocessed > 0 and (unprocessed = 2 or updated_at <= ?) order by id limit ?',
);

/** Pipelines that were made before `before` (milliseconds) and wait to be set going, and those to be gone on with. */
export async function selectUnprocessed(
  reading: Reading,
  before: number,
  limit: number,
): Promise<{ id: number; isNew: boolean }[]> {
  const rows = await unprocessed(reading, before, limit);
  return rows.map((row) => ({ id: row.id, isNew: row.unprocessed === 1 }));
}

const newest = statement<{ id: number }>(
  `select id from pipelines where project_id = ? and id > ? and ref = ? and tag = ? and source <> 'parent_pipeline'
   order by id desc limit 1`,
);

/** The newest pipeline of a ref if there is one newer than this; null when this one is the newest. */
export async function selectNewer(
  reading: Reading,
  { id, projectId, ref, tag }: { id: number; projectId: number; ref: string; tag: boolean },
): Promise<number | null> {
  return (await newest(reading, projectId, id, ref, Number(tag)))[0]?.id ?? null;
}

const rename = statement('update pipelines set name = ?, updated_at = ? where id = ?');

export async function setName(tx: Tx, pipelineId: number, name: string, now: number): Promise<void> {
  await rename(tx, name, now, pipelineId);
}
