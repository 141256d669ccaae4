import { definitionById } from '../job-definition.ts';
import { resetSkippedAfter } from '../process.ts';
import { selectJob } from '../queries/job-rows.ts';
import { COMPLETED, type Status } from '../status.ts';
import { openPipeline, type PipelineSession } from './session.ts';

/**
 * A downstream pipeline has another status than `before`: the bridge that waits for it follows (ci-yaml 12.5). One that is
 * over, as it followed to the end or was cancelled, follows again only when the pipeline itself was over and is taken up.
 * Gives the session of the bridge's pipeline, which is yet to be saved, or null when no bridge follows.
 */
export async function mirrorInParent(
  downstream: PipelineSession,
  before: Status,
): Promise<PipelineSession | null> {
  const { tx, facts } = downstream;
  const bridge = facts.sourceJobId === null ? null : await selectJob(tx, facts.sourceJobId);
  if (bridge?.type !== 'bridge' || bridge.retried) return null;
  const definition = await definitionById(tx, bridge.definitionId);
  const strategy = definition.type === 'bridge' ? (definition.trigger?.strategy ?? null) : null;
  const session = await openPipeline(tx, bridge.pipelineId);
  if (strategy === null || !session?.state.has(bridge.id)) return null;
  const node = session.state.job(bridge.id);
  const target = bridgeStatus(strategy, facts.status);
  if (target === node.status || node.status === 'created') return null;
  const again = COMPLETED.has(node.status);
  if (again && (!COMPLETED.has(before) || COMPLETED.has(target))) return null;
  session.state.set(node, target);
  if (again) {
    session.patches.set(node.id, { finishedAt: null });
    resetSkippedAfter(session.state, node);
  }
  return session;
}

/** What a bridge shows for the status of its downstream pipeline (ci-yaml 12.5). */
export function bridgeStatus(strategy: 'depend' | 'mirror', downstream: Status): Status {
  if (downstream === 'created') return 'running';
  if (strategy === 'mirror') return downstream;
  if (downstream === 'skipped') return 'failed';
  return COMPLETED.has(downstream) ? downstream : 'running';
}
