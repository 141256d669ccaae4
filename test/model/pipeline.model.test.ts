/**
 * Random pipelines, and everything that a runner, a user or the clock can do to them, on the incremental processing and on
 * a naive one side by side.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PipelineState, settle } from '../../src/pipeline/process.ts';
import type { CasePipeline } from '../conformance/pipeline-processing/cases.ts';
import { PurePipeline } from '../conformance/pipeline-processing/pure-pipeline.ts';
import { FINISHED, holdsInvariants, type Model, type Statuses, UNSETTLED } from './invariants.ts';
import { type NaiveJob, NaivePipeline } from './naive-pipeline.ts';
import { anyPipeline } from './pipelines.ts';

const RUNS = Number(process.env.MODEL_RUNS ?? 3000);
const SEED = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);

/** In which statuses an event makes sense. */
const EVENTS: Record<string, (job: NaiveJob) => boolean> = {
  run: ({ status }) => status === 'pending',
  success: ({ status }) => ['pending', 'running', 'canceling'].includes(status),
  drop: ({ status }) => ['pending', 'running', 'canceling', 'scheduled'].includes(status),
  cancel: ({ status }) => UNSETTLED.includes(status) && status !== 'canceling',
  cancel_gracefully: ({ status }) => status === 'running',
  play: ({ status, when }) =>
    ['manual', 'scheduled'].includes(status) ||
    (FINISHED.includes(status) && (when === 'manual' || when === 'delayed')),
  retry: ({ status }) => FINISHED.includes(status),
  due: ({ status }) => status === 'scheduled',
  unschedule: ({ status }) => status === 'scheduled',
};

class JobEvent implements fc.Command<Model, PurePipeline> {
  readonly event: string;
  readonly pick: number;
  constructor(event: string, pick: number) {
    this.event = event;
    this.pick = pick;
  }
  #jobs(model: Model): NaiveJob[] {
    return model.naive.jobs.filter(EVENTS[this.event]!);
  }
  check(model: Readonly<Model>): boolean {
    return this.#jobs(model).length > 0;
  }
  run(model: Model, real: PurePipeline): void {
    const jobs = this.#jobs(model);
    const { name } = jobs[this.pick % jobs.length]!;
    step(model, real, [name], () => {
      model.naive.event(this.event, name, ++model.attempts);
      real.event(this.event, name);
    });
  }
  toString(): string {
    return `${this.event}(${this.pick})`;
  }
}

class PipelineEvent implements fc.Command<Model, PurePipeline> {
  readonly event: 'cancel' | 'retry';
  constructor(event: 'cancel' | 'retry') {
    this.event = event;
  }
  check(): boolean {
    return true;
  }
  run(model: Model, real: PurePipeline): void {
    const all = model.naive.jobs.map(({ name }) => name);
    step(model, real, all, () => {
      if (this.event === 'cancel') model.naive.cancel();
      else model.naive.retry(model.attempts + 1);
      model.attempts += all.length;
      real.pipelineEvent(this.event);
    });
  }
  toString(): string {
    return `pipeline ${this.event}`;
  }
}

/** Applies an event to both sides and checks every invariant. `touched`: jobs that the event itself moves. */
function step(model: Model, real: PurePipeline, touched: string[], event: () => void): void {
  const before = statusesOf(real);
  event();
  const after = statusesOf(real);
  assert.deepEqual(real.read(), model.naive.read(), 'incremental and naive processing agree');
  holdsInvariants(model, before, after, touched);
  isSettled(real, model.pipeline);
}

function statusesOf(real: PurePipeline): Statuses {
  return new Map([...real.state.jobs()].map(({ name, id, status }) => [name, { id, status }]));
}

/** process(process(s)) = process(s), on the same state and on one read anew. */
function isSettled(real: PurePipeline, pipeline: CasePipeline): void {
  assert.deepEqual(settle(real.state), { jobs: [], stages: [], pipeline: null, settled: true });
  const declared = new Map(pipeline.jobs.map((job) => [job.name, job]));
  const anew = new PipelineState({
    status: real.state.status,
    stages: real.state.stages,
    jobs: [...real.state.jobs()].map((job) => ({
      ...declared.get(job.name)!,
      id: job.id,
      status: job.status,
      resourceGroup: job.resourceGroup,
      enqueueImmediately: job.enqueueImmediately,
    })),
  });
  assert.deepEqual(settle(anew), { jobs: [], stages: [], pipeline: null, settled: true });
}

const commands = fc.commands(
  [
    ...Object.keys(EVENTS).map((event) => fc.nat(99).map((pick) => new JobEvent(event, pick))),
    ...['run', 'success', 'success', 'success', 'drop'].map((event) =>
      fc.nat(99).map((pick) => new JobEvent(event, pick)),
    ),
    fc.constantFrom('cancel' as const, 'retry' as const).map((event) => new PipelineEvent(event)),
  ],
  { maxCommands: 40, size: 'max' },
);

describe('pipeline model', () => {
  it(`holds its invariants under any events (${RUNS} runs, seed ${SEED})`, () => {
    fc.assert(
      fc.property(anyPipeline(), commands, (pipeline, sequence) => {
        const setup = () => ({
          model: { naive: new NaivePipeline(pipeline), pipeline, attempts: pipeline.jobs.length },
          real: new PurePipeline(pipeline),
        });
        fc.modelRun(setup, sequence);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  it(`ends the same when its passes are taken in parts (${RUNS} runs, seed ${SEED})`, () => {
    const events = fc.array(
      fc.tuple(fc.constantFrom(...Object.keys(EVENTS), 'success', 'drop'), fc.nat(99)),
      {
        maxLength: 15,
      },
    );
    let compared = 0;
    fc.assert(
      fc.property(anyPipeline(), events, fc.integer({ min: 1, max: 3 }), (pipeline, sequence, limit) => {
        const naive = new NaivePipeline(pipeline);
        const parts = new PurePipeline(pipeline, limit);
        for (const [event, pick] of sequence) {
          assert.deepEqual(parts.read(), naive.read());
          const jobs = naive.jobs.filter(EVENTS[event]!);
          if (jobs.length === 0) continue;
          const { name } = jobs[pick % jobs.length]!;
          naive.event(event, name, pipeline.jobs.length + ++compared);
          parts.event(event, name);
        }
        assert.deepEqual(parts.read(), naive.read());
      }),
      { numRuns: RUNS, seed: SEED },
    );
    assert.ok(compared > RUNS, `only ${compared} events had something to do`);
  });

  it(`ends the same whichever of two independent events comes first (${RUNS} runs, seed ${SEED})`, () => {
    const events = fc.array(fc.tuple(fc.constantFrom('success', 'drop'), fc.nat(99)), { maxLength: 12 });
    let compared = 0;
    fc.assert(
      fc.property(anyPipeline({ groups: false }), events, (pipeline, sequence) => {
        fc.pre(!pipeline.cancelOnJobFailure);
        const past: [string, string][] = [];
        const pending = () => {
          const real = replay(pipeline, past);
          return [...real.state.jobs()].filter(({ status }) => status === 'pending').map(({ name }) => name);
        };
        for (const [event, pick] of sequence) {
          const names = pending();
          if (names.length === 0) break;
          const one: [string, string] = [event, names[pick % names.length]!];
          const others = names.filter((name) => name !== one[1]);
          for (const name of others) {
            const there = replay(pipeline, [...past, one, ['drop', name]]).read().jobs;
            const back = replay(pipeline, [...past, ['drop', name], one]).read().jobs;
            assert.deepEqual(there, back);
            compared++;
          }
          past.push(one);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
    assert.ok(compared > RUNS / 4, `only ${compared} pairs were compared`);
  });
});

function replay(pipeline: CasePipeline, events: readonly [string, string][]): PurePipeline {
  const real = new PurePipeline(pipeline);
  for (const [event, name] of events) real.event(event, name);
  return real;
}
