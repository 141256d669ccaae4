import type { Tx } from '../../db/transaction.ts';
import { noteStatusChanges } from '../hook-events.ts';
import { planDeployments } from '../job/deploy.ts';
import { noteStatusEvent } from '../status-events.ts';
import { insertContent, insertNew, prepareContent } from './content-rows.ts';
import type { Creation, FailureReason, Step } from './creation.ts';
import { appear, draftLarge } from './draft.ts';
import { processNewPipeline } from './process-new.ts';
import { insertPipelineVariables, type NewPipeline } from './queries/pipelines.ts';

/** The status in which a pipeline is stored; only `created` has jobs. */
type FirstState =
  | { status: 'created' | 'skipped'; failureReason: null; yamlErrors: null }
  | { status: 'failed'; failureReason: FailureReason; yamlErrors: string | null };

/** Stores the pipeline with its jobs, then sets it going. */
export const save: Step = async (creation) => {
  const saved = await savePipeline(creation, { status: 'created', failureReason: null, yamlErrors: null });
  try {
    await processNewPipeline(creation.deps, saved.pipelineId, creation.now);
  } catch (error) {
    // It is stored and marked; the duty that looks for such pipelines tries again.
    creation.deps.logger?.error(
      { err: error, pipelineId: saved.pipelineId },
      'new pipeline not processed yet',
    );
  }
  return { kind: 'created', ...saved, warnings: creation.config!.warnings };
};

/**
 * Stores a pipeline: its commit, variables, and for a `created` one stages, jobs and needs. All of it appears in one
 * transaction; the jobs of a large one are stored before it, out of sight (`draft.ts`).
 */
export async function savePipeline(
  creation: Creation,
  state: FirstState,
): Promise<{ pipelineId: number; iid: number }> {
  const { deps, request, now } = creation;
  const encrypted = creation.variables.map(({ key, value, file = false, raw = false }) => ({
    key,
    file,
    raw,
    encryptedValue: deps.encryption.encrypt(value),
  }));
  const jobs = state.status === 'created' ? await prepareContent(creation.jobs) : [];
  const row = newPipeline(creation, state);
  const draft = await draftLarge(creation, row, jobs);
  return deps.db.transaction(async (tx) => {
    const { pipelineId, iid } = draft === null ? await insertNew(tx, creation, row) : draft;
    const jobIds = draft === null ? await insertContent(tx, creation, pipelineId, jobs) : draft.jobIds;
    if (draft !== null) await appear(tx, draft, row, now);
    // Of a repeated name nothing is kept: the pipeline failed for it.
    if (new Set(encrypted.map(({ key }) => key)).size === encrypted.length) {
      await insertPipelineVariables(tx, pipelineId, encrypted);
    }
    if (state.status === 'created') await deploy(tx, creation, pipelineId, jobIds);
    await request.settle?.(tx, pipelineId);
    await tellHooks(tx, creation, pipelineId, state);
    const { status } = state;
    await noteStatusEvent(tx, { projectId: request.project.id, pipelineId, status, jobs: [] }, now);
    tx.notify(`pipeline:${pipelineId}`);
    tx.notify(`project:${request.project.id}`);
    return { pipelineId, iid };
  });
}

/** Jobs are told of from the beginning, a pipeline once it has left its first status. */
async function tellHooks(
  tx: Tx,
  { request, now }: Creation,
  pipelineId: number,
  { status }: FirstState,
): Promise<void> {
  const pipelineMoved = status !== 'created';
  await noteStatusChanges(
    tx,
    { projectId: request.project.id, pipelineId, jobIds: 'all', pipelineMoved },
    now,
  );
}

/** The pipeline's row but for what is given when it is stored. */
export function newPipeline(
  { request, facts, autoCancel, config, name, now }: Creation,
  state: FirstState,
): Omit<NewPipeline, 'iid' | 'commitId'> {
  return {
    ...state,
    projectId: request.project.id,
    ref: facts.ref,
    tag: facts.tag,
    sha: facts.sha,
    beforeSha: facts.beforeSha,
    source: request.source,
    protected: facts.protected,
    userId: request.user.id,
    name,
    autoCancelOnNewCommit: autoCancel.onNewCommit,
    autoCancelOnJobFailure: autoCancel.onJobFailure,
    sourceJobId: request.sourceJob?.id ?? null,
    sourcePipelineId: request.sourceJob?.pipelineId ?? null,
    messages: (config?.warnings ?? []).map(({ message }) => message),
    origin: Object.keys(facts.origin).length === 0 ? null : JSON.stringify(facts.origin),
    unprocessed: state.status === 'created',
    finishedAt: state.status === 'failed' ? now : null,
  };
}

/** A deployment for each job that makes one. */
async function deploy(
  tx: Tx,
  { request, facts, jobs, now }: Creation,
  pipelineId: number,
  jobIds: ReadonlyMap<string, number>,
): Promise<void> {
  const { ref, tag, sha } = facts;
  const deploying = jobs.flatMap(({ config: { name, environment: config }, environment }) =>
    environment === null || config === null ? [] : [{ jobId: jobIds.get(name)!, name: environment, config }],
  );
  const of = { projectId: request.project.id, pipelineId, ref, tag, sha, userId: request.user.id };
  await planDeployments(tx, of, deploying, now);
}
