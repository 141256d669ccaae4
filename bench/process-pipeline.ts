/**
 * Brings pipelines of growing size to their end, one event at a time: on the pure function, and stored in SQLite with every
 * event durable. Work after an event follows what can change, so the time per job stays flat: the last column is that time
 * at 10,000 jobs over that at 1,000. Last, how long others wait for a server that creates, lists and processes 10,000 jobs.
 *
 * node bench/process-pipeline.ts [pure|stored|waits]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteDatabase } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { applyEvent } from '../src/pipeline/job.ts';
import { PipelineState, settle } from '../src/pipeline/process.ts';
import { startJobs } from '../src/pipeline/start-jobs.ts';
import { dequeue } from '../src/queue/enqueue.ts';
import type { CaseJob, CasePipeline } from '../test/conformance/pipeline-processing/cases.ts';
import {
  jobStart,
  storePipeline,
  storeProject,
} from '../test/conformance/pipeline-processing/stored-pipeline.ts';
import { waits } from './large-pipeline.ts';

const SIZES = [100, 1000, 10_000];
/** Jobs of a stage, and of a layer of the wide graph. */
const WIDTH = 100;
/** Needs of each job of the wide graph. */
const FAN_IN = 20;

type Shape = (size: number) => CasePipeline;

const SHAPES: Record<string, Shape> = {
  'stages of 100': (size) => pipeline(size, (index) => ({ stageIndex: Math.floor(index / WIDTH) })),
  'one job a stage': (size) => pipeline(size, (index) => ({ stageIndex: index })),
  'one stage': (size) => pipeline(size, () => ({ stageIndex: 0 })),
  'chain of needs': (size) => pipeline(size, (index) => ({ needs: index === 0 ? [] : [`job ${index - 1}`] })),
  'wide graph of needs': (size) => pipeline(size, (index) => ({ needs: layerNeeds(index) })),
};

function layerNeeds(index: number): string[] {
  const layer = Math.floor(index / WIDTH);
  if (layer === 0) return [];
  return Array.from({ length: FAN_IN }, (_, k) => `job ${(layer - 1) * WIDTH + ((index + k * 7) % WIDTH)}`);
}

function pipeline(
  size: number,
  place: (index: number) => { stageIndex?: number; needs?: string[] },
): CasePipeline {
  const jobs = Array.from({ length: size }, (_, index): CaseJob => {
    const { stageIndex = 0, needs } = place(index);
    return {
      name: `job ${index}`,
      stage: `stage ${stageIndex}`,
      stageIndex,
      when: 'on_success',
      allowFailure: false,
      schedulingType: needs === undefined ? 'stage' : 'dag',
      needs: needs ?? [],
      resourceGroup: null,
      startInSeconds: 0,
    };
  });
  const stages = [...new Set(jobs.map((job) => job.stageIndex))].map((index) => ({
    name: `stage ${index}`,
    index,
  }));
  return { jobs, stages, cancelOnJobFailure: false };
}

/** Every job runs and succeeds, in the order in which jobs become pending; gives milliseconds for all events. */
function endPure({ jobs, stages }: CasePipeline): number {
  const start = performance.now();
  const state = new PipelineState({
    status: 'created',
    stages: stages.map(({ index }) => ({ index, status: 'created' })),
    jobs: jobs.map((job, index) => ({
      ...job,
      id: index + 1,
      status: 'created',
      resourceGroup: null,
      enqueueImmediately: false,
    })),
  });
  const pending: number[] = [];
  const follow = () => {
    for (const { id, to } of settle(state).jobs) if (to === 'pending') pending.push(id);
  };
  follow();
  for (const id of pending) {
    state.set(state.job(id), 'running');
    follow();
    state.set(state.job(id), 'success');
    follow();
  }
  if (state.status !== 'success' || pending.length !== jobs.length)
    throw new Error(`ended as ${state.status}`);
  return performance.now() - start;
}

async function endStored(shape: CasePipeline): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bench-'));
  const db = openSqliteDatabase(join(directory, 'teaspoon.sqlite'));
  try {
    await migrate(db);
    const now = 1_700_000_000_000;
    const id = await storePipeline(db, await storeProject(db), shape, now);
    const { sql } = db.read;
    const start = performance.now();
    for (let ended = 0; ended < shape.jobs.length; ) {
      const waiting = await sql
        .selectFrom('queue_entries')
        .select('job_id')
        .orderBy('job_id')
        .limit(WIDTH)
        .execute();
      for (const { job_id } of waiting) {
        await db.transaction(async (tx) => {
          await dequeue(tx, [job_id]);
          await startJobs(tx, [jobStart(job_id, id)], now);
        });
        await db.transaction((tx) => applyEvent(tx, job_id, { type: 'success' }, now));
        ended++;
      }
    }
    const time = performance.now() - start;
    const { status } = await sql
      .selectFrom('pipelines')
      .select('status')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    if (status !== 'success') throw new Error(`ended as ${status}`);
    return time;
  } finally {
    await db.close();
    rmSync(directory, { recursive: true });
  }
}

async function table(
  title: string,
  names: readonly string[],
  run: (shape: CasePipeline) => number | Promise<number>,
): Promise<void> {
  console.log(`\n${title}: µs per job`);
  console.log(
    ['shape'.padEnd(22), ...SIZES.map((size) => String(size).padStart(9)), '10,000:1,000'].join(' '),
  );
  for (const name of names) {
    const shape = SHAPES[name]!;
    const perJob: number[] = [];
    for (const size of SIZES) perJob.push(((await run(shape(size))) * 1000) / size);
    const ratio = perJob[2]! / perJob[1]!;
    const cells = perJob.map((time) => time.toFixed(1).padStart(9));
    console.log([name.padEnd(22), ...cells, ratio.toFixed(2).padStart(12)].join(' '));
  }
}

/** Shapes that go through the database: durable transactions take their time. */
const STORED = ['stages of 100', 'chain of needs', 'wide graph of needs'];

const only = process.argv[2];
endPure(SHAPES['wide graph of needs']!(2000)); // the compiler warms up
if (only === undefined || only === 'pure')
  await table('pure function, two events a job', Object.keys(SHAPES), endPure);
if (only === undefined || only === 'stored')
  await table('SQLite, two durable transactions a job', STORED, endStored);
if (only === undefined || only === 'waits') await waits(10_000);
