import type { Tx } from '../../db/transaction.ts';
import { noteStatusChanges } from '../hook-events.ts';
import { planDeployments } from '../job/deploy.ts';
import { type PreparedDefinition, prepareDefinitions, storeDefinitions } from '../job-definition.ts';
import { noteStatusEvent } from '../status-events.ts';
import type { Creation, FailureReason, Step } from './creation.ts';
import { processNewPipeline } from './process-new.ts';
import { insertJobs, insertNeeds, type NewJob, storeResourceGroups } from './queries/jobs.ts';
import {
  insertPipeline,
  insertPipelineVariables,
  insertStages,
  nextIid,
  storeCommit,
} from './queries/pipelines.ts';

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

/** Stores a pipeline in one transaction: its commit, variables, and for a `created` one stages, jobs and needs. */
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
  const definitions = await prepareDefinitions(creation.jobs.map(({ definition }) => definition));
  return deps.db.transaction(async (tx) => {
    const { pipelineId, iid } = await insertThisPipeline(tx, creation, state);
    // Of a repeated name nothing is kept: the pipeline failed for it.
    if (new Set(encrypted.map(({ key }) => key)).size === encrypted.length) {
      await insertPipelineVariables(tx, pipelineId, encrypted);
    }
    if (state.status === 'created') await insertContent(tx, creation, definitions, pipelineId);
    await request.settle?.(tx, pipelineId);
    await tellHooks(tx, creation, pipelineId, state);
    const { status } = state;
    await noteStatusEvent(tx, { projectId: request.project.id, pipelineId, status, jobs: [] }, now);
    tx.notify(`pipeline:${pipelineId}`);
    tx.notify(`project:${request.project.id}`);
    return { pipelineId, iid, now };
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

async function insertThisPipeline(
  tx: Tx,
  creation: Creation,
  state: FirstState,
): Promise<{ pipelineId: number; iid: number }> {
  const { request, facts, commit, autoCancel, config, now } = creation;
  const iid = await nextIid(tx, request.project.id);
  const pipelineId = await insertPipeline(
    tx,
    {
      ...state,
      iid,
      projectId: request.project.id,
      commitId: commit === null ? null : await storeCommit(tx, request.project.id, commit),
      ref: facts.ref,
      tag: facts.tag,
      sha: facts.sha,
      beforeSha: facts.beforeSha,
      source: request.source,
      protected: facts.protected,
      userId: request.user.id,
      name: creation.name,
      autoCancelOnNewCommit: autoCancel.onNewCommit,
      autoCancelOnJobFailure: autoCancel.onJobFailure,
      sourceJobId: request.sourceJob?.id ?? null,
      sourcePipelineId: request.sourceJob?.pipelineId ?? null,
      messages: (config?.warnings ?? []).map(({ message }) => message),
      origin: Object.keys(facts.origin).length === 0 ? null : JSON.stringify(facts.origin),
      unprocessed: state.status === 'created',
      finishedAt: state.status === 'failed' ? now : null,
    },
    now,
  );
  return { pipelineId, iid };
}

async function insertContent(
  tx: Tx,
  creation: Creation,
  definitions: readonly PreparedDefinition[],
  pipelineId: number,
): Promise<void> {
  const { request, facts, jobs, now } = creation;
  const { project } = request;
  const stages = new Map(jobs.map(({ config }) => [config.stageIndex, config.stage]));
  const stageIds = await insertStages(
    tx,
    pipelineId,
    [...stages].map(([position, name]) => ({ position, name })),
  );
  const definitionIds = await storeDefinitions(tx, definitions);
  const keys = jobs.flatMap(({ resourceGroup }) => resourceGroup ?? []);
  const mode = project.resourceGroupDefaultProcessMode;
  const groupIds = await storeResourceGroups(tx, project.id, keys, mode, now);
  const rows = jobs.map(
    (job, index): NewJob => ({
      type: job.config.type,
      stageId: stageIds.get(job.config.stageIndex)!,
      definitionId: definitionIds[index]!,
      name: job.config.name,
      stageIndex: job.config.stageIndex,
      when: job.when,
      allowFailure: job.allowFailure,
      schedulingType: job.schedulingType,
      interruptible: job.interruptible,
      environment: job.environment,
      resourceGroupId: job.resourceGroup === null ? null : groupIds.get(job.resourceGroup)!,
    }),
  );
  const { ref, tag } = facts;
  const of = {
    projectId: project.id,
    pipelineId,
    ref,
    tag,
    protected: facts.protected,
    userId: request.user.id,
  };
  const jobIds = await insertJobs(tx, of, rows, now);
  const needs = jobs.flatMap((job) =>
    job.needs.map((need) => ({ jobId: jobIds.get(job.config.name)!, ...need })),
  );
  await insertNeeds(tx, pipelineId, needs);
  const deploying = jobs.flatMap(({ config: { name, environment: config }, environment }) =>
    environment === null || config === null ? [] : [{ jobId: jobIds.get(name)!, name: environment, config }],
  );
  await planDeployments(tx, { ...of, sha: facts.sha }, deploying, now);
}
