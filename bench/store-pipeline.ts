/**
 * Stores pipelines of 100 jobs and 50 needs, durably, beside the same rows inserted by prepared statements on the bare
 * driver, in turns. Budget: at least 0.5 of the raw inserts. Then the whole way from a commit to waiting jobs.
 *
 * node bench/store-pipeline.ts [jobs]
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteDatabase } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { build } from '../src/pipeline/create/build.ts';
import { workflowRules, yaml } from '../src/pipeline/create/configuration.ts';
import { configContent } from '../src/pipeline/create/content.ts';
import { savePipeline } from '../src/pipeline/create/save.ts';
import { seed } from '../src/pipeline/create/seed.ts';
import { PipelineWorld } from '../test/pipeline-world.ts';

const JOBS = Number(process.argv[2] ?? 100);
const ROUNDS = 200;
const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bench-'));

const median = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;

async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** The rows of one pipeline on a bare handle, in one transaction. */
function rawStore(path: string): () => void {
  const handle = new DatabaseSync(path);
  handle.exec('pragma journal_mode = wal; pragma synchronous = full');
  let count = 0;
  const insert = (table: string, columns: string) =>
    handle.prepare(
      `insert into ${table} (${columns}) values (${columns
        .split(', ')
        .map(() => '?')
        .join(', ')}) returning ${table === 'job_needs' ? 'job_id as id' : 'id'}`,
    );
  const pipelines = insert(
    'pipelines',
    'iid, project_id, ref, tag, sha, before_sha, source, status, protected, user_id, auto_cancel_on_new_commit, auto_cancel_on_job_failure, locked, messages, unprocessed, lock_version, created_at, updated_at',
  );
  const stages = insert('stages', 'pipeline_id, name, position, status');
  const jobs = insert(
    'jobs',
    'type, project_id, pipeline_id, stage_id, definition_id, name, stage_index, status, "when", allow_failure, scheduling_type, ref, tag, protected, interruptible, user_id, retried, debug, created_at, updated_at',
  );
  const needs = insert('job_needs', 'job_id, pipeline_id, name, artifacts, optional');
  const id = (row: unknown) => Number((row as { id: number }).id);
  return () => {
    const now = 1_700_000_000_000 + ++count;
    handle.exec('begin immediate');
    const sha = String(count).padStart(40, '0');
    const pipeline = id(
      pipelines.get(
        count,
        1,
        'main',
        0,
        sha,
        sha,
        'push',
        'created',
        1,
        1,
        'conservative',
        'none',
        0,
        '[]',
        1,
        0,
        now,
        now,
      ),
    );
    const stageIds = [1, 2].map((position) =>
      id(stages.get(pipeline, `stage${position}`, position, 'created')),
    );
    for (let index = 0; index < JOBS; index++) {
      const stage = index % 2;
      const job = id(
        jobs.get(
          'build',
          1,
          pipeline,
          stageIds[stage]!,
          index + 1,
          `job${index}`,
          stage + 1,
          'created',
          'on_success',
          0,
          'stage',
          'main',
          0,
          1,
          0,
          1,
          0,
          0,
          now,
          now,
        ),
      );
      if (stage === 1) needs.get(job, pipeline, `job${index - 1}`, 1, 0);
    }
    handle.exec('commit');
  };
}

const rawPath = join(directory, 'raw.sqlite');
const empty = openSqliteDatabase(rawPath);
await migrate(empty);
await empty.close();
const raw = rawStore(rawPath);

const database = openSqliteDatabase(join(directory, 'ours.sqlite'));
await migrate(database);
const world = await PipelineWorld.open(database);
const config = Array.from({ length: JOBS }, (_, index) =>
  index % 2 === 0
    ? `job${index}: {stage: build, script: [make ${index}]}\n`
    : `job${index}: {script: [make ${index}], needs: [job${index - 1}]}\n`,
).join('');
const sha = await world.push({ '.gitlab-ci.yml': config });

async function planned() {
  const { project, user } = world;
  const request = {
    project,
    user,
    source: 'push',
    ref: 'main',
    sha,
    serverUrl: 'http://ci.test',
    saveOnErrors: true,
  } as const;
  world.now += 100_000;
  const creation = await build(world, request, world.now);
  for (const step of [configContent, yaml, workflowRules, seed]) {
    const ended = await step(creation);
    if (ended !== null) throw new Error(JSON.stringify(ended));
  }
  return creation;
}

const rawTimes: number[] = [];
const ourTimes: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const creation = await planned();
  rawTimes.push(await timed(raw));
  ourTimes.push(
    await timed(() => savePipeline(creation, { status: 'created', failureReason: null, yamlErrors: null })),
  );
}
const whole: number[] = [];
await world.changeProject({ autoCancelPendingPipelines: false });
for (let round = 0; round < ROUNDS / 2; round++) {
  world.now += 100_000;
  whole.push(await timed(() => world.create({ sha })));
}
console.log(
  `${JOBS} jobs   raw inserts ${median(rawTimes).toFixed(2)} ms   stored ${median(ourTimes).toFixed(2)} ms`,
);
console.log(`ratio ${(median(rawTimes) / median(ourTimes)).toFixed(2)} (budget 0.5)`);
console.log(`commit to waiting jobs ${median(whole).toFixed(1)} ms`);
world.close();
await database.close();
rmSync(directory, { recursive: true });
