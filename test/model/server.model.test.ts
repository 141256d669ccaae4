/** The model of pipelines over a whole server: commands are runners' and users' calls, and every answer is compared. */
import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import fc from 'fast-check';
import type { CaseJob, CasePipeline } from '../conformance/pipeline-processing/cases.ts';
import { HttpPipeline } from '../conformance/pipeline-processing/http-pipeline.ts';
import { forEachServer, type TestServer } from '../start-server.ts';
import { FINISHED, holdsInvariants, type Model, type Statuses, UNSETTLED } from './invariants.ts';
import { type NaiveJob, NaivePipeline } from './naive-pipeline.ts';
import { anyPipeline } from './pipelines.ts';

const PIPELINES = 15;
const COMMANDS = 40;
const SEED = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);

/** In which statuses an event makes sense; a job that is yet to be taken is taken first. */
const EVENTS: Record<string, (job: NaiveJob) => boolean> = {
  run: ({ status }) => status === 'pending',
  success: ({ status }) => status === 'pending' || status === 'running',
  drop: ({ status }) => status === 'pending' || status === 'running',
  cancel: ({ status }) => UNSETTLED.includes(status),
  play: ({ status, when }) =>
    ['manual', 'scheduled'].includes(status) ||
    (FINISHED.includes(status) && (when === 'manual' || when === 'delayed')),
  retry: ({ status }) => FINISHED.includes(status),
};

interface Counting extends Model {
  done: () => void;
}

class JobEvent implements fc.AsyncCommand<Counting, HttpPipeline> {
  readonly event: string;
  readonly pick: number;
  constructor(event: string, pick: number) {
    this.event = event;
    this.pick = pick;
  }
  #jobs(model: Model): NaiveJob[] {
    return model.naive.jobs.filter(EVENTS[this.event]!);
  }
  check(model: Readonly<Counting>): boolean {
    return this.#jobs(model).length > 0;
  }
  async run(model: Counting, real: HttpPipeline): Promise<void> {
    const jobs = this.#jobs(model);
    const { name, status } = jobs[this.pick % jobs.length]!;
    await step(model, real, [name], async () => {
      const ends = this.event === 'success' || this.event === 'drop';
      if (ends && status === 'pending') model.naive.event('run', name, 0);
      model.naive.event(this.event, name, ++model.attempts);
      await real.event(this.event, name);
    });
  }
  toString(): string {
    return `${this.event}(${this.pick})`;
  }
}

class PipelineEvent implements fc.AsyncCommand<Counting, HttpPipeline> {
  readonly event: 'cancel' | 'retry';
  constructor(event: 'cancel' | 'retry') {
    this.event = event;
  }
  check(): boolean {
    return true;
  }
  async run(model: Counting, real: HttpPipeline): Promise<void> {
    const all = model.naive.jobs.map(({ name }) => name);
    await step(model, real, all, async () => {
      if (this.event === 'cancel') model.naive.cancel();
      else model.naive.retry(model.attempts + 1);
      model.attempts += all.length;
      await real.pipelineEvent(this.event);
    });
  }
  toString(): string {
    return `pipeline ${this.event}`;
  }
}

/** Applies an event to both sides, compares what the API tells, and checks every invariant. */
async function step(
  model: Counting,
  real: HttpPipeline,
  touched: string[],
  event: () => Promise<void>,
): Promise<void> {
  const earlier = await statusesOf(real);
  await event();
  assert.deepEqual(await real.read(), model.naive.read(), 'the server and the model agree');
  holdsInvariants(model, earlier, await statusesOf(real), touched);
  model.done();
}

async function statusesOf(real: HttpPipeline): Promise<Statuses> {
  return new Map((await real.jobs()).map(({ name, id, status }) => [name, { id, status }]));
}

function configOf({ jobs, cancelOnJobFailure }: CasePipeline): Record<string, unknown> {
  const workflow = { auto_cancel: { on_job_failure: cancelOnJobFailure ? 'all' : 'none' } };
  return { workflow, ...Object.fromEntries(jobs.map((job) => [job.name, yamlOf(job)])) };
}

function yamlOf(job: CaseJob): Record<string, unknown> {
  return {
    stage: job.stage,
    script: ['make'],
    when: job.when,
    allow_failure: job.allowFailure,
    ...(job.when === 'delayed' ? { start_in: '1 day' } : {}),
    ...(job.schedulingType === 'dag' ? { needs: job.needs } : {}),
    ...(job.resourceGroup === null ? {} : { resource_group: job.resourceGroup }),
  };
}

const commands = fc.commands(
  [
    ...[...Object.keys(EVENTS), 'run', 'success', 'success', 'success', 'drop'].map((event) =>
      fc.nat(99).map((pick) => new JobEvent(event, pick)),
    ),
    fc.constantFrom('cancel' as const, 'retry' as const).map((event) => new PipelineEvent(event)),
  ],
  { maxCommands: COMMANDS, size: 'max' },
);

/** A pipeline of nothing but .pre is none (ci-yaml 21). */
const pipelines = anyPipeline().filter(({ jobs }) => jobs.some(({ stageIndex }) => stageIndex > 0));

forEachServer('pipeline model, over HTTP', (start) => {
  let server: TestServer;
  before(async () => {
    server = await start();
  });

  it(`holds its invariants under any commands (${PIPELINES} pipelines, seed ${SEED})`, async () => {
    let [projects, done] = [0, 0];
    await fc.assert(
      fc.asyncProperty(pipelines, commands, async (pipeline, sequence) => {
        const real = await HttpPipeline.create(server, `model-${++projects}`, configOf(pipeline));
        const naive = new NaivePipeline(pipeline);
        assert.deepEqual(await real.read(), naive.read(), 'after creation');
        const model = { naive, pipeline, attempts: pipeline.jobs.length, done: () => void done++ };
        await fc.asyncModelRun(() => ({ model, real }), sequence);
      }),
      { numRuns: PIPELINES, seed: SEED, endOnFailure: true },
    );
    assert.ok(done > PIPELINES * 5, `only ${done} commands had something to do`);
  });
});
