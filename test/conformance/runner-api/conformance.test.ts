import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { parse } from 'yaml';
import type { Database } from '../../../src/db/database.ts';
import { forEachEngine } from '../../databases.ts';
import { RunnerWorld } from '../../runner-world.ts';
import { sendTo } from '../../start-api.ts';

/** A request with the exact answer, a job with what the database says of it, or time that passes. */
type Step =
  | {
      send: { method: string; path: string; body?: unknown; headers?: Record<string, string> };
      expect: {
        status: number;
        /** Exactly this; in answers with a job at least this. */
        body?: unknown;
        /** At least these keys, of the body or of the first item of a list. */
        part?: unknown;
        first?: unknown;
        /** A list with exactly these items. */
        items?: unknown[];
        headers?: Record<string, string | null>;
      };
      /** Names for values of the answer, for later steps. */
      keep?: Record<string, string>;
      keepHeader?: Record<string, string>;
    }
  | { job: string; expect: Record<string, unknown> }
  /** Seconds. */
  | { later: number };

interface Case {
  name: string;
  /** What the project's own runner is beyond the usual. */
  runner?: Record<string, unknown>;
  /** `.gitlab-ci.yml` of a pipeline that is made first. */
  config?: string;
  ref?: string;
  /** A job `a` is in the runner's hands: `$job`, `$jobToken`. */
  taken?: boolean;
  /** The runner has lost its project. */
  orphan?: boolean;
  steps: Step[];
}

const KEYS = new Set(['name', 'runner', 'config', 'ref', 'taken', 'orphan', 'steps']);

function readCases(file: string): Case[] {
  const cases = parse(readFileSync(new URL(file, import.meta.url), 'utf8'), { merge: true }) as Case[];
  assert.ok(cases.length > 0, `${file} is empty`);
  for (const c of cases) {
    for (const key of Object.keys(c)) assert.ok(KEYS.has(key), `${file}: ${c.name}: unknown key ${key}`);
    assert.ok(c.steps.length > 0, `${file}: ${c.name} has no steps`);
  }
  return cases;
}

const files = readdirSync(new URL('.', import.meta.url)).filter(
  (name) => name.endsWith('.yml') && name !== 'artifact-formats.yml',
);
assert.ok(files.length >= 3);

for (const file of files) {
  forEachEngine(`runner-api, ${file}`, (open) => {
    let world: Promise<RunnerWorld> | undefined;
    let count = 0;
    for (const c of readCases(file)) {
      it(c.name, async (t) => {
        world ??= openWorld(await open());
        await play(await world, c, `p${++count}`);
        t.diagnostic(`${c.steps.length} steps`);
      });
    }
    it('leaves no request held', async () => {
      const opened = await world!;
      assert.equal(opened.waiting.size, 0);
      await opened.close();
    });
  });
}

const openWorld = (db: Database) => RunnerWorld.open(db);

async function play(world: RunnerWorld, c: Case, path: string): Promise<void> {
  const project = await world.world.addProject(path);
  world.world.project = project;
  const runner = await world.runner({ place: { type: 'project_type', projectId: project.id }, ...c.runner });
  const stranger = await world.world.addUser(`stranger-${path}`);
  const names: Record<string, string | number> = {
    runner: runner.token,
    runnerId: runner.id,
    projectId: project.id,
    otherId: (await world.world.addProject(`${path}-other`)).id,
    owner: await world.token(),
    stranger: await world.token(stranger.id),
    strangerId: stranger.id,
    group: `group-${path}`,
  };
  const config = c.taken ? 'a: {script: [echo a]}' : c.config;
  if (c.orphan) {
    await world.world.db.transaction((tx) =>
      tx.sql.deleteFrom('runner_projects').where('runner_id', '=', runner.id).execute(),
    );
  }
  let pipelineId = 0;
  if (config !== undefined) {
    const ref = c.ref ?? 'refs/heads/main';
    await world.world.push({ '.gitlab-ci.yml': config }, { ref });
    const made = await world.world.create({ ref });
    assert.equal(made.kind, 'created', JSON.stringify(made));
    pipelineId = (made as { pipelineId: number }).pipelineId;
  }
  if (c.taken) {
    const job = await runner.take();
    names.job = job.id;
    names.jobToken = job.token;
  }
  for (const [index, step] of c.steps.entries()) {
    const where = `step ${index + 1}`;
    if ('later' in step) world.world.now += step.later * 1000;
    else if ('job' in step)
      compare(await jobRow(world, pipelineId, step.job), fill(step.expect, names), where);
    else await exchange(world, step, names, where);
  }
}

async function exchange(
  world: RunnerWorld,
  step: Extract<Step, { send: unknown }>,
  names: Record<string, string | number>,
  where: string,
): Promise<void> {
  const { method, path, body, headers } = fill(step.send, names) as Extract<Step, { send: unknown }>['send'];
  const port = Number(new URL(world.api.url).port);
  const answer = await sendTo(port, { method, path: `/api/v4${path}`, body, headers: headers ?? {} });
  const expected = fill(step.expect, names) as Extract<Step, { send: unknown }>['expect'];
  assert.equal(answer.status, expected.status, `${where}: ${answer.text}`);
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    compare(answer.headers[name] ?? null, value, `${where}: header ${name}`);
  }
  const whole = answer.status !== 201 || !path.startsWith('/jobs/request');
  if (expected.body !== undefined)
    compare(answer.json ?? answer.text, expected.body, `${where}: body`, whole);
  if (expected.part !== undefined) compare(answer.json, expected.part, `${where}: body`);
  if (expected.first !== undefined) compare((answer.json as unknown[])[0], expected.first, `${where}: first`);
  for (const [index, item] of (expected.items ?? []).entries()) {
    assert.equal((answer.json as unknown[]).length, expected.items?.length, where);
    compare((answer.json as unknown[])[index], item, `${where}: item ${index}`, true);
  }
  for (const [name, header] of Object.entries(step.keepHeader ?? {}))
    names[name] = String(answer.headers[header]);
  for (const [name, key] of Object.entries(step.keep ?? {})) {
    names[name] = (answer.json as Record<string, string | number>)[key]!;
  }
}

/** Puts values in the place of `$name`; a text that is nothing else becomes the value itself. */
function fill(value: unknown, names: Record<string, string | number>): unknown {
  if (typeof value === 'string') {
    const whole = /^\$(\w+)$/.exec(value);
    if (whole !== null && whole[1]! in names) return names[whole[1]!];
    return value.replace(/\$(\w+)/g, (text, name: string) => (name in names ? String(names[name]) : text));
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, names)]));
}

/** `/…/` is a pattern. Objects have exactly the expected keys when `whole`, else at least those. */
function compare(actual: unknown, expected: unknown, where: string, whole = false): void {
  if (typeof expected === 'string' && /^\/.*\/$/s.test(expected)) {
    assert.match(String(actual), new RegExp(expected.slice(1, -1)), where);
  } else if (typeof expected === 'object' && expected !== null && !Array.isArray(expected)) {
    assert.ok(typeof actual === 'object' && actual !== null, `${where}: ${JSON.stringify(actual)}`);
    if (whole) assert.deepEqual(Object.keys(actual), Object.keys(expected), where);
    for (const [key, item] of Object.entries(expected)) {
      compare((actual as Record<string, unknown>)[key], item, `${where}.${key}`, whole);
    }
  } else {
    assert.deepEqual(actual, expected, where);
  }
}

async function jobRow(world: RunnerWorld, pipelineId: number, name: string): Promise<unknown> {
  return world.world.db.read.sql
    .selectFrom('jobs')
    .selectAll()
    .where('name', '=', name)
    .where('pipeline_id', '=', pipelineId)
    .where('retried', '=', 0)
    .executeTakeFirstOrThrow();
}
