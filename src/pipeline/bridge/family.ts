import type { Reading } from '../../db/transaction.ts';
import type { FailureReason } from '../failure-reason.ts';
import { type Ancestor, countFamily, selectAncestors } from '../queries/bridges.ts';

/** A child of a child is the last one (ci-yaml 12.5). */
const MAX_DEPTH = 2;
const MAX_FAMILY = 1000;
/** The same project, ref and source may come again once: A makes B makes A. */
const MAX_REPEATS = 2;

/** Why a pipeline may make no further one, or null (ci-yaml 12.5). */
export async function familyLimit(
  reading: Reading,
  pipelineId: number,
  makesChild: boolean,
): Promise<FailureReason | null> {
  const ancestors = await selectAncestors(reading, pipelineId);
  const depth = ancestors.filter(({ source }) => source === 'parent_pipeline').length;
  if (makesChild && depth >= MAX_DEPTH) return 'reached_max_descendant_pipelines_depth';
  const topmost = Math.min(...ancestors.map(({ id }) => id));
  if ((await countFamily(reading, topmost)) >= MAX_FAMILY) return 'reached_max_pipeline_hierarchy_size';
  return !makesChild && goesInCircles(ancestors) ? 'pipeline_loop_detected' : null;
}

function goesInCircles(ancestors: readonly Ancestor[]): boolean {
  const counts = new Map<string, number>();
  for (const { projectId, ref, source } of ancestors) {
    if (source === 'parent_pipeline') continue;
    const key = `${projectId} ${source} ${ref}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts.values()].some((count) => count > MAX_REPEATS);
}
