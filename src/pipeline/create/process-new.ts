import { branchHead, tagCommit, writePipelineRef } from '../../git/refs.ts';
import { advance } from '../advance.ts';
import { cancelRedundantPipelines } from '../auto-cancel.ts';
import type { CreateDeps } from './creation.ts';
import { selectUnprocessed, takeUnprocessed } from './queries/pipelines.ts';

/**
 * Sets a stored pipeline going: writes `refs/pipelines/<id>`, then cancels what it makes redundant and gives its first
 * jobs to the queue.
 *
 * The order is the point. A runner's fetch fails without the ref, so the ref must be there before any job can be handed
 * out; the ref needs the pipeline's id, so the pipeline is stored before; and git is not called inside a transaction. So
 * there are two transactions with the ref between them. The first leaves `unprocessed` set and every job `created`, where
 * no runner sees them; the second clears it. A process killed between the two leaves a marked pipeline, and the duty for
 * those calls this again: writing the ref twice changes nothing, and only one call takes the mark.
 */
export async function processNewPipeline(
  { db, repositories }: Pick<CreateDeps, 'db' | 'repositories'>,
  pipelineId: number,
  now: number,
): Promise<void> {
  const pipeline = await selectUnprocessed(db.read, pipelineId);
  if (pipeline === null) return;
  await writePipelineRef(repositories, pipeline.projectId, pipelineId, pipeline.sha);
  const head = await headOf(repositories, pipeline);
  await db.transaction(async (tx) => {
    if (!(await takeUnprocessed(tx, pipelineId))) return;
    await cancelRedundantPipelines(tx, pipelineId, head, now);
    await advance(tx, pipelineId, now);
  });
}

/** The commit that the pipeline's branch or tag is at now; null when it is gone. */
function headOf(
  repositories: CreateDeps['repositories'],
  { projectId, ref, tag }: { projectId: number; ref: string; tag: boolean },
): Promise<string | null> {
  return tag ? tagCommit(repositories, projectId, ref) : branchHead(repositories, projectId, ref);
}
