/**
 * What happens next in a pipeline: pure decisions on a `PipelineState` (ci-yaml 22 to 24). A caller changes jobs (an event
 * of a runner, a user's verb), then calls `settle`, which gives everything that changed, the first change included.
 */
import { nextStatus } from './job/transitions.ts';
import type { Changes, PipelineSnapshot } from './process/snapshot.ts';
import { type JobNode, PipelineState, type StageNode } from './process/state.ts';
import { COMPLETED, composite, type Status } from './status.ts';

export type { Changes, JobChange, JobSnapshot, PipelineSnapshot } from './process/snapshot.ts';
export { type JobNode, PipelineState } from './process/state.ts';

/** A whole pass over a pipeline as it is stored: what its creation, or a repair after a crash, asks for. */
export function process(snapshot: PipelineSnapshot): Changes {
  return settle(new PipelineState(snapshot));
}

/**
 * Decides every job whose turn has come, then the statuses of stages and pipeline, and gives all changes since the last
 * call (ci-yaml 22). A decision rests on jobs that stay as they are for the rest of the pass, so the order in which the
 * decisions are found does not matter, and a pass may be taken in parts: after `limit` decisions it ends, not `settled`, and
 * the next call goes on.
 */
export function settle(state: PipelineState, limit = Number.POSITIVE_INFINITY): Changes {
  const settled = decideAll(state, limit);
  const stages = state.takeTouchedStages().filter(setStageStatus);
  state.status = nextPipelineStatus(state.status, composite(state.counts.kinds));
  return { ...state.takeChanges(stages.map(({ index, status }) => ({ index, status }))), settled };
}

/** Whether nothing is left to decide. */
function decideAll(state: PipelineState, limit: number): boolean {
  for (let decisions = 0; ; ) {
    for (let job = state.unseen.pop(); job !== undefined; job = state.unseen.pop()) {
      const previous = composite(job.needs?.kinds ?? 0, true) ?? 'success';
      if (decide(state, job, previous) && ++decisions >= limit) return false;
    }
    const front = state.front();
    if (front === null || front.stage.waiting.size === 0) return true;
    for (const job of front.stage.waiting) {
      if (decide(state, job, front.previous) && ++decisions >= limit) return false;
    }
  }
}

/** Decides a job when its turn has come; says whether it had. */
function decide(state: PipelineState, job: JobNode, previous: Status): boolean {
  if (job.status !== 'created' || !COMPLETED.has(previous)) return false;
  state.set(job, mayFollow(job, previous) ? turn(job) : 'skipped');
  return true;
}

/** Whether a job has its turn after a completed status (the valid sets of ci-yaml 22.2c). */
function mayFollow(job: JobNode, previous: Status): boolean {
  switch (job.when) {
    case 'on_success':
    case 'manual':
    case 'delayed':
      return previous === 'success' || (previous === 'skipped' && !job.dag);
    case 'on_failure':
      return previous === 'failed';
    case 'always':
      return previous !== 'canceled';
  }
}

/** What a job becomes when its turn comes (ci-yaml 22.2d). */
function turn(job: JobNode): Status {
  if (!job.enqueueImmediately) {
    if (job.when === 'delayed') return 'scheduled';
    if (job.when === 'manual') return 'manual';
  }
  return job.outdated ? 'failed' : enqueued(job);
}

/** What enqueueing makes of a job: it waits for its resource group first. */
export function enqueued(job: { resourceGroup: number | null }): Status {
  return job.resourceGroup === null ? 'pending' : 'waiting_for_resource';
}

/** Sets a stage to the composite of its jobs; says whether that changed it. Never back to created (ci-yaml 22). */
function setStageStatus(stage: StageNode): boolean {
  const target = composite(stage.counts.kinds);
  if (target === null || target === 'created' || target === stage.status) return false;
  stage.status = target;
  return true;
}

const PENDING_AGAIN: ReadonlySet<Status> = new Set([
  'created',
  'manual',
  'waiting_for_resource',
  'preparing',
  'skipped',
  'scheduled',
]);
const RUNNING_AGAIN: ReadonlySet<Status> = new Set(['success', 'failed', 'canceling', 'canceled']);

/** What a pipeline becomes when the composite of its jobs is `target` (ci-yaml 22, set_status). */
export function nextPipelineStatus(current: Status, target: Status | null): Status {
  if (target === null || target === 'created') return current;
  if (target === 'canceling') return current === 'canceled' ? current : target;
  if (target !== 'pending') return target;
  if (PENDING_AGAIN.has(current)) return 'pending';
  return RUNNING_AGAIN.has(current) ? 'running' : current;
}

/** A user starts a manual job, or a delayed one before its time (ci-yaml 24). The caller has checked that it may be. */
export function play(state: PipelineState, job: JobNode): void {
  state.set(job, enqueued(job));
  resetSkippedAfter(state, job);
}

/**
 * A new attempt replaces a finished job (ci-yaml 24). `enqueueImmediately`: a manual or delayed job is not held back
 * again.
 */
export function retry(
  state: PipelineState,
  job: JobNode,
  attempt: { id: number; allowFailure: boolean; enqueueImmediately: boolean },
): void {
  state.replace(job, attempt);
  resetSkippedAfter(state, job);
}

/** Every skipped job of a later stage, or that needs this one over any number of steps, is `created` again (ci-yaml 24). */
export function resetSkippedAfter(state: PipelineState, job: JobNode): void {
  if (state.counts.count('skipped') === 0) return;
  for (const stage of state.stages) {
    if (stage.position <= job.stage.position || stage.counts.count('skipped') === 0) continue;
    for (const later of stage.jobs) reset(state, later);
  }
  const seen = new Set([job]);
  for (const needed of seen) {
    for (const dependant of needed.dependants) {
      if (dependant.stage !== job.stage) continue; // a later stage: done above
      seen.add(dependant);
      reset(state, dependant);
    }
  }
}

/** All skipped jobs are `created` again: the second half of retrying a pipeline (ci-yaml 24). */
export function resetSkipped(state: PipelineState): void {
  for (const job of state.jobs()) reset(state, job);
}

function reset(state: PipelineState, job: JobNode): void {
  if (job.status === 'skipped') state.set(job, 'created');
}

/**
 * Everything cancelable is cancelled: a user cancels the pipeline, or one job's failure ends it (ci-yaml 24). A job for
 * which `gracefully` holds becomes `canceling` when it runs. `which` spares jobs. Gives the jobs it changed.
 */
export function cancelAll(
  state: PipelineState,
  gracefully: (job: JobNode) => boolean,
  which: (job: JobNode) => boolean = () => true,
): JobNode[] {
  const changed: JobNode[] = [];
  for (const job of state.jobs()) {
    if (!which(job)) continue;
    const target = nextStatus(gracefully(job) ? 'cancel_gracefully' : 'cancel', job.status);
    if (target === null) continue;
    state.set(job, target);
    changed.push(job);
  }
  return changed;
}
