import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { Database } from '../../src/db/database.ts';
import { type Claim, claim, settleClaims } from '../../src/queue/claim.ts';
import { dequeue, enqueue, type QueueEntry } from '../../src/queue/enqueue.ts';
import { fits, type RunnerFacts, scopesOf, scopesOffering } from '../../src/queue/match.ts';
import { ended, started } from '../../src/queue/running.ts';
import { RunnerWaiting } from '../../src/queue/wait.ts';
import { type Engine, forEachEngine, openTestDatabase } from '../databases.ts';

const TAGS = ['a', 'b', 'c'];
const GROUPS: Record<number, number[]> = { 1: [], 2: [10], 3: [10, 11], 4: [12] };

const runnerArbitrary = fc.record({
  type: fc.constantFrom('instance_type', 'group_type', 'project_type'),
  runUntagged: fc.boolean(),
  protectedOnly: fc.boolean(),
  tags: fc.subarray(TAGS),
  groupId: fc.constantFrom(10, 11, 12),
  projectIds: fc.subarray([1, 2, 3, 4], { minLength: 1 }),
});
const jobArbitrary = fc.record({
  projectId: fc.constantFrom(1, 2, 3, 4),
  tags: fc.subarray(TAGS),
  protected: fc.boolean(),
  instanceRunners: fc.boolean(),
  groupRunners: fc.boolean(),
});
const stepArbitrary = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('enqueue' as const), job: jobArbitrary }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim' as const), runner: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('dequeue' as const), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat() }) },
);
type Step = typeof stepArbitrary extends fc.Arbitrary<infer S> ? S : never;

interface Running {
  jobId: number;
  projectId: number;
  runnerType: RunnerFacts['type'];
}

/** What the queue should do, said as plainly as possible: all jobs in a list, looked at one by one. */
class Model {
  waiting: QueueEntry[] = [];
  running: Running[] = [];

  next(runner: RunnerFacts): QueueEntry | undefined {
    const scopes = scopesOf(runner);
    const mine = this.waiting.filter(
      (job) => fits(runner, job) && scopesOffering(job).some((scope) => scopes.includes(scope)),
    );
    const load = (job: QueueEntry) =>
      runner.type !== 'instance_type'
        ? 0
        : this.running.filter((r) => r.projectId === job.projectId && r.runnerType === 'instance_type')
            .length;
    return mine.sort((a, b) => load(a) - load(b) || a.jobId - b.jobId)[0];
  }
}

/** The first job of a project decides which runners it lets in: a setting of the project, the same for all its jobs. */
function placeOf(job: { projectId: number; instanceRunners: boolean; groupRunners: boolean }, model: Model) {
  const known = model.waiting.find(({ projectId }) => projectId === job.projectId);
  return {
    projectId: job.projectId,
    groupIds: GROUPS[job.projectId]!,
    instanceRunners: known?.instanceRunners ?? job.instanceRunners,
    groupRunners: known?.groupRunners ?? job.groupRunners,
  };
}

async function take(db: Database, runner: RunnerFacts, projectOf: (id: number) => number): Promise<Claim> {
  return db.transaction(async (tx) => {
    const claimed = (await claim(tx, [runner]))[0]!;
    if (claimed.kind === 'claimed') {
      const { jobId } = claimed;
      const runnerType = runner.type;
      await started(tx, [{ jobId, projectId: projectOf(jobId), runnerId: runner.id, runnerType }]);
    }
    await settleClaims(tx);
    return claimed;
  });
}

async function play(db: Database, runners: RunnerFacts[], steps: Step[]): Promise<void> {
  const model = new Model();
  const projects = new Map<number, number>();
  let lastId = 0;
  for (const step of steps) {
    switch (step.do) {
      case 'enqueue': {
        const { tags, protected: isProtected } = step.job;
        const place = placeOf(step.job, model);
        const entry = { ...place, jobId: ++lastId, tags, protected: isProtected, queuedAt: lastId };
        projects.set(entry.jobId, entry.projectId);
        model.waiting.push(entry);
        await db.transaction((tx) => enqueue(tx, [entry]));
        break;
      }
      case 'claim': {
        const runner = runners[step.runner % runners.length]!;
        const expected = model.next(runner);
        const claimed = await take(db, runner, (id) => projects.get(id)!);
        assert.equal(claimed.kind === 'claimed' ? claimed.jobId : undefined, expected?.jobId);
        if (expected === undefined) break;
        model.waiting = model.waiting.filter((job) => job !== expected);
        const { jobId, projectId } = expected;
        model.running.push({ jobId, projectId, runnerType: runner.type });
        break;
      }
      case 'dequeue': {
        const job = model.waiting[step.which % Math.max(1, model.waiting.length)];
        if (job === undefined) break;
        model.waiting = model.waiting.filter((other) => other !== job);
        await db.transaction((tx) => dequeue(tx, [job.jobId]));
        break;
      }
      case 'end': {
        const job = model.running[step.which % Math.max(1, model.running.length)];
        if (job === undefined) break;
        model.running = model.running.filter((other) => other !== job);
        await db.transaction((tx) => ended(tx, job.jobId));
        break;
      }
    }
  }
}

async function withDatabase(engine: Engine, work: (db: Database) => Promise<void>): Promise<void> {
  const { database, drop } = await openTestDatabase(engine);
  try {
    await work(database);
  } finally {
    await drop();
  }
}

const facts = (drawn: (typeof runnerArbitrary extends fc.Arbitrary<infer R> ? R : never)[]): RunnerFacts[] =>
  drawn.map((runner, index) => ({ ...runner, id: index + 1, paused: false }));

forEachEngine('the queue', (_open, engine) => {
  const numRuns = engine === 'sqlite' ? 60 : 5;

  it('gives each runner the job that a naive reading of the rules gives it', async () => {
    const steps = fc.array(stepArbitrary, { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(fc.array(runnerArbitrary, { minLength: 1, maxLength: 5 }), steps, (drawn, list) =>
        withDatabase(engine, (db) => play(db, facts(drawn), list)),
      ),
      { numRuns },
    );
  });

  for (const notified of [true, false]) {
    const how = notified ? 'on' : 'off';
    it(`hands every matching job to one held request, whatever the order, with notifications ${how}`, async () => {
      const property = fc.asyncProperty(
        fc.array(runnerArbitrary, { minLength: 1, maxLength: 4 }),
        fc.array(jobArbitrary, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.boolean()),
        (drawn, jobs, leaves) =>
          withDatabase(engine, (db) => serve(db, facts(drawn), jobs, leaves, notified)),
      );
      await fc.assert(property, { numRuns: Math.ceil(numRuns / 3) });
    });
  }
});

/** Runners hold requests, some leave in the middle and come back; all jobs that fit somebody must be handed out once. */
async function serve(
  db: Database,
  runners: RunnerFacts[],
  jobs: (typeof jobArbitrary extends fc.Arbitrary<infer J> ? J : never)[],
  leaves: fc.Stream<boolean>,
  notified: boolean,
): Promise<void> {
  if (!notified) db.notifications.publish = () => {};
  const waiting = new RunnerWaiting(db, notified ? 60_000 : 5);
  const model = new Model();
  const entries = jobs.map((job, index): QueueEntry => {
    const entry = {
      ...placeOf(job, model),
      jobId: index + 1,
      tags: job.tags,
      protected: job.protected,
      queuedAt: 0,
    };
    model.waiting.push(entry);
    return entry;
  });
  const matching = entries.filter((entry) => {
    model.waiting = [entry];
    return runners.some((runner) => model.next(runner) !== undefined);
  });
  const taken: number[] = [];
  const done = Promise.withResolvers<void>();
  if (matching.length === 0) done.resolve();
  const stop = new AbortController();
  const work = runners.map(async (runner) => {
    while (!stop.signal.aborted) {
      const client = new AbortController();
      const now = () => performance.now();
      const leaving = leaves.next().value === true;
      if (leaving) setImmediate(() => client.abort());
      const signal = AbortSignal.any([client.signal, stop.signal]);
      const jobId = await waiting.until(runner, { deadline: now() + 60_000, signal, now }, async () => {
        const result = await db.transaction(async (tx) => {
          const claimed = (await claim(tx, [runner]))[0]!;
          await settleClaims(tx);
          return claimed;
        });
        return result.kind === 'claimed' ? { answer: result.jobId } : { waitAs: runner };
      });
      if (jobId !== null) taken.push(jobId);
      if (taken.length === matching.length) done.resolve();
    }
  });
  for (const entry of entries) await db.transaction((tx) => enqueue(tx, [entry]));
  await done.promise;
  stop.abort();
  await Promise.all(work);
  waiting.close();
  assert.deepEqual(
    taken.sort((a, b) => a - b),
    matching.map(({ jobId }) => jobId),
  );
  assert.equal(db.notifications.size, 0);
}
