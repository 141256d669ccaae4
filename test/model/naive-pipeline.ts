/**
 * Pipeline processing as ci-yaml 22 to 24 tell it, step by step, with lists and loops and nothing remembered: slow, and
 * written without the code it is compared with.
 */
import type { CaseJob, CasePipeline, CaseState } from '../conformance/pipeline-processing/cases.ts';

type Status = CaseState['pipeline'];

export interface NaiveJob extends CaseJob {
  attempt: number;
  status: Status;
  immediately: boolean;
}

const DONE: Status[] = ['success', 'failed', 'canceled', 'skipped'];
const ALIVE_OR_HELD: Status[] = [
  'created',
  'waiting_for_resource',
  'preparing',
  'pending',
  'running',
  'manual',
  'scheduled',
];

export class NaivePipeline {
  status: Status = 'created';
  readonly stages: Map<string, Status>;
  readonly jobs: NaiveJob[];
  readonly cancelOnJobFailure: boolean;
  #order: string[];

  constructor(pipeline: CasePipeline) {
    this.#order = pipeline.stages.map(({ name }) => name);
    this.stages = new Map(this.#order.map((name) => [name, 'created']));
    this.jobs = pipeline.jobs.map((job, index) => ({
      ...job,
      attempt: index + 1,
      status: 'created',
      immediately: false,
    }));
    this.cancelOnJobFailure = pipeline.cancelOnJobFailure;
    this.pass();
  }

  named(name: string): NaiveJob {
    return this.jobs.find((job) => job.name === name)!;
  }

  /** One processing pass, and again for every job that a resource group lets through. */
  pass(): void {
    for (const stage of this.#order) {
      for (const job of this.#sorted(this.jobs.filter((one) => one.stage === stage))) this.#decide(job);
      const target = compositeOf(this.jobs.filter((job) => job.stage === stage));
      if (target !== null && target !== 'created') this.stages.set(stage, target);
    }
    this.#setStatus(compositeOf(this.jobs));
    const next = this.jobs
      .filter((job) => job.status === 'waiting_for_resource' && !this.#isHeld(job.resourceGroup))
      .sort((a, b) => a.attempt - b.attempt)[0];
    if (next === undefined) return;
    next.status = 'pending';
    this.pass();
  }

  #isHeld(group: string | null): boolean {
    return this.jobs.some(
      (job) => job.resourceGroup === group && ['pending', 'running', 'canceling'].includes(job.status),
    );
  }

  /** A stage's jobs so that needed ones come first. */
  #sorted(jobs: NaiveJob[]): NaiveJob[] {
    const sorted: NaiveJob[] = [];
    const visit = (job: NaiveJob) => {
      if (sorted.includes(job)) return;
      for (const need of job.needs) jobs.filter((one) => one.name === need).forEach(visit);
      sorted.push(job);
    };
    jobs.forEach(visit);
    return sorted;
  }

  #decide(job: NaiveJob): void {
    if (job.status !== 'created') return;
    const dag = job.schedulingType === 'dag';
    const before = dag
      ? this.jobs.filter((one) => job.needs.includes(one.name))
      : this.jobs.filter((one) => one.stageIndex < job.stageIndex);
    const previous = compositeOf(before, dag) ?? 'success';
    if (!DONE.includes(previous)) return;
    const valid: Record<string, Status[]> = {
      on_success: dag ? ['success'] : ['success', 'skipped'],
      on_failure: ['failed'],
      always: ['success', 'failed', 'skipped'],
    };
    if (!(valid[job.when] ?? valid.on_success!).includes(previous)) job.status = 'skipped';
    else if (job.immediately) this.#enqueue(job);
    else if (job.when === 'delayed') job.status = 'scheduled';
    else if (job.when === 'manual') job.status = 'manual';
    else this.#enqueue(job);
  }

  #enqueue(job: NaiveJob): void {
    job.status = job.resourceGroup === null ? 'pending' : 'waiting_for_resource';
  }

  #setStatus(target: Status | null): void {
    if (target === null || target === 'created') return;
    if (target === 'canceling' && this.status === 'canceled') return;
    if (target !== 'pending') this.status = target;
    else if (['success', 'failed', 'canceling', 'canceled'].includes(this.status)) this.status = 'running';
    else if (this.status !== 'running') this.status = 'pending';
  }

  event(event: string, name: string, nextAttempt: number): void {
    const job = this.named(name);
    if (event === 'run') job.status = 'running';
    if (event === 'success') job.status = job.status === 'canceling' ? 'canceled' : 'success';
    if (event === 'cancel') job.status = 'canceled';
    if (event === 'cancel_gracefully') job.status = 'canceling';
    if (event === 'unschedule') job.status = 'manual';
    if (event === 'due') this.#enqueue(job);
    if (event === 'drop') this.#drop(job);
    if (event === 'play' && (job.status === 'manual' || job.status === 'scheduled')) {
      this.#enqueue(job);
      this.#resetAfter(job);
    } else if (event === 'play' || event === 'retry') {
      this.#again(job, nextAttempt, job.when === 'manual' || job.when === 'delayed');
      this.#resetAfter(job);
    }
    this.pass();
  }

  #drop(job: NaiveJob): void {
    const wasCanceling = job.status === 'canceling';
    job.status = wasCanceling ? 'canceled' : 'failed';
    if (!wasCanceling && this.cancelOnJobFailure && !job.allowFailure) this.#cancelAll();
  }

  cancel(): void {
    this.#cancelAll();
    this.pass();
  }

  retry(nextAttempt: number): void {
    let attempt = nextAttempt;
    for (const job of this.jobs) {
      if (job.status === 'failed' || job.status === 'canceled') this.#again(job, attempt++, false);
    }
    for (const job of this.jobs) if (job.status === 'skipped') job.status = 'created';
    this.pass();
  }

  #again(job: NaiveJob, attempt: number, immediately: boolean): void {
    Object.assign(job, { attempt, immediately, status: 'created' });
  }

  #cancelAll(): void {
    for (const job of this.jobs) if (ALIVE_OR_HELD.includes(job.status)) job.status = 'canceled';
  }

  #resetAfter(played: NaiveJob): void {
    const needing = (name: string): NaiveJob[] =>
      this.jobs.filter((job) => job.needs.includes(name)).flatMap((job) => [job, ...needing(job.name)]);
    const later = this.jobs.filter((job) => job.stageIndex > played.stageIndex);
    for (const job of [...later, ...needing(played.name)]) {
      if (job.status === 'skipped') job.status = 'created';
    }
  }

  read(): CaseState {
    return {
      pipeline: this.status,
      stages: Object.fromEntries(this.stages) as CaseState['stages'],
      jobs: Object.fromEntries(this.jobs.map(({ name, status }) => [name, status])),
    };
  }
}

/** ci-yaml 23, first line that holds. */
export function compositeOf(
  jobs: readonly { status: Status; allowFailure: boolean }[],
  dag = false,
): Status | null {
  const set = jobs.map(({ status, allowFailure }) => {
    if (allowFailure && (status === 'failed' || status === 'canceled')) return 'WARN';
    return allowFailure && status === 'manual' ? 'IGN' : status;
  });
  const only = (...some: string[]) => set.every((one) => some.includes(one));
  const has = (one: string) => set.includes(one as Status);
  if (set.length === 0) return null;
  if (dag && (has('skipped') || has('IGN'))) return 'skipped';
  if (only('skipped', 'IGN')) return 'skipped';
  if (only('success', 'skipped', 'WARN', 'IGN')) return 'success';
  if (only('created', 'WARN', 'IGN')) return 'created';
  if (only('preparing', 'WARN', 'IGN')) return 'preparing';
  if (only('canceled', 'success', 'skipped', 'WARN', 'IGN')) return 'canceled';
  if (only('pending', 'created', 'skipped', 'WARN', 'IGN')) return 'pending';
  if (has('running') || has('pending')) return 'running';
  const order = ['waiting_for_resource', 'waiting_for_callback', 'manual', 'scheduled', 'preparing'] as const;
  const first = order.find(has);
  if (first !== undefined) return first;
  if (has('created')) return 'running';
  return has('canceling') ? 'canceling' : 'failed';
}
