/**
 * A large pipeline is stored in several transactions, so that others can write meanwhile (security LIM-7): first its number
 * is taken, then its jobs are stored some at a time, and in the last transaction its row appears. Until then it is a
 * *draft*: jobs whose pipeline has no row, which no list shows and nothing moves. A draft whose process died is removed by
 * a duty; whoever asked for the pipeline asks again, as for one that was never begun.
 */

import type { Tx } from '../../db/transaction.ts';
import { insertJobsOf, insertNew, insertStagesOf, type PreparedJob } from './content-rows.ts';
import type { Creation } from './creation.ts';
import { addDraft, holdDraft, removeDraft } from './queries/drafts.ts';
import { deleteRow, insertPipeline, type NewPipeline } from './queries/pipelines.ts';

/** What one transaction stores of a draft, counted in jobs; some 10 milliseconds. */
const AT_ONCE = 250;
/** Needs that cost as much as a job. */
const NEEDS_OF_A_JOB = 5;

/** The row of a pipeline but for what is given when it is stored. */
type Row = Omit<NewPipeline, 'iid' | 'commitId'>;

export interface Draft {
  pipelineId: number;
  iid: number;
  commitId: number | null;
  /** By name. */
  jobIds: Map<string, number>;
}

/** Stores the jobs of a large pipeline ahead of it; null for one that fits into one transaction. */
export async function draftLarge(
  creation: Creation,
  row: Row,
  jobs: readonly PreparedJob[],
): Promise<Draft | null> {
  const [first, ...parts] = partsOf(jobs);
  if (first === undefined || parts.length === 0) return null;
  const { db } = creation.deps;
  const jobIds = new Map<string, number>();
  const { stageIds, ...numbers } = await db.transaction(async (tx) => {
    const made = await insertNew(tx, creation, row);
    await deleteRow(tx, made.pipelineId);
    await addDraft(tx, made.pipelineId, row.projectId, creation.now);
    return { ...made, stageIds: await insertStagesOf(tx, made.pipelineId, jobs) };
  });
  for (const part of [first, ...parts]) {
    const ids = await db.transaction(async (tx) => {
      await hold(tx, numbers.pipelineId);
      return insertJobsOf(tx, creation, numbers.pipelineId, stageIds, part);
    });
    for (const [name, id] of ids) jobIds.set(name, id);
  }
  return { ...numbers, jobIds };
}

/** In the last transaction: the draft is a pipeline. */
export async function appear(tx: Tx, draft: Draft, row: Row, now: number): Promise<void> {
  const { pipelineId, iid, commitId } = draft;
  await hold(tx, pipelineId);
  await removeDraft(tx, pipelineId);
  await insertPipeline(tx, { ...row, iid, commitId }, now, pipelineId);
}

async function hold(tx: Tx, pipelineId: number): Promise<void> {
  if (!(await holdDraft(tx, pipelineId)))
    throw new Error(`draft ${pipelineId} was given up: it took too long`);
}

function partsOf(jobs: readonly PreparedJob[]): PreparedJob[][] {
  const parts: PreparedJob[][] = [];
  let room = 0;
  for (const job of jobs) {
    if (room <= 0) {
      parts.push([]);
      room = AT_ONCE;
    }
    parts.at(-1)!.push(job);
    room -= 1 + job.needs.length / NEEDS_OF_A_JOB;
  }
  return parts;
}
