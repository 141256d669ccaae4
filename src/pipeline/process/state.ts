import { composite, type Kind, kindOf, kindSet, type Status, UNSETTLED } from '../status.ts';
import { KindCounts } from './kind-counts.ts';
import type { Changes, JobChange, JobSnapshot, PipelineSnapshot } from './snapshot.ts';

export interface StageNode {
  readonly index: number;
  readonly position: number;
  status: Status;
  readonly counts: KindCounts;
  readonly jobs: JobNode[];
  /** Created jobs of the stage that wait for earlier stages. */
  readonly waiting: Set<JobNode>;
}

export interface JobNode {
  id: number;
  readonly name: string;
  readonly stage: StageNode;
  readonly when: JobSnapshot['when'];
  readonly dag: boolean;
  readonly resourceGroup: number | null;
  readonly dependants: JobNode[];
  /** Its needs, as `seenByDependants` reads them; null for a stage job. */
  readonly needs: KindCounts | null;
  status: Status;
  allowFailure: boolean;
  enqueueImmediately: boolean;
  /** It names an environment. */
  readonly environment: boolean;
  /** A newer deployment overtook it: its turn is a failure. */
  outdated: boolean;
  kind: Kind;
}

/**
 * A pipeline's latest jobs with everything counted that a decision asks for, so that one change costs the number of jobs
 * that it can touch and not the size of the pipeline. `process.ts` decides; this keeps the books.
 */
export class PipelineState {
  status: Status;
  readonly stages: StageNode[];
  readonly counts = new KindCounts();
  /** Jobs with needs whose needs changed since they were last looked at. */
  readonly unseen: JobNode[] = [];
  /** Created jobs that name an environment. */
  readonly deploying = new Set<JobNode>();
  readonly #stageOf: ReadonlyMap<number, StageNode>;
  readonly #byId = new Map<number, JobNode>();
  readonly #byName = new Map<string, JobNode>();
  /** Position of the first stage in which something is unsettled: only there can stage jobs have their turn. */
  #front = 0;
  /** The jobs of all stages before the front. */
  readonly #behind = new KindCounts();
  readonly #changedJobs = new Map<number, JobChange>();
  readonly #touchedStages = new Set<StageNode>();
  #loadedStatus: Status;

  constructor(snapshot: PipelineSnapshot) {
    this.status = snapshot.status;
    this.#loadedStatus = snapshot.status;
    this.stages = [...snapshot.stages]
      .sort((a, b) => a.index - b.index)
      .map(({ index, status }, position) => ({
        index,
        position,
        status,
        counts: new KindCounts(),
        jobs: [],
        waiting: new Set(),
      }));
    this.#stageOf = new Map(this.stages.map((stage) => [stage.index, stage]));
    this.add(snapshot.jobs);
    this.link(snapshot.jobs);
    for (const stage of this.stages) this.#touchedStages.add(stage);
  }

  /** Adds jobs, in the order in which they were made; `link` them once all are here. */
  add(jobs: readonly JobSnapshot[]): void {
    for (const job of jobs) this.#addJob(job, this.#stageOf.get(job.stageIndex));
  }

  /** Ties added jobs to those that they need. */
  link(jobs: readonly Pick<JobSnapshot, 'id' | 'needs'>[]): void {
    for (const job of jobs) this.#linkNeeds(job);
  }

  #addJob(job: JobSnapshot, stage: StageNode | undefined): void {
    if (stage === undefined)
      throw new Error(`job ${job.id} is in stage ${job.stageIndex}, which does not exist`);
    const dag = job.schedulingType === 'dag';
    const node: JobNode = {
      id: job.id,
      name: job.name,
      stage,
      when: job.when,
      dag,
      resourceGroup: job.resourceGroup,
      dependants: [],
      needs: dag ? new KindCounts() : null,
      status: job.status,
      allowFailure: job.allowFailure,
      enqueueImmediately: job.enqueueImmediately,
      environment: job.environment ?? false,
      outdated: false,
      kind: kindOf(job.status, job.allowFailure),
    };
    this.#byId.set(node.id, node);
    this.#byName.set(node.name, node);
    stage.jobs.push(node);
    stage.counts.add(node.kind);
    this.counts.add(node.kind);
    this.#noteCreated(node);
  }

  #linkNeeds(job: Pick<JobSnapshot, 'id' | 'needs'>): void {
    const node = this.job(job.id);
    for (const name of node.needs === null ? [] : job.needs) {
      const needed = this.#byName.get(name);
      if (needed === undefined) continue; // an optional need whose job is not in this pipeline
      needed.dependants.push(node);
      node.needs?.add(seenByDependants(needed.kind));
    }
  }

  /** The latest attempt with this id; throws when there is none, which is a mistake of the caller. */
  job(id: number): JobNode {
    const node = this.#byId.get(id);
    if (node === undefined) throw new Error(`job ${id} is not among the latest jobs of its pipeline`);
    return node;
  }

  has(id: number): boolean {
    return this.#byId.has(id);
  }

  /** The latest attempt of the job of this name, or null. */
  named(name: string): JobNode | null {
    return this.#byName.get(name) ?? null;
  }

  /** How many jobs it holds. */
  get size(): number {
    return this.#byName.size;
  }

  /** The latest attempts, in the order in which they were made. */
  jobs(): Iterable<JobNode> {
    return this.#byName.values();
  }

  /** Gives a job a status that changes nothing else, and that the database is told past `takeChanges`. */
  setTold(job: JobNode, status: Status): void {
    this.set(job, status);
    this.#changedJobs.delete(job.id);
  }

  /** Gives a job its new status and tells everything that counts it. */
  set(node: JobNode, status: Status, allowFailure = node.allowFailure): void {
    this.#noteChange(node, status);
    const before = node.kind;
    node.status = status;
    node.allowFailure = allowFailure;
    node.kind = kindOf(status, allowFailure);
    this.#touchedStages.add(node.stage);
    this.#noteCreated(node);
    if (node.kind !== before) this.#recount(node, before);
  }

  /** A new attempt takes the place of the latest one: same name, stage and needs; `created`. */
  replace(node: JobNode, attempt: { id: number; allowFailure: boolean; enqueueImmediately: boolean }): void {
    this.#byId.delete(node.id);
    const changes = this.#changedJobs.get(node.id);
    this.set(node, 'created', attempt.allowFailure);
    if (changes === undefined) this.#changedJobs.delete(node.id);
    else this.#changedJobs.set(node.id, changes);
    node.id = attempt.id;
    node.enqueueImmediately = attempt.enqueueImmediately;
    this.#byId.set(node.id, node);
  }

  #noteChange(node: JobNode, to: Status): void {
    const from = this.#changedJobs.get(node.id)?.from ?? node.status;
    if (from === to) this.#changedJobs.delete(node.id);
    else this.#changedJobs.set(node.id, { id: node.id, from, to, resourceGroup: node.resourceGroup });
  }

  #noteCreated(node: JobNode): void {
    if (node.environment) {
      if (node.status === 'created') this.deploying.add(node);
      else this.deploying.delete(node);
    }
    if (node.dag) {
      if (node.status === 'created') this.unseen.push(node);
    } else if (node.status === 'created') node.stage.waiting.add(node);
    else node.stage.waiting.delete(node);
  }

  #recount(node: JobNode, before: Kind): void {
    const { stage, kind } = node;
    stage.counts.move(before, kind);
    this.counts.move(before, kind);
    if (stage.position < this.#front) {
      this.#behind.move(before, kind);
      if ((kindSet([kind]) & UNSETTLED) !== 0) this.#retreatTo(stage.position);
    }
    const seenBefore = seenByDependants(before);
    const seen = seenByDependants(kind);
    if (seen === seenBefore) return;
    for (const dependant of node.dependants) {
      dependant.needs?.move(seenBefore, seen);
      if (dependant.status === 'created') this.unseen.push(dependant);
    }
  }

  #retreatTo(position: number): void {
    while (this.#front > position) {
      this.#front--;
      this.#behind.merge(this.stages[this.#front]!.counts, -1);
    }
  }

  /** The first stage with something unsettled, and the status of all stages before it. Null when all is settled. */
  front(): { stage: StageNode; previous: Status } | null {
    let stage = this.stages[this.#front];
    while (stage !== undefined && (stage.counts.kinds & UNSETTLED) === 0) {
      this.#behind.merge(stage.counts, 1);
      this.#front++;
      stage = this.stages[this.#front];
    }
    return stage === undefined ? null : { stage, previous: composite(this.#behind.kinds) ?? 'success' };
  }

  /** Stages of which a job changed since this was last asked. */
  takeTouchedStages(): StageNode[] {
    const stages = [...this.#touchedStages].sort((a, b) => a.position - b.position);
    this.#touchedStages.clear();
    return stages;
  }

  /** What changed since the last call, for the database; a job that came back to where it was is left out. */
  takeChanges(stages: Changes['stages']): Omit<Changes, 'settled'> {
    const jobs = [...this.#changedJobs.values()].sort((a, b) => a.id - b.id);
    this.#changedJobs.clear();
    const pipeline = this.status === this.#loadedStatus ? null : this.status;
    this.#loadedStatus = this.status;
    return { jobs, stages, pipeline };
  }
}

/**
 * What a job's kind is to the jobs that need it. They act only on a completed composite, so kinds that the DAG reading of
 * ci-yaml 23 cannot tell apart there are one; a job that goes from pending to running leaves its dependants alone.
 */
export function seenByDependants(kind: Kind): Kind {
  if ((kindSet([kind]) & UNSETTLED) !== 0) return 'running';
  if (kind === 'warn') return 'success';
  return kind === 'ignored' ? 'skipped' : kind;
}
