import type { Tx } from '../db/transaction.ts';
import type { GitCommit } from '../git/commit.ts';
import { openPipeline, reopenPipeline } from './advance/session.ts';
import { saveAll } from './advance.ts';
import { insertJobs } from './create/queries/jobs.ts';
import { insertPipeline, insertStages, nextIid, storeCommit } from './create/queries/pipelines.ts';
import { type ExternalDefinition, storeDefinition } from './job-definition.ts';
import {
  retireStatuses,
  selectNewestPipeline,
  selectOpenStatus,
  selectStage,
  storeTexts,
} from './queries/commit-statuses.ts';
import type { JobPatch } from './queries/job-moves.ts';
import type { Status } from './status.ts';

/** Behind every stage of a configuration. */
const EXTERNAL_STAGE = { name: 'external', position: 1_000_000 };

export const REPORTED_STATES = ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'] as const;

/** What another system says of a commit (rest-resources 12.2). */
export interface Report {
  state: (typeof REPORTED_STATES)[number];
  name: string;
  /** Null leaves what an earlier report of the same status said. */
  targetUrl: string | null;
  description: string | null;
  coverage: number | null;
  userId: number;
}

/** Where it belongs; the pipeline is made when the commit has none on the ref. */
export interface ReportPlace {
  projectId: number;
  commit: GitCommit;
  ref: string;
  tag: boolean;
  protected: boolean;
  /** A pipeline that must take it. */
  pipelineId: number | null;
}

export type ReportResult =
  | { ok: true; jobId: number }
  /** `event` does not lead on from `from`. */
  | { ok: false; event: string; from: Status };

/** The event by which a state is reached, as GitLab names it, and the statuses from which it leads there. */
const EVENTS: Record<Report['state'], { event: string; from: readonly Status[] }> = {
  pending: { event: 'enqueue', from: ['created'] },
  running: { event: 'run', from: ['created', 'pending'] },
  success: { event: 'success', from: ['created', 'pending', 'running'] },
  failed: { event: 'drop', from: ['created', 'pending', 'running'] },
  canceled: { event: 'cancel', from: ['created', 'pending', 'running'] },
  skipped: { event: 'skip', from: ['created', 'pending'] },
};

/**
 * Notes what another system says of a commit: a status of the newest pipeline of its ref, or of one made for it. The one
 * that its user reported under the name and that has not ended is moved on, else a new one takes its place. The pipeline's
 * own status follows.
 */
export async function reportStatus(
  tx: Tx,
  place: ReportPlace,
  report: Report,
  now: number,
): Promise<ReportResult> {
  const pipelineId = await pipelineFor(tx, place, report.userId, now);
  let session = await openPipeline(tx, pipelineId);
  if (session === null) throw new Error(`pipeline ${pipelineId} is gone`);
  let jobId = await selectOpenStatus(tx, pipelineId, report.name, report.userId);
  if (jobId === null) {
    jobId = await addStatus(tx, pipelineId, place, report, now);
    session = (await reopenPipeline(tx, pipelineId))!;
  }
  const { event, from } = EVENTS[report.state];
  const { status } = session.state.job(jobId);
  if (!from.includes(status)) return { ok: false, event, from: status };
  await storeTexts(tx, jobId, report);
  session.patches.set(jobId, patchOf(report, now));
  session.state.set(session.state.job(jobId), report.state);
  await saveAll(session, now);
  return { ok: true, jobId };
}

function patchOf({ state, coverage }: Report, now: number): JobPatch {
  return {
    ...(coverage === null ? {} : { coverage }),
    ...(state === 'pending' || state === 'running' ? { queuedAt: now } : {}),
    ...(state === 'failed' ? { failureReason: 'api_failure' } : {}),
  };
}

async function pipelineFor(tx: Tx, place: ReportPlace, userId: number, now: number): Promise<number> {
  if (place.pipelineId !== null) return place.pipelineId;
  const find = () => selectNewestPipeline(tx, place.projectId, place.commit.sha, place.ref);
  const known = await find();
  if (known !== null) return known;
  // Who counts first makes the pipeline; the other one, having waited for the counter, finds it.
  const iid = await nextIid(tx, place.projectId);
  return (await find()) ?? (await addPipeline(tx, place, { iid, userId }, now));
}

async function addPipeline(
  tx: Tx,
  place: ReportPlace,
  { iid, userId }: { iid: number; userId: number },
  now: number,
): Promise<number> {
  const { projectId, commit, ref, tag } = place;
  return insertPipeline(
    tx,
    {
      iid,
      projectId,
      commitId: await storeCommit(tx, projectId, commit),
      ref,
      tag,
      sha: commit.sha,
      beforeSha: '0'.repeat(commit.sha.length),
      source: 'external',
      status: 'created',
      protected: place.protected,
      userId,
      name: null,
      yamlErrors: null,
      failureReason: null,
      autoCancelOnNewCommit: 'none',
      autoCancelOnJobFailure: 'none',
      sourceJobId: null,
      sourcePipelineId: null,
      messages: [],
      origin: null,
      unprocessed: false,
      finishedAt: null,
    },
    now,
  );
}

async function addStatus(
  tx: Tx,
  pipelineId: number,
  place: ReportPlace,
  { name, userId }: Report,
  now: number,
): Promise<number> {
  const { position } = EXTERNAL_STAGE;
  await retireStatuses(tx, pipelineId, name, now);
  const known = await selectStage(tx, pipelineId, position);
  const stageId = known ?? (await insertStages(tx, pipelineId, [EXTERNAL_STAGE])).get(position)!;
  const definitionId = await storeDefinition(tx, EXTERNAL);
  const { projectId, ref, tag } = place;
  const of = { projectId, pipelineId, ref, tag, protected: place.protected, userId };
  const job = {
    type: 'external',
    stageId,
    definitionId,
    name,
    stageIndex: position,
    when: 'on_success',
    allowFailure: false,
    schedulingType: 'stage',
    interruptible: false,
    environment: null,
    resourceGroupId: null,
  } as const;
  return (await insertJobs(tx, of, [job], now)).get(name)!;
}

/** Nothing of ours runs it. */
const EXTERNAL: ExternalDefinition = {
  type: 'external',
  stage: EXTERNAL_STAGE.name,
  variables: [],
  startInSeconds: null,
  allowFailureExitCodes: [],
  manualConfirmation: null,
  crossNeeds: [],
  environment: null,
  parallel: null,
};
