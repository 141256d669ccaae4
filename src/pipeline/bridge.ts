import type { Tx } from '../db/transaction.ts';
import { projectById } from '../project/project.ts';
import { saveAll } from './advance.ts';
import type { ArtifactDeps } from './bridge/artifact.ts';
import { requestOf } from './bridge/request.ts';
import { createPipeline } from './create.ts';
import type { FailureReason } from './failure-reason.ts';
import { applyEvent, lockJob } from './job.ts';
import { definitionById } from './job-definition.ts';
import { selectDownstream, selectPendingBridges } from './queries/bridges.ts';
import { selectJob } from './queries/job-rows.ts';

export interface BridgeDeps extends ArtifactDeps {
  /** External base URL without trailing slash, for CI_SERVER_URL and its like. */
  serverUrl: string;
}

/** The bridge needs no pipeline any more: somebody cancelled it, or another process made one. */
class BridgeGone extends Error {}

/**
 * A bridge whose turn has come makes its downstream pipeline (ci-yaml 12.5). The pipeline is stored and the bridge moved on in
 * one transaction, so that however often this is called, and by whomever, there is one downstream pipeline. A bridge that
 * is not pending, or has its pipeline, is left alone. `now` in milliseconds.
 */
export async function startDownstream(deps: BridgeDeps, bridgeId: number, now: number): Promise<void> {
  const { db } = deps;
  const job = await selectJob(db.read, bridgeId);
  if (job?.type !== 'bridge' || job.status !== 'pending') return;
  if ((await selectDownstream(db.read, bridgeId)).length > 0) return;
  const definition = await definitionById(db.read, job.definitionId);
  const project = await projectById(db.read, job.projectId);
  if (definition.type !== 'bridge' || project === null) throw new Error(`job ${bridgeId} is no bridge`);
  const asked = await requestOf(deps, { job, definition, project, serverUrl: deps.serverUrl }, now);
  if (!asked.ok) return fail(deps, bridgeId, asked.reason, now);
  const waits = (definition.trigger?.strategy ?? null) !== null;
  const settle = (tx: Tx) => moveOn(tx, bridgeId, waits, now);
  try {
    const result = await createPipeline(deps, { ...asked.request, settle }, now);
    if (result.kind === 'refused') await fail(deps, bridgeId, 'downstream_pipeline_creation_failed', now);
  } catch (error) {
    if (!(error instanceof BridgeGone)) throw error;
  }
}

/** Makes the downstream pipelines that are due; gives how many bridges it saw and those that could not be handled. */
export async function startPendingBridges(
  deps: BridgeDeps,
  now: number,
): Promise<{ done: number; broken: { id: number; error: unknown }[] }> {
  const broken: { id: number; error: unknown }[] = [];
  const ids = await selectPendingBridges(deps.db.read, 100);
  for (const id of ids) {
    await startDownstream(deps, id, now).catch((error: unknown) => void broken.push({ id, error }));
  }
  return { done: ids.length - broken.length, broken };
}

/** In the transaction that stores the downstream pipeline: what became of it decides how the bridge goes on. */
async function moveOn(tx: Tx, bridgeId: number, waits: boolean, now: number): Promise<void> {
  const found = await lockJob(tx, bridgeId);
  const [downstream, ...more] = await selectDownstream(tx, bridgeId);
  if (found?.job.status !== 'pending' || more.length > 0) throw new BridgeGone();
  if (downstream?.status === 'failed') {
    await applyEvent(tx, bridgeId, { type: 'drop', reason: 'downstream_pipeline_creation_failed' }, now);
  } else if (waits) {
    found.session.state.set(found.session.state.job(bridgeId), 'running');
    await saveAll(found.session, now);
  } else await applyEvent(tx, bridgeId, { type: 'success' }, now);
}

async function fail(deps: BridgeDeps, bridgeId: number, reason: FailureReason, now: number): Promise<void> {
  await deps.db.transaction((tx) => applyEvent(tx, bridgeId, { type: 'drop', reason }, now));
}
