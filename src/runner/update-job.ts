import type { Database } from '../db/database.ts';
import { type DeployedFacts, deployedFacts, expectDeployed } from '../pipeline/deployed-facts.ts';
import { applySoon } from '../pipeline/event-batch.ts';
import { failureReason } from '../pipeline/failure-reason.ts';
import { isHandedOut, keepHandOut } from '../pipeline/hand-out.ts';
import { applyEvent, type JobEvent, noteSignOfLife } from '../pipeline/job.ts';
import { definitionById } from '../pipeline/job-definition.ts';
import type { JobRow } from '../pipeline/job-lookup.ts';
import { EXECUTING, type Status } from '../pipeline/status.ts';
import type { Encryption } from '../project/encryption.ts';
import { projectById } from '../project/project.ts';
import type { Traces } from '../trace/traces.ts';
import { acceptJob, holderOf } from './accept-job.ts';
import { coverageOf } from './coverage.ts';
import { noteHeartbeat } from './manager.ts';
import { runnerById } from './runner.ts';

export interface UpdateDeps {
  db: Database;
  traces: Traces;
  encryption: Encryption;
}

/** What a runner says of a job (runner-api 4, *PUT*). */
export interface SaidOfJob {
  state: string | null;
  failureReason: string | null;
  exitCode: number | null;
  checksum: string | null;
  bytesize: number | null;
}

/** How the runner came to say it. */
export interface SaidBy {
  /** The job's own token. */
  token: string;
  /** External base URL without a trailing slash. */
  baseUrl: string;
}

export type UpdateResult =
  | { kind: 'stored'; jobStatus: Status }
  /** Our copy of the log was wrong and is dropped: the runner sends all of it again. */
  | { kind: 'resend'; jobStatus: Status }
  | { kind: 'unknown_state'; jobStatus: Status }
  /** The job was given away, and is now running, ended or taken back. */
  | { kind: 'accepted_before'; jobStatus: Status }
  /** Somebody else ended the job meanwhile. */
  | { kind: 'ended'; jobStatus: Status };

/**
 * Takes what the runner says of the job it executes. A final state is stored with everything that follows from it in one
 * transaction; a repetition finds the job ended. An exit code is kept only of a failure.
 */
export async function updateJob(
  deps: UpdateDeps,
  job: JobRow,
  said: SaidOfJob,
  by: SaidBy,
  now: number,
): Promise<UpdateResult> {
  await noteHeartbeat(deps.db, { runnerId: job.runnerId, managerId: job.runnerManagerId }, now);
  if (isHandedOut(job)) return answerHandOut(deps.db, job, said.state, now);
  switch (said.state) {
    case 'running':
      await deps.db.transaction((tx) => noteSignOfLife(tx, job.id, now));
      return { kind: 'stored', jobStatus: job.status };
    case 'success':
    case 'failed':
      return finish(deps, job, said, by, now);
    default:
      return { kind: 'unknown_state', jobStatus: job.status };
  }
}

/** A job that was given away begins when its runner says so (runner-api 2, two-phase commit). */
async function answerHandOut(
  db: Database,
  job: JobRow,
  state: string | null,
  now: number,
): Promise<UpdateResult> {
  const holder = await holderOf(db.read, job);
  if (holder === null) return { kind: 'ended', jobStatus: job.status };
  if (state === 'pending') {
    const kept = await db.transaction((tx) => keepHandOut(tx, job.id, holder.tokenDigest, now));
    return { kind: kept ? 'stored' : 'accepted_before', jobStatus: job.status };
  }
  if (state !== 'running') return { kind: 'unknown_state', jobStatus: job.status };
  const result = await acceptJob(db, job, holder, now);
  if (result.ok) return { kind: 'stored', jobStatus: result.job.status };
  if (result.reason === 'not_found') return { kind: 'accepted_before', jobStatus: 'canceled' };
  const { status, tokenDigest } = result.job;
  // Its holder has said so before, at the same moment.
  const repeated = EXECUTING.has(status) && tokenDigest === holder.tokenDigest;
  return { kind: repeated ? 'stored' : 'accepted_before', jobStatus: status };
}

async function finish(
  deps: UpdateDeps,
  job: JobRow,
  said: SaidOfJob,
  by: SaidBy,
  now: number,
): Promise<UpdateResult> {
  const { checksum, bytesize } = said;
  if ((await deps.traces.settle(job.id, { checksum, bytesize }, now)) === 'resend') {
    return { kind: 'resend', jobStatus: job.status };
  }
  const coverage = await coverageFrom(deps, job);
  const event: JobEvent =
    said.state === 'success'
      ? { type: 'success', coverage }
      : { type: 'drop', reason: failureReason(said.failureReason), exitCode: said.exitCode, coverage };
  const deployed = event.type === 'success' ? await deployedBy(deps, job, by) : null;
  const result =
    deployed === null
      ? await applySoon(deps.db, job, event, now)
      : await deps.db.transaction(async (tx) => {
          await expectDeployed(tx, job.id, deployed);
          return applyEvent(tx, job.id, event, now);
        });
  if (result.ok) return { kind: 'stored', jobStatus: result.job.status };
  return { kind: 'ended', jobStatus: result.reason === 'not_found' ? 'canceled' : result.job.status };
}

/** What the job makes of its environment, where only its end tells. */
async function deployedBy(
  deps: UpdateDeps,
  job: JobRow,
  { token, baseUrl }: SaidBy,
): Promise<DeployedFacts | null> {
  if (job.environment === null || job.runnerId === null) return null;
  const { read } = deps.db;
  const [definition, project, runner] = await Promise.all([
    definitionById(read, job.definitionId),
    projectById(read, job.projectId),
    runnerById(read, job.runnerId),
  ]);
  if (definition.type !== 'build' || project === null || runner === null) return null;
  return deployedFacts(deps, { job, definition, project, runner, token, serverUrl: baseUrl });
}

async function coverageFrom({ db, traces }: UpdateDeps, job: JobRow): Promise<number | null> {
  const definition = await definitionById(db.read, job.definitionId);
  if (definition.type !== 'build' || definition.coverage === null) return null;
  const trace = await traces.view(job.id);
  return trace === null ? null : coverageOf(trace, definition.coverage);
}
