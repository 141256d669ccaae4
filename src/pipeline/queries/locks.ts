import { statement } from '../../db/statement.ts';
import type { Reading, Tx } from '../../db/transaction.ts';
import { marks, paddedLists } from './in-list.ts';

/** What decides whose artifacts a successful pipeline keeps. */
export interface KeepFacts {
  projectId: number;
  ref: string;
  tag: boolean;
  source: string;
  /** The project keeps the artifacts of the latest successful pipeline of each ref. */
  keepsLatest: boolean;
  /** Whether the pipeline above this one is kept. */
  parentLocked: boolean;
}

const facts = statement<{
  project_id: number;
  ref: string;
  tag: number;
  source: string;
  keep_latest_artifact: number;
  parent_locked: number | null;
}>(`
  select p.project_id, p.ref, p.tag, p.source, projects.keep_latest_artifact, parent.locked as parent_locked
  from pipelines p join projects on projects.id = p.project_id
  left join pipelines parent on parent.id = p.source_pipeline_id and parent.project_id = p.project_id
  where p.id = ?`);

export async function selectKeepFacts(reading: Reading, pipelineId: number): Promise<KeepFacts | null> {
  const [row] = await facts(reading, pipelineId);
  if (row === undefined) return null;
  return {
    projectId: row.project_id,
    ref: row.ref,
    tag: row.tag === 1,
    source: row.source,
    keepsLatest: row.keep_latest_artifact === 1,
    parentLocked: row.parent_locked === 1,
  };
}

const locked = statement<{ id: number; source: string }>(
  'select id, source from pipelines where project_id = ? and ref = ? and tag = ? and locked = 1 order by id',
);

/** Pipelines of a ref whose artifacts are kept, oldest first. */
export function selectLocked(reading: Reading, { projectId, ref, tag }: KeepFacts) {
  return locked(reading, projectId, ref, Number(tag));
}

const descendants = statement<{ id: number }>(`
  with recursive down (id) as (
    select id from pipelines where id = ?
    union
    select p.id from pipelines p join down on p.source_pipeline_id = down.id where p.source = 'parent_pipeline'
  )
  select id from down order by id`);

/** The pipeline and all its child pipelines. */
export async function selectWithChildren(reading: Reading, pipelineId: number): Promise<number[]> {
  return (await descendants(reading, pipelineId)).map(({ id }) => id);
}

const updates = new Map<number, ReturnType<typeof statement>>();

export async function setLocked(tx: Tx, pipelineIds: readonly number[], value: boolean): Promise<void> {
  for (const { padded } of paddedLists(pipelineIds)) {
    let update = updates.get(padded.length);
    if (update === undefined) {
      update = statement(`update pipelines set locked = ? where id in (${marks(padded.length)})`);
      updates.set(padded.length, update);
    }
    await update(tx, Number(value), ...padded);
  }
}
