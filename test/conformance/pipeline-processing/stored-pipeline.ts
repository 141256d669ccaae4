import type { Database } from '../../../src/db/database.ts';
import type { Tx } from '../../../src/db/transaction.ts';
import { advance } from '../../../src/pipeline/advance.ts';
import { cancelJob, cancelPipeline } from '../../../src/pipeline/cancel.ts';
import { applyEvent } from '../../../src/pipeline/job.ts';
import { type BuildDefinition, storeDefinition } from '../../../src/pipeline/job-definition.ts';
import { type JobRow, latestJobs } from '../../../src/pipeline/job-lookup.ts';
import { playJob } from '../../../src/pipeline/play.ts';
import { retryJob, retryPipeline } from '../../../src/pipeline/retry.ts';
import { type JobStart, startJobs } from '../../../src/pipeline/start-jobs.ts';
import type { Status } from '../../../src/pipeline/status.ts';
import { startDueJobs } from '../../../src/pipeline/timeouts.ts';
import { createProject } from '../../../src/project/create-project.ts';
import { createUser } from '../../../src/project/create-user.ts';
import { Encryption } from '../../../src/project/encryption.ts';
import { type User, userById } from '../../../src/project/user.ts';
import { dequeue } from '../../../src/queue/enqueue.ts';
import type { CaseJob, CasePipeline, CaseState } from './cases.ts';

const USER = 1;
const encryption = new Encryption([Buffer.alloc(32, 1)]);

let projects = 0;

/** A new project of the database's user; gives its id. */
export async function storeProject(db: Database): Promise<number> {
  return db.transaction(async (tx) => {
    const owner = (await userById(tx, USER)) ?? (await storeUser(tx));
    const made = await createProject(tx, owner, { path: `p${++projects}`, defaultBranch: 'master' }, 0);
    if (!made.ok) throw new Error(JSON.stringify(made));
    return made.project.id;
  });
}

async function storeUser(tx: Tx): Promise<User> {
  const made = await createUser(tx, { username: 'u', name: 'U', email: 'u@example.com' }, 0);
  if (!made.ok) throw new Error(JSON.stringify(made));
  return made.user;
}

export interface StoredOptions {
  definition?: (job: CaseJob) => Partial<BuildDefinition>;
  interruptible?: (job: CaseJob) => boolean;
  onNewCommit?: 'conservative' | 'interruptible' | 'none';
  sha?: string;
  source?: string;
  sourcePipelineId?: number;
  processMode?: string;
  /** Leave the first pass to somebody else. */
  unprocessed?: boolean;
}

/** Stores a pipeline as its creation does, first pass included; gives its id. */
export async function storePipeline(
  db: Database,
  projectId: number,
  pipeline: CasePipeline,
  now: number,
  options: StoredOptions = {},
): Promise<number> {
  return db.transaction(async (tx) => {
    const id = await insertPipeline(tx, projectId, pipeline, now, options);
    const stageIds = new Map<number, number>();
    for (const { name, index } of pipeline.stages) {
      const stage = { pipeline_id: id, name, position: index, status: 'created' };
      const { id: stageId } = await tx.sql
        .insertInto('stages')
        .values(stage)
        .returning('id')
        .executeTakeFirstOrThrow();
      stageIds.set(index, stageId);
    }
    const definitions = new Map<string, number>();
    for (const job of pipeline.jobs) {
      await insertJob(tx, { projectId, pipelineId: id, stageId: stageIds.get(job.stageIndex)! }, job, now, {
        options,
        definitions,
      });
    }
    if (!options.unprocessed) await advance(tx, id, now);
    return id;
  });
}

async function insertPipeline(
  { sql }: Tx,
  projectId: number,
  pipeline: CasePipeline,
  now: number,
  options: StoredOptions,
): Promise<number> {
  const { count } = await sql
    .selectFrom('pipelines')
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const { id } = await sql
    .insertInto('pipelines')
    .values({
      iid: Number(count) + 1,
      project_id: projectId,
      commit_id: null,
      ref: 'master',
      tag: 0,
      sha: options.sha ?? 'a'.repeat(40),
      before_sha: '0'.repeat(40),
      source: options.source ?? 'push',
      status: 'created',
      protected: 0,
      user_id: USER,
      name: null,
      yaml_errors: null,
      failure_reason: null,
      auto_cancel_on_new_commit: options.onNewCommit ?? 'conservative',
      auto_cancel_on_job_failure: pipeline.cancelOnJobFailure ? 'all' : 'none',
      auto_canceled_by_id: null,
      locked: 0,
      source_job_id: null,
      source_pipeline_id: options.sourcePipelineId ?? null,
      messages: '[]',
      unprocessed: Number(options.unprocessed ?? false),
      lock_version: 0,
      coverage: null,
      duration: null,
      created_at: now,
      updated_at: now,
      started_at: null,
      finished_at: null,
      committed_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

async function insertJob(
  tx: Tx,
  place: { projectId: number; pipelineId: number; stageId: number },
  job: CaseJob,
  now: number,
  { options, definitions }: { options: StoredOptions; definitions: Map<string, number> },
): Promise<void> {
  const definition = definitionOf(job, options);
  const key = JSON.stringify(definition);
  const definitionId = definitions.get(key) ?? (await storeDefinition(tx, definition));
  definitions.set(key, definitionId);
  const { id } = await tx.sql
    .insertInto('jobs')
    .values({
      type: 'build',
      project_id: place.projectId,
      pipeline_id: place.pipelineId,
      stage_id: place.stageId,
      definition_id: definitionId,
      name: job.name,
      stage_index: job.stageIndex,
      status: 'created',
      when: job.when,
      allow_failure: Number(job.allowFailure),
      scheduling_type: job.schedulingType,
      ref: 'master',
      tag: 0,
      protected: 0,
      interruptible: Number(options.interruptible?.(job) ?? false),
      enqueue_immediately: 0,
      user_id: USER,
      retried: 0,
      debug: 0,
      resource_group_id: await groupId(tx, place.projectId, job.resourceGroup, options),
      created_at: now,
      updated_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  if (job.needs.length === 0) return;
  await tx.sql
    .insertInto('job_needs')
    .values(
      job.needs.map((name) => ({
        job_id: id,
        pipeline_id: place.pipelineId,
        name,
        artifacts: 1,
        optional: 0,
      })),
    )
    .execute();
}

async function groupId(
  { sql }: Tx,
  projectId: number,
  key: string | null,
  options: StoredOptions,
): Promise<number | null> {
  if (key === null) return null;
  await sql
    .insertInto('resource_groups')
    .values({
      project_id: projectId,
      key,
      process_mode: options.processMode ?? 'unordered',
      job_id: null,
      created_at: 0,
      updated_at: 0,
    })
    .onConflict((c) => c.columns(['project_id', 'key']).doNothing())
    .execute();
  const { id } = await sql
    .selectFrom('resource_groups')
    .select('id')
    .where('project_id', '=', projectId)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  return id;
}

function definitionOf(job: CaseJob, options: StoredOptions): BuildDefinition {
  return {
    type: 'build',
    stage: job.stage,
    variables: [],
    startInSeconds: job.startInSeconds,
    allowFailureExitCodes: [],
    manualConfirmation: null,
    crossNeeds: [],
    environment: null,
    parallel: null,
    beforeScript: [],
    script: ['make'],
    afterScript: [],
    hooks: { preGetSourcesScript: [], postGetSourcesScript: [] },
    run: null,
    image: null,
    services: [],
    artifacts: null,
    cache: [],
    dependencies: null,
    retry: null,
    timeoutSeconds: null,
    coverage: null,
    release: null,
    idTokens: {},
    secrets: null,
    pages: null,
    inputs: null,
    identity: null,
    dastConfiguration: null,
    tagList: [],
    ...options.definition?.(job),
  };
}

/** A pipeline in a real database, moved by the events of runners and the verbs of users. */
export class StoredPipeline {
  readonly #db: Database;
  readonly id: number;
  readonly #names: Map<number, string>;
  /** Milliseconds; every event happens a second after the one before. */
  now: number;

  constructor(db: Database, id: number, pipeline: CasePipeline, now: number) {
    this.#db = db;
    this.id = id;
    this.now = now;
    this.#names = new Map(pipeline.stages.map(({ index, name }) => [index, name]));
  }

  static async create(
    db: Database,
    pipeline: CasePipeline,
    options: StoredOptions = {},
  ): Promise<StoredPipeline> {
    const now = 1_700_000_000_000;
    const id = await storePipeline(db, await storeProject(db), pipeline, now, options);
    return new StoredPipeline(db, id, pipeline, now);
  }

  async job(name: string): Promise<JobRow> {
    const job = (await latestJobs(this.#db.read, this.id)).find((candidate) => candidate.name === name);
    if (job === undefined) throw new Error(`no job ${name}`);
    return job;
  }

  /** One event on one job. Throws when it does not apply. */
  async event(event: string, name: string): Promise<void> {
    this.now += 1000;
    const job = await this.job(name);
    if (event === 'due') {
      this.now = job.scheduledAt!;
      await startDueJobs(this.#db, this.now);
      return;
    }
    await this.#db.transaction(async (tx) => {
      const refused = await this.#apply(tx, event, job);
      if (refused !== null) throw new Error(`${event} of ${name} (${job.status}): ${refused}`);
    });
  }

  /** Why the event does not apply, or null once it has. */
  async #apply(tx: Tx, event: string, job: JobRow): Promise<string | null> {
    const { now } = this;
    switch (event) {
      case 'play':
        return refusal(await playJob(tx, encryption, job.id, { userId: USER, variables: [] }, now));
      case 'retry':
        return refusal(await retryJob(tx, encryption, job.id, { userId: USER }, now));
      case 'unschedule':
        return refusal(await applyEvent(tx, job.id, { type: 'unschedule' }, now));
      case 'cancel':
        return (await cancelJob(tx, job.id, { force: false }, now))?.status === 'canceled'
          ? null
          : 'not cancelled';
      case 'success':
        return refusal(await applyEvent(tx, job.id, { type: 'success' }, now));
      case 'drop':
        return refusal(
          await applyEvent(tx, job.id, { type: 'drop', reason: 'script_failure', exitCode: 1 }, now),
        );
      case 'run':
        await dequeue(tx, [job.id]); // as `queue/claim.ts` does
        return (await startJobs(tx, [jobStart(job.id, this.id)], now)).size === 1 ? null : 'not pending';
      default:
        return 'no such event';
    }
  }

  async pipelineEvent(event: string): Promise<void> {
    this.now += 1000;
    await this.#db.transaction(async (tx) => {
      if (event === 'cancel') await cancelPipeline(tx, this.id, {}, this.now);
      else if (event === 'retry') await retryPipeline(tx, this.id, { userId: USER }, this.now);
      else throw new Error(`no such event on a pipeline: ${event}`);
    });
  }

  async read(): Promise<CaseState> {
    const { sql } = this.#db.read;
    const pipeline = await sql
      .selectFrom('pipelines')
      .select('status')
      .where('id', '=', this.id)
      .executeTakeFirstOrThrow();
    const stages = await sql.selectFrom('stages').selectAll().where('pipeline_id', '=', this.id).execute();
    const jobs = await latestJobs(this.#db.read, this.id);
    return {
      pipeline: pipeline.status as Status,
      stages: Object.fromEntries(
        stages.map(({ position, status }) => [this.#names.get(position)!, status as Status]),
      ),
      jobs: Object.fromEntries(jobs.map(({ name, status }) => [name, status])),
    };
  }
}

/** A runner takes a job of a pipeline. */
export function jobStart(jobId: number, pipelineId: number): JobStart {
  return {
    jobId,
    pipelineId,
    runnerId: 1,
    runnerType: 'instance_type',
    runnerManagerId: null,
    tokenDigest: `digest of ${jobId}`,
    timeoutSeconds: 3600,
  };
}

function refusal(result: { ok: true } | { ok: false; reason: string }): string | null {
  return result.ok ? null : result.reason;
}
