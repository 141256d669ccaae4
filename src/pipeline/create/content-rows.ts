import type { Tx } from '../../db/transaction.ts';
import { type PreparedDefinition, prepareDefinitions, storeDefinitions } from '../job-definition.ts';
import type { Creation, PlannedJob } from './creation.ts';
import { insertJobs, insertNeeds, storeResourceGroups } from './queries/jobs.ts';
import { insertPipeline, insertStages, type NewPipeline, nextIid, storeCommit } from './queries/pipelines.ts';

/** A job with its definition ready to be stored. */
export type PreparedJob = PlannedJob & { prepared: PreparedDefinition };

/** Does the work of storing jobs that needs no transaction. */
export async function prepareContent(jobs: readonly PlannedJob[]): Promise<PreparedJob[]> {
  const prepared = await prepareDefinitions(jobs.map(({ definition }) => definition));
  return jobs.map((job, index) => ({ ...job, prepared: prepared[index]! }));
}

/** Adds the pipeline's row, with the next `iid` of its project. */
export async function insertNew(
  tx: Tx,
  { request, commit, now }: Creation,
  row: Omit<NewPipeline, 'iid' | 'commitId'>,
): Promise<{ pipelineId: number; iid: number; commitId: number | null }> {
  const projectId = request.project.id;
  const iid = await nextIid(tx, projectId);
  const commitId = commit === null ? null : await storeCommit(tx, projectId, commit);
  return { pipelineId: await insertPipeline(tx, { ...row, iid, commitId }, now), iid, commitId };
}

/** Adds stages and jobs with all that they are made of; gives the jobs' ids by name. */
export async function insertContent(
  tx: Tx,
  creation: Creation,
  pipelineId: number,
  jobs: readonly PreparedJob[],
): Promise<Map<string, number>> {
  const stageIds = await insertStagesOf(tx, pipelineId, jobs);
  return insertJobsOf(tx, creation, pipelineId, stageIds, jobs);
}

/** Adds the stages that hold a job; their ids by position. */
export function insertStagesOf(
  tx: Tx,
  pipelineId: number,
  jobs: readonly PreparedJob[],
): Promise<Map<number, number>> {
  const stages = new Map(jobs.map(({ config }) => [config.stageIndex, config.stage]));
  return insertStages(
    tx,
    pipelineId,
    [...stages].map(([position, name]) => ({ position, name })),
  );
}

/** Adds jobs with their definitions, needs and resource groups; their ids by name. */
export async function insertJobsOf(
  tx: Tx,
  { request, facts, now }: Creation,
  pipelineId: number,
  stageIds: ReadonlyMap<number, number>,
  jobs: readonly PreparedJob[],
): Promise<Map<string, number>> {
  const { project } = request;
  const definitionIds = await storeDefinitions(
    tx,
    jobs.map(({ prepared }) => prepared),
  );
  const keys = jobs.flatMap(({ resourceGroup }) => resourceGroup ?? []);
  const mode = project.resourceGroupDefaultProcessMode;
  const groupIds = await storeResourceGroups(tx, project.id, keys, mode, now);
  const jobIds = await insertJobs(
    tx,
    {
      projectId: project.id,
      pipelineId,
      ref: facts.ref,
      tag: facts.tag,
      protected: facts.protected,
      userId: request.user.id,
    },
    jobs.map((job, index) => ({
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
    })),
    now,
  );
  const needs = jobs.flatMap((job) =>
    job.needs.map((need) => ({ jobId: jobIds.get(job.config.name)!, ...need })),
  );
  await insertNeeds(tx, pipelineId, needs);
  return jobIds;
}
