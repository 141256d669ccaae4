import type { Reading, Tx } from '../db/transaction.ts';
import {
  deleteFreezePeriod,
  type FreezePeriodRow,
  freezePeriodRows,
  insertFreezePeriod,
  updateFreezePeriod,
} from './queries/freeze-periods.ts';
import { isTimezone, lastRun, nextRun } from './schedule/next-run.ts';

/** A time, told by two cron expressions, in which jobs see CI_DEPLOY_FREEZE (rest-resources 9.5). */
export type FreezePeriod = FreezePeriodRow;

/** What a client may say of one. */
export type FreezePeriodValues = Pick<FreezePeriod, 'freeze_start' | 'freeze_end' | 'cron_timezone'>;

/** Texts by field, as the API answers them. */
export type FreezePeriodResult =
  | { ok: true; period: FreezePeriod }
  | { ok: false; errors: Record<string, string[]> };

/** The freeze periods of a project, oldest first. */
export function freezePeriodsOf(reading: Reading, projectId: number): Promise<FreezePeriod[]> {
  return freezePeriodRows(reading, projectId);
}

/** Makes a freeze period; refusals are texts by field. */
export async function createFreezePeriod(
  tx: Tx,
  projectId: number,
  values: FreezePeriodValues,
  now: number,
): Promise<FreezePeriodResult> {
  const errors = refusalsOf(values, now);
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const times = { created_at: now, updated_at: now };
  return { ok: true, period: await insertFreezePeriod(tx, { project_id: projectId, ...values, ...times }) };
}

/** Changes a freeze period; null when it is gone. */
export async function changeFreezePeriod(
  tx: Tx,
  period: FreezePeriod,
  changes: Partial<FreezePeriodValues>,
  now: number,
): Promise<FreezePeriodResult | null> {
  const changed = { ...period, ...changes, updated_at: now };
  const errors = refusalsOf(changed, now);
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const stored = await updateFreezePeriod(tx, changed);
  return stored === null ? null : { ok: true, period: stored };
}

export function removeFreezePeriod(tx: Tx, id: number): Promise<void> {
  return deleteFreezePeriod(tx, id);
}

/** Whether a project is in one of its freeze periods: the last start came after the last end. `now` in milliseconds. */
export async function isFrozen(reading: Reading, projectId: number, now: number): Promise<boolean> {
  return (await freezePeriodRows(reading, projectId)).some((period) => {
    const started = lastRun(period.freeze_start, period.cron_timezone, now);
    const ended = lastRun(period.freeze_end, period.cron_timezone, now);
    return started !== null && (ended === null || ended < started);
  });
}

function refusalsOf(values: FreezePeriodValues, now: number): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  for (const field of ['freeze_start', 'freeze_end'] as const) {
    if (nextRun(values[field], 'UTC', now) === null) errors[field] = [' is invalid syntax'];
  }
  if (!isTimezone(values.cron_timezone)) errors.cron_timezone = [' is invalid syntax'];
  return errors;
}
