import type { Tx } from '../db/transaction.ts';
import { cancelJobsOf, cancelPipeline } from './cancel.ts';
import {
  hasStartedUninterruptible,
  interruptibleJobs,
  type RedundantCandidate,
  selectNewer,
  selectOrigin,
  selectRedundant,
} from './queries/pipelines.ts';

/** Older pipelines are left alone. */
const WITHIN_MS = 7 * 24 * 3_600_000;

/**
 * A new pipeline makes older ones of its ref redundant (ci-yaml 24): called after it was saved. What becomes of an older
 * one is its own `workflow:auto_cancel:on_new_commit`. Child pipelines never trigger it, nor does a project that
 * switched it off. `head` is the commit of the ref now: its pipelines stay, however old.
 */
export async function cancelRedundantPipelines(
  tx: Tx,
  newPipelineId: number,
  head: string | null,
  now: number,
): Promise<void> {
  const origin = await selectOrigin(tx, newPipelineId);
  if (origin === null || !origin.autoCancel || origin.source === 'parent_pipeline') return;
  // What took long to store may be redundant itself by now: the newer one did not see it.
  const newest = (await selectNewer(tx, origin)) ?? newPipelineId;
  const newer = newest === newPipelineId ? origin : await selectOrigin(tx, newest);
  if (newer === null) return;
  for (const older of await selectRedundant(tx, newer, head ?? newer.sha, now - WITHIN_MS)) {
    await cancelRedundant(tx, older, newest, now);
  }
}

async function cancelRedundant(
  tx: Tx,
  older: RedundantCandidate,
  autoCanceledById: number,
  now: number,
): Promise<void> {
  switch (older.onNewCommit) {
    case 'none':
      return;
    case 'interruptible':
      return cancelJobsOf(
        tx,
        older.id,
        { autoCanceledById, only: await interruptibleJobs(tx, older.id) },
        now,
      );
    case 'conservative':
      if (!(await hasStartedUninterruptible(tx, older.id))) {
        await cancelPipeline(tx, older.id, { autoCanceledById }, now);
      }
  }
}
