import { artifactsOf } from '../../artifact/artifact.ts';
import type { Reading } from '../../db/transaction.ts';
import { readCommit } from '../../git/commit.ts';
import { listCommits } from '../../git/log.ts';
import { parseRef, ZERO_SHA } from '../../git/ref-name.ts';
import type { Repositories } from '../../git/repository.ts';
import type { Encryption } from '../../project/encryption.ts';
import { ancestorsOf } from '../../project/namespace.ts';
import { projectById } from '../../project/project.ts';
import { isProtected, protectionOf } from '../../project/protected-ref.ts';
import { type User, userById, usersByIds } from '../../project/user.ts';
import { tagMessage } from '../create/tag-message.ts';
import { definitionsByIds, type JobDefinition } from '../job-definition.ts';
import {
  countEarlier,
  encryptedVariablesOf,
  type HookJobRow,
  type HookPipelineRow,
  hookJobs,
  hookPipeline,
  hookRunner,
  projectIdOfPipeline,
  stageNamesOf,
  userIdOfEmail,
} from '../queries/hook-subjects.ts';
import { tierOf } from '../variables/environment.ts';
import type { Facts, JobFacts, PipelineFacts, PushFacts } from './facts.ts';
import { jobPayload } from './job-payload.ts';
import type { HookEnvironment, HookProject, HookRunner, HookSource } from './payload-parts.ts';
import { type BuildSubject, pipelinePayload } from './pipeline-payload.ts';
import { pushPayload } from './push-payload.ts';

export interface GatherDeps {
  read: Reading;
  encryption: Encryption;
  repositories: Repositories;
  /** External base URL without trailing slash. */
  serverUrl: string;
}

/** Commits that a push event lists. */
const MAX_COMMITS = 20;

/**
 * The body of an event: what was noted when it happened, with what never changes about its subject. Null when that is gone.
 * `happenedAt` in milliseconds.
 */
export async function payloadOf(
  deps: GatherDeps,
  projectId: number,
  facts: Facts,
  happenedAt: number,
): Promise<unknown> {
  const project = await projectById(deps.read, projectId);
  if (project === null) return null;
  const namespaces = await ancestorsOf(deps.read, project.namespaceId);
  const of = { project, namespaces, baseUrl: deps.serverUrl };
  switch (facts.kind) {
    case 'job':
      return ofJob(deps, facts, of, happenedAt);
    case 'pipeline':
      return ofPipeline(deps, facts, of, happenedAt);
    case 'push':
      return ofPush(deps, facts, of);
  }
}

async function ofJob({ read }: GatherDeps, facts: JobFacts, of: HookProject, now: number): Promise<unknown> {
  const job = (await hookJobs(read, [facts.job.id])).get(facts.job.id);
  const pipeline = await hookPipeline(read, facts.pipeline.id);
  if (job === undefined || pipeline === undefined) return null;
  const definitions = await definitionsByIds(read, [job.definition_id]);
  const authorId = pipeline.author_email === null ? null : await userIdOfEmail(read, pipeline.author_email);
  const subject = {
    name: job.name,
    stage: job.stage,
    ref: job.ref,
    tag: job.tag === 1,
    createdAt: job.created_at,
    retriesCount: await countEarlier(read, job),
    user: await userOf(read, job.user_id),
    runner: await runnerOf(read, facts.job.runnerId),
    environment: environmentOf(job, definitions.get(job.definition_id)),
    pipeline: { name: pipeline.name, sha: pipeline.sha, beforeSha: pipeline.before_sha },
    commit: commitOf(pipeline),
    author: await userOf(read, authorId),
    source: await sourceOf(read, pipeline),
  };
  return jobPayload(facts, subject, of, now);
}

async function ofPipeline(
  { read, encryption }: GatherDeps,
  facts: PipelineFacts,
  of: HookProject,
  now: number,
): Promise<unknown> {
  const { id } = facts.pipeline;
  const pipeline = await hookPipeline(read, id);
  if (pipeline === undefined) return null;
  const variables = await encryptedVariablesOf(read, id);
  const subject = {
    iid: pipeline.iid,
    name: pipeline.name,
    ref: pipeline.ref,
    tag: pipeline.tag === 1,
    sha: pipeline.sha,
    beforeSha: pipeline.before_sha,
    source: pipeline.source,
    protected: pipeline.protected === 1,
    stages: await stageNamesOf(read, id),
    createdAt: pipeline.created_at,
    variables: variables.map(({ key, encrypted_value }) => ({
      key,
      value: encryption.decrypt(encrypted_value),
    })),
    user: await userOf(read, pipeline.user_id),
    commit: commitOf(pipeline),
    builds: await buildsOf(read, facts),
    trigger: await sourceOf(read, pipeline),
  };
  return pipelinePayload(facts, subject, of, now);
}

async function buildsOf(read: Reading, { builds }: PipelineFacts): Promise<Map<number, BuildSubject>> {
  const ids = builds.map(({ id }) => id);
  const jobs = await hookJobs(read, ids);
  const definitions = await definitionsByIds(read, [
    ...new Set([...jobs.values()].map((job) => job.definition_id)),
  ]);
  const users = await usersByIds(
    read,
    [...jobs.values()].flatMap((job) => job.user_id ?? []),
  );
  const artifacts = await artifactsOf(read, ids);
  const runners = new Map<number, HookRunner | null>();
  const subjects = new Map<number, BuildSubject>();
  for (const { id, runnerId } of builds) {
    const job = jobs.get(id);
    if (job === undefined) continue;
    if (runnerId !== null && !runners.has(runnerId)) runners.set(runnerId, await runnerOf(read, runnerId));
    const archive = artifacts.get(id)?.find(({ type }) => type === 'archive');
    subjects.set(id, {
      name: job.name,
      stage: job.stage,
      when: job.when,
      createdAt: job.created_at,
      user: job.user_id === null ? null : (users.get(job.user_id) ?? null),
      runner: runnerId === null ? null : (runners.get(runnerId) ?? null),
      environment: environmentOf(job, definitions.get(job.definition_id)),
      archive: archive === undefined ? null : { filename: archive.filename, size: archive.size },
    });
  }
  return subjects;
}

async function ofPush(
  { read, repositories }: GatherDeps,
  facts: PushFacts,
  of: HookProject,
): Promise<unknown> {
  const { id } = of.project;
  const { ref, before, after } = facts;
  const parsed = parseRef(ref);
  if (parsed === null) return null;
  const commit = after === ZERO_SHA ? null : await readCommit(repositories, id, after);
  const known = parsed.kind === 'branch' && commit !== null && before !== ZERO_SHA;
  const isOld = known && (await readCommit(repositories, id, before)) !== null;
  const newer = isOld
    ? await listCommits(repositories, id, { from: commit.sha, without: before, offset: 0, limit: 1000 })
    : [];
  const listed = newer.slice(0, MAX_COMMITS).reverse();
  const subject = {
    user: await userOf(read, facts.userId),
    protected: isProtected(await protectionOf(read, id), parsed.kind, parsed.name),
    checkoutSha: commit?.sha ?? null,
    tagMessage:
      parsed.kind === 'tag' && commit !== null ? await tagMessage(repositories, id, parsed.name) : null,
    commits: isOld ? listed : commit === null ? [] : [commit],
    total: isOld ? newer.length : commit === null ? 0 : 1,
  };
  return pushPayload(facts, subject, of);
}

async function userOf(read: Reading, id: number | null): Promise<User | null> {
  return id === null ? null : userById(read, id);
}

async function runnerOf(read: Reading, id: number | null): Promise<HookRunner | null> {
  const row = id === null ? undefined : await hookRunner(read, id);
  if (row === undefined) return null;
  return {
    id: row.id,
    description: row.description,
    runnerType: row.runner_type,
    paused: row.paused === 1,
    tags: JSON.parse(row.tag_list) as string[],
  };
}

function environmentOf(job: HookJobRow, definition: JobDefinition | undefined): HookEnvironment | null {
  const environment = definition?.environment ?? null;
  if (job.environment === null || environment === null) return null;
  const { action } = environment;
  return { name: job.environment, action, tier: tierOf(environment, job.environment) };
}

function commitOf(row: HookPipelineRow) {
  if (row.title === null) return null;
  return {
    title: row.title,
    message: row.message!,
    authorName: row.author_name!,
    authorEmail: row.author_email!,
    committedDate: row.committed_date!,
  };
}

async function sourceOf(read: Reading, pipeline: HookPipelineRow): Promise<HookSource | null> {
  const { source_job_id: jobId, source_pipeline_id: pipelineId } = pipeline;
  if (jobId === null || pipelineId === null) return null;
  const projectId = await projectIdOfPipeline(read, pipelineId);
  const project = projectId === null ? null : await projectById(read, projectId);
  return project === null ? null : { project, jobId, pipelineId };
}
