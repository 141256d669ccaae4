import type { Database } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import { handOut } from '../pipeline/hand-out.ts';
import { applyEvent } from '../pipeline/job.ts';
import type { BuildDefinition } from '../pipeline/job-definition.ts';
import { type JobRow, jobById } from '../pipeline/job-lookup.ts';
import type { Encryption } from '../project/encryption.ts';
import type { Project } from '../project/project.ts';
import { digestOf } from '../project/token.ts';
import { claim, SCAN_DEPTH, settleClaims } from '../queue/claim.ts';
import type { RunnerFacts } from '../queue/match.ts';
import { makeJobToken } from './job-token.ts';
import { type Features, loadAssignFacts, refusalOf } from './pre-assign.ts';
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
}

export type Assigned = Assignment | { kind: 'nothing' } | { kind: 'contended' };

/**
 * Claims the next job for a runner and gives it away, as one fact: one transaction (security REL-4). Jobs that can not run
 * are failed on the way with their reason.
 */
export async function assignJob(
  deps: { db: Database; encryption: Encryption },
  taker: Taker,
  now: number,
): Promise<Assigned> {
  return deps.db.transaction(async (tx) => {
    const result = await takeNext(tx, deps.encryption, taker, now);
    await settleClaims(tx);
    return result;
  });
}

async function takeNext(tx: Tx, encryption: Encryption, taker: Taker, now: number): Promise<Assigned> {
  for (let scanned = 0; scanned < SCAN_DEPTH; scanned++) {
    const claimed = await claim(tx, taker.facts);
    if (claimed.kind !== 'claimed') return claimed;
    const pending = await jobById(tx, claimed.jobId);
    // Its entry was older than the truth; it is gone with this transaction.
    if (pending === null || pending.status !== 'pending') return { kind: 'contended' };
    const facts = await loadAssignFacts(tx, pending, now);
    const reason = refusalOf(facts, taker.features, now);
    if (reason !== null) {
      await applyEvent(tx, pending.id, { type: 'drop', reason }, now);
      continue;
    }
    const { definition, project } = facts;
    // `refusalOf` has refused a job without a project.
    if (project === null) throw new Error(`the project of job ${pending.id} is gone`);
    const timeoutSeconds = timeoutOf(definition, project, taker.runner);
    const token = makeJobToken(encryption, pending.id);
    const to = {
      runnerId: taker.runner.id,
      runnerManagerId: taker.managerId,
      tokenDigest: digestOf(token),
      timeoutSeconds,
    };
    const job = await give(tx, pending.id, to, taker, now);
    if (job === null) return { kind: 'contended' };
    const { queueSize, queueDepth } = claimed;
    return {
      kind: 'assigned',
      job,
      token,
      timeoutSeconds,
      queueSize,
      queueDepth: queueDepth + scanned,
      definition,
      project,
      dependencies: facts.dependencies.map(({ job }) => job),
    };
  }
  return { kind: 'contended' };
}

/** To a runner that accepts what it is given the job waits to be accepted; for others it runs from now on. */
async function give(
  tx: Tx,
  jobId: number,
  to: Parameters<typeof handOut>[2],
  { runner, features }: Taker,
  now: number,
): Promise<JobRow | null> {
  if (features.two_phase_job_commit === true) return handOut(tx, jobId, to, now);
  const run = await applyEvent(tx, jobId, { type: 'run', runnerType: runner.type, ...to }, now);
  return run.ok ? run.job : null;
}

/** The smallest of job or project timeout and the runner's maximum (runner-api 2). */
function timeoutOf(definition: BuildDefinition, project: Project, runner: Runner): number {
  const wanted = definition.timeoutSeconds ?? project.buildTimeoutSeconds;
  return Math.min(wanted, runner.maximumTimeoutSeconds ?? wanted);
}
