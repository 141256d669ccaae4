import { dequeue, enqueue, type QueueEntry } from '../../queue/enqueue.ts';
import { ended } from '../../queue/running.ts';
import { noteStatusChanges } from '../hook-events.ts';
import { definitionsByIds, type JobDefinition } from '../job-definition.ts';
import type { JobRow } from '../job-lookup.ts';
import { type Changes, type JobChange, settle } from '../process.ts';
import { type JobPatch, moveJobs } from '../queries/job-moves.ts';
import { selectJobs } from '../queries/job-rows.ts';
import { selectRunTimes, touchPipeline, updatePipeline, updateStage } from '../queries/pipeline-state.ts';
import { queuePlace } from '../queries/queue-place.ts';
import { COMPLETED, EXECUTING, type Status } from '../status.ts';
import { noteStatusEvent } from '../status-events.ts';
import { moveDeployments, noteOutdated } from './deploy.ts';
import { durationSeconds } from './duration.ts';
import type { PipelineSession } from './session.ts';

/** Topic: a pipeline's pass is to be gone on with. */
export const UNPROCESSED = 'unprocessed';

/** Jobs that one pass decides: some 10 milliseconds in which nobody else can write to SQLite (security LIM-7). */
const AT_ONCE = 250;

/** What a save did that concerns others than this pipeline's own rows. */
export interface Saved {
  /** Groups with a job that came to wait, or may have freed the slot, or lost its rank. */
  resourceGroups: Set<number>;
  /** What the pipeline's status was if it has another one now, else null. */
  movedFrom: Status | null;
}

/** Settles the pipeline and writes everything that changed, in batches: jobs, queue, stages, the pipeline itself. */
export async function save(session: PipelineSession, now: number): Promise<Saved> {
  session.saved = false;
  const { status: before } = session.facts;
  await noteOutdated(session);
  const changes = settle(session.state, AT_ONCE);
  session.settled = changes.settled;
  failOutdated(session, changes.jobs);
  const definitions = await definitionsOfTurned(session, changes.jobs);
  await writeJobs(session, changes.jobs, definitions, now);
  await moveQueue(session, changes.jobs, definitions, now);
  await moveDeployments(session.tx, deployingOf(session, changes.jobs), now);
  for (const { index, status } of changes.stages) {
    await updateStage(session.tx, session.facts.id, index, status);
  }
  await writePipeline(session, changes, now);
  if (changes.jobs.length > 0 || changes.pipeline !== null) await tellWatchers(session, changes, now);
  if (session.facts.hooked) await tellHooks(session, changes, now);
  session.tx.notify(`pipeline:${session.facts.id}`);
  session.tx.notify(`project:${session.facts.projectId}`);
  if (!changes.settled) session.tx.notify(UNPROCESSED);
  session.saved = true;
  return {
    resourceGroups: touchedGroups(changes.jobs),
    movedFrom: changes.pipeline === null ? null : before,
  };
}

/** Jobs whose turn came after a newer deployment had overtaken theirs (ci-yaml 22.2d). */
function failOutdated({ state, patches }: PipelineSession, changes: readonly JobChange[]): void {
  for (const { id, from, to } of changes) {
    if (from !== 'created' || to !== 'failed' || !state.has(id) || !state.job(id).outdated) continue;
    patches.set(id, { failureReason: 'failed_outdated_deployment_job', ...patches.get(id) });
  }
}

/** The changes of jobs that name an environment; of an attempt that was just replaced nobody knows without asking. */
function deployingOf({ state }: PipelineSession, changes: readonly JobChange[]): JobChange[] {
  return changes.filter(({ id }) => !state.has(id) || state.job(id).environment);
}

async function tellWatchers({ tx, facts }: PipelineSession, { jobs }: Changes, now: number): Promise<void> {
  const { projectId, id: pipelineId, status } = facts;
  const changed = jobs.map(({ id, from, to }) => ({
    id,
    status: to,
    queued: from === 'pending' || to === 'pending',
  }));
  await noteStatusEvent(tx, { projectId, pipelineId, status, jobs: changed }, now);
}

async function tellHooks({ tx, facts }: PipelineSession, changes: Changes, now: number): Promise<void> {
  await noteStatusChanges(
    tx,
    {
      projectId: facts.projectId,
      pipelineId: facts.id,
      jobIds: changes.jobs.map(({ id }) => id),
      pipelineMoved: changes.pipeline !== null,
    },
    now,
  );
}

type Turned = Map<number, { job: JobRow; definition: JobDefinition }>;

/** Rows and definitions of the jobs that go to the queue or to a time, by job id. */
async function definitionsOfTurned(session: PipelineSession, changes: readonly JobChange[]): Promise<Turned> {
  const ids = changes.filter(({ to }) => to === 'pending' || to === 'scheduled').map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const jobs = await selectJobs(session.tx, ids);
  const definitions = await definitionsByIds(session.tx, [...new Set(jobs.map((job) => job.definitionId))]);
  return new Map(
    jobs.map((job) => {
      const definition = definitions.get(job.definitionId);
      if (definition === undefined) throw new Error(`job ${job.id} has no definition`);
      return [job.id, { job, definition }];
    }),
  );
}

async function writeJobs(
  session: PipelineSession,
  changes: readonly JobChange[],
  turned: Turned,
  now: number,
): Promise<void> {
  const batches = new Map<string, { from: Status; to: Status; patch: JobPatch; ids: number[] }>();
  for (const { id, from, to } of changes) {
    const patch = { ...patchOf(to, turned.get(id)?.definition, now), ...session.patches.get(id) };
    const key = `${from} ${to} ${JSON.stringify(patch)}`;
    const batch = batches.get(key);
    if (batch === undefined) batches.set(key, { from, to, patch, ids: [id] });
    else batch.ids.push(id);
  }
  session.patches.clear();
  for (const { from, to, patch, ids } of batches.values()) {
    await moveJobs(session.tx, ids, { from, to, now }, patch);
  }
}

/** What every job writes that comes to this status (jobs-api 7, *Timestamps*). A finished job's token dies with it. */
function patchOf(to: Status, definition: JobDefinition | undefined, now: number): JobPatch {
  switch (to) {
    case 'pending':
      return { queuedAt: now, scheduledAt: null };
    case 'running':
      return { startedAt: now };
    case 'success':
    case 'failed':
    case 'canceled':
      return { finishedAt: now, tokenDigest: null, deadlineAt: null };
    case 'scheduled':
      return { scheduledAt: now + (definition?.startInSeconds ?? 0) * 1000 };
    default:
      return {};
  }
}

async function moveQueue(
  { tx, facts }: PipelineSession,
  changes: readonly JobChange[],
  turned: Turned,
  now: number,
): Promise<void> {
  // A job that runs was claimed: its entry is gone.
  const left = changes.filter(({ from, to }) => from === 'pending' && to !== 'running').map(({ id }) => id);
  if (left.length > 0) await dequeue(tx, left);
  for (const { id, from, to } of changes) {
    if (!EXECUTING.has(from) || EXECUTING.has(to)) continue;
    await ended(tx, id);
    tx.notify(`trace:${id}`);
  }
  const pending = changes.flatMap(({ id, to }) => (to === 'pending' ? [turned.get(id)!] : []));
  if (pending.length === 0) return;
  const place = await queuePlace(tx, facts.projectId);
  if (place === null) throw new Error(`project ${facts.projectId} of pipeline ${facts.id} is gone`);
  const entries: QueueEntry[] = [];
  for (const { job, definition } of pending) {
    if (job.type === 'bridge') tx.notify(BRIDGES);
    else if (definition.type === 'build' && job.type === 'build') {
      const { tagList: tags } = definition;
      entries.push({ ...place, jobId: job.id, protected: job.protected, tags, queuedAt: now });
    }
  }
  await enqueue(tx, entries);
}

/** Topic: a bridge is pending, its downstream pipeline is to be created. */
export const BRIDGES = 'bridges';

const STARTS_FROM: ReadonlySet<Status> = new Set(['created', 'waiting_for_resource', 'preparing', 'pending']);

/** The pipeline's status and times (ci-yaml 26.1). */
async function writePipeline(session: PipelineSession, changes: Changes, now: number): Promise<void> {
  const { tx, facts } = session;
  facts.lockVersion++;
  const update = { id: facts.id, lockVersion: facts.lockVersion, settled: changes.settled, now };
  const status = changes.pipeline;
  if (status === null) {
    await touchPipeline(tx, update);
    return;
  }
  if (facts.startedAt === null && status === 'running' && STARTS_FROM.has(facts.status))
    facts.startedAt = now;
  const finished = COMPLETED.has(status) && status !== 'skipped';
  const timed = finished || status === 'manual';
  await updatePipeline(tx, update, {
    status,
    startedAt: facts.startedAt,
    finishedAt: finished ? now : null,
    durationSeconds: timed ? durationSeconds(await selectRunTimes(tx, facts.id), now) : null,
  });
  facts.status = status;
}

/** Statuses in which a job of a group neither waits for the slot nor gives it back. */
const KEEPS_SLOT: ReadonlySet<Status> = new Set(['preparing', 'pending', 'running', 'canceling']);

function touchedGroups(changes: readonly JobChange[]): Set<number> {
  return new Set(
    changes.flatMap(({ resourceGroup, to }) =>
      resourceGroup === null || KEEPS_SLOT.has(to) ? [] : [resourceGroup],
    ),
  );
}
