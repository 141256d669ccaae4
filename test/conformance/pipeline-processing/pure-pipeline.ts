import { nextStatus, type Transition } from '../../../src/pipeline/job/transitions.ts';
import {
  cancelAll,
  enqueued,
  type JobNode,
  PipelineState,
  play,
  resetSkipped,
  retry,
  settle,
} from '../../../src/pipeline/process.ts';
import { RETRYABLE } from '../../../src/pipeline/status.ts';
import type { CasePipeline, CaseState } from './cases.ts';

/** A pipeline that lives only in the pure function: what the database and the runners would do is done by hand. */
export class PurePipeline {
  readonly state: PipelineState;
  readonly #pipeline: CasePipeline;
  /** Decisions of one part of a pass. */
  readonly #limit: number;
  #lastId: number;

  constructor(pipeline: CasePipeline, limit = Number.POSITIVE_INFINITY) {
    this.#pipeline = pipeline;
    this.#limit = limit;
    this.#lastId = pipeline.jobs.length;
    const groups = [...new Set(pipeline.jobs.map((job) => job.resourceGroup))];
    this.state = new PipelineState({
      status: 'created',
      stages: pipeline.stages.map(({ index }) => ({ index, status: 'created' })),
      jobs: pipeline.jobs.map((job, index) => ({
        ...job,
        id: index + 1,
        status: 'created',
        resourceGroup: job.resourceGroup === null ? null : groups.indexOf(job.resourceGroup),
        enqueueImmediately: false,
      })),
    });
    this.settle();
  }

  /** One event on one job, settled afterwards. Throws when the job is not in a state for it. */
  event(event: string, name: string): void {
    const job = this.job(name);
    if (event === 'play') this.#play(job);
    else if (event === 'retry') this.#retry(job);
    else if (event === 'due') this.state.set(job, this.#must(job, 'play', enqueued(job)));
    else {
      this.state.set(job, this.#must(job, event as Transition));
      if (job.status === 'failed' && this.#pipeline.cancelOnJobFailure && !job.allowFailure) {
        cancelAll(this.state, () => false);
      }
    }
    this.settle();
  }

  /** An event on the whole pipeline. */
  pipelineEvent(event: string): void {
    if (event === 'cancel') cancelAll(this.state, () => false);
    else if (event === 'retry') this.#retryAll();
    else throw new Error(`no such event on a pipeline: ${event}`);
    this.settle();
  }

  job(name: string): JobNode {
    const job = this.state.named(name);
    if (job === null) throw new Error(`no job ${name}`);
    return job;
  }

  read(): CaseState {
    const names = new Map(this.#pipeline.stages.map(({ index, name }) => [index, name]));
    return {
      pipeline: this.state.status,
      stages: Object.fromEntries(this.state.stages.map(({ index, status }) => [names.get(index)!, status])),
      jobs: Object.fromEntries([...this.state.jobs()].map(({ name, status }) => [name, status])),
    };
  }

  /** A pass, and the slots of resource groups to whoever waits longest. */
  settle(): void {
    this.#pass();
    for (let next = this.#nextForResource(); next !== undefined; next = this.#nextForResource()) {
      this.state.set(next, 'pending');
      this.#pass();
    }
  }

  #pass(): void {
    while (!settle(this.state, this.#limit).settled);
  }

  #nextForResource(): JobNode | undefined {
    const holding = ['pending', 'running', 'canceling'];
    const held = new Set<number | null>();
    const waiting: JobNode[] = [];
    for (const job of this.state.jobs()) {
      if (holding.includes(job.status)) held.add(job.resourceGroup);
      if (job.status === 'waiting_for_resource') waiting.push(job);
    }
    return waiting.sort((a, b) => a.id - b.id).find((job) => !held.has(job.resourceGroup));
  }

  #play(job: JobNode): void {
    if (RETRYABLE.has(job.status)) this.#retry(job);
    else {
      this.#must(job, 'play');
      play(this.state, job);
    }
  }

  #retry(job: JobNode): void {
    if (!RETRYABLE.has(job.status)) throw new Error(`${job.name} is ${job.status}, not retryable`);
    const held = job.when === 'manual' || job.when === 'delayed';
    retry(this.state, job, {
      id: ++this.#lastId,
      allowFailure: this.#declared(job),
      enqueueImmediately: held,
    });
  }

  #retryAll(): void {
    for (const job of [...this.state.jobs()]) {
      if (job.status !== 'failed' && job.status !== 'canceled') continue;
      const attempt = { id: ++this.#lastId, allowFailure: this.#declared(job), enqueueImmediately: false };
      this.state.replace(job, attempt);
    }
    resetSkipped(this.state);
  }

  #declared(job: JobNode): boolean {
    return this.#pipeline.jobs.find(({ name }) => name === job.name)!.allowFailure;
  }

  #must(job: JobNode, transition: Transition, target = nextStatus(transition, job.status)) {
    const next = nextStatus(transition, job.status) === null ? null : target;
    if (next === null) throw new Error(`${job.name} is ${job.status}: ${transition} does not apply`);
    return next;
  }
}
