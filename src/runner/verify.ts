import type { Reading } from '../db/transaction.ts';
import { projectIdsOf } from './queries.ts';
import { type Runner, runnerByToken } from './runner.ts';

export type Verified =
  | { ok: true; runner: Runner }
  /** `unknown`: no such token, or expired. `orphaned`: a project runner whose last project is gone. */
  | { ok: false; reason: 'unknown' | 'orphaned' };

/** The runner behind a token, if it may still work (runner-api 1: 403 and 422). */
export async function verifyRunner(reading: Reading, token: string, now: number): Promise<Verified> {
  const runner = await runnerByToken(reading, token, now);
  if (runner === null) return { ok: false, reason: 'unknown' };
  if (runner.type === 'project_type' && (await projectIdsOf(reading, runner.id)).length === 0) {
    return { ok: false, reason: 'orphaned' };
  }
  return { ok: true, runner };
}
