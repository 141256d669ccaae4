import { allDone } from '../db/all-done.ts';
import type { Database } from '../db/database.ts';
import { sharedReading } from '../db/shared-reading.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import { handOut } from '../pipeline/hand-out.ts';
import { applyEvent } from '../pipeline/job.ts';
import type { BuildDefinition } from '../pipeline/job-definition.ts';
import { type JobRow, jobsByIds } from '../pipeline/job-lookup.ts';
import { holdPipelines, type JobStart, startJobs } from '../pipeline/start-jobs.ts';
import type { Encryption } from '../project/encryption.ts';
import type { Project } from '../project/project.ts';
import { digestOf } from '../project/token.ts';
import { type Claim, claim, SCAN_DEPTH, settleClaims } from '../queue/claim.ts';
import type { RunnerFacts } from '../queue/match.ts';
import { makeJobToken } from './job-token.ts';
import { type AssignFacts, type Features, loadAssignFacts, refusalOf } from './pre-assign.ts';
import type { Runner } from './runner.ts';

/** Who takes a job. */
export interface Taker {
  runner: Runner;
  facts: RunnerFacts;
  managerId: number;
  features: Features;
}

/** A job that runs from now on, or when its runner accepts it; its token is known nowhere else. */
export interface Assignment {
  kind: 'assigned';
  job: JobRow;
  token: string;
  timeoutSeconds: number;
  queueSize: number;
  queueDepth: number;
  definition: BuildDefinition;
  project: Project;
  /** Jobs of the same pipeline whose artifacts it gets. */
  dependencies: JobRow[];
  /** Where its payload is read from: shared by all jobs of one transaction. */
  read: Reading;
}

export type Assigned = Assignment | { kind: 'nothing' } | { kind: 'contended' };

/**
 * Claims the next job for each of these runners and gives it away, as one fact: one transaction (security REL-4). Jobs that
 * can not run are failed on the way with their reason.
 */
export async function assignJobs(
  deps: { db: Database; encryption: Encryption },
  takers: readonly Taker[],
  now: number,
): Promise<Assigned[]> {
  const read = sharedReading(deps.db.read);
  return deps.db.transaction(async (tx) => {
    const assigned = takers.map((): Assigned => ({ kind: 'contended' }));
    let open = [...takers.keys()];
    for (let scanned = 0; open.length > 0 && scanned < SCAN_DEPTH; scanned++) {
      const claims = await claim(
        tx,
        open.map((index) => takers[index]!.facts),
      );
      const again: number[] = [];
      const claimed: Claimed[] = [];
      for (const [at, index] of open.entries()) {
        const one = claims[at]!;
        if (one.kind === 'claimed') claimed.push({ index, taker: takers[index]!, claim: one });
        else assigned[index] = one;
      }
      for (const { index, result } of await startClaimed(tx, { ...deps, read }, claimed, now)) {
        if (result === 'refused') again.push(index);
        else assigned[index] = withScans(result, scanned);
      }
      open = again;
    }
    await settleClaims(tx);
    return assigned;
  });
}

interface Claimed {
  /** Of the taker. */
  index: number;
  taker: Taker;
  claim: Claim & { kind: 'claimed' };
}

/** Gives away what was claimed, or fails it; `refused`: its runner may have another one. */
async function startClaimed(
  tx: Tx,
  { encryption, read }: { encryption: Encryption; read: Reading },
  claimed: readonly Claimed[],
  now: number,
): Promise<{ index: number; result: Assigned | 'refused' }[]> {
  const ids = claimed.map(({ claim: { jobId } }) => jobId);
  const jobs = new Map((await jobsByIds(tx, ids)).map((job) => [job.id, job]));
  const [facts] = await allDone([
    loadAssignFacts(tx, [...jobs.values()], now),
    holdPipelines(tx, [...jobs.values()]),
  ]);
  const results: { index: number; result: Assigned | 'refused' }[] = [];
  const starts: (JobStart & {
    token: string;
    at: Claimed;
    job: JobRow;
    facts: AssignFacts;
    project: Project;
  })[] = [];
  for (const one of claimed) {
    const { index, taker, claim } = one;
    const job = jobs.get(claim.jobId);
    // Its entry was older than the truth; it is gone with this transaction.
    if (job === undefined || job.status !== 'pending') {
      results.push({ index, result: { kind: 'contended' } });
      continue;
    }
    const known = facts.get(job.id)!;
    const reason = refusalOf(known, taker.features, now);
    if (reason !== null) {
      await applyEvent(tx, job.id, { type: 'drop', reason }, now);
      results.push({ index, result: 'refused' });
      continue;
    }
    const { definition, project } = known;
    // `refusalOf` has refused a job without a project.
    if (project === null) throw new Error(`the project of job ${job.id} is gone`);
    const token = makeJobToken(encryption, job.id);
    starts.push({
      jobId: job.id,
      pipelineId: job.pipelineId,
      runnerId: taker.runner.id,
      runnerType: taker.runner.type,
      runnerManagerId: taker.managerId,
      tokenDigest: digestOf(token),
      timeoutSeconds: timeoutOf(definition, project, taker.runner),
      token,
      at: one,
      job,
      facts: known,
      project,
    });
  }
  // To a runner that accepts what it is given the job waits to be accepted; for others it runs from now on.
  const [later, atOnce] = [true, false].map((accepts) =>
    starts.filter(({ at }) => (at.taker.features.two_phase_job_commit === true) === accepts),
  ) as [typeof starts, typeof starts];
  const given = new Map<number, Partial<JobRow>>([
    ...(await handOut(tx, later, now)),
    ...(await startJobs(tx, atOnce, now)),
  ]);
  for (const { jobId, token, timeoutSeconds, at, job, facts: known, project } of starts) {
    const news = given.get(jobId);
    const { queueSize, queueDepth } = at.claim;
    const { definition } = known;
    const dependencies = known.dependencies.map((dependency) => dependency.job);
    const about = { token, timeoutSeconds, queueSize, queueDepth, definition, project, dependencies, read };
    const result: Assigned =
      news === undefined ? { kind: 'contended' } : { kind: 'assigned', job: { ...job, ...news }, ...about };
    results.push({ index: at.index, result });
  }
  return results;
}

function withScans(assigned: Assigned, scanned: number): Assigned {
  if (assigned.kind !== 'assigned') return assigned;
  return { ...assigned, queueDepth: assigned.queueDepth + scanned };
}

/** The smallest of job or project timeout and the runner's maximum (runner-api 2). */
function timeoutOf(definition: BuildDefinition, project: Project, runner: Runner): number {
  const wanted = definition.timeoutSeconds ?? project.buildTimeoutSeconds;
  return Math.min(wanted, runner.maximumTimeoutSeconds ?? wanted);
}
