import type { Reading, Tx } from '../db/transaction.ts';
import { branchExists, tagExists } from '../git/refs.ts';
import type { Repositories } from '../git/repository.ts';
import {
  countSchedules,
  deleteSchedule,
  insertSchedule,
  type ScheduleRow,
  scheduleRow,
  updateSchedule,
} from './queries/schedules.ts';
import { isTimezone, nextRun } from './schedule/next-run.ts';

export { nextRun } from './schedule/next-run.ts';

export interface ScheduleInput {
  name: string;
  /** JSON. */
  value: unknown;
}

/** A pipeline that is made again and again (rest-resources 6.3). Times in milliseconds. */
export interface Schedule {
  id: number;
  projectId: number;
  description: string;
  ref: string;
  /** Five fields. */
  cron: string;
  cronTimezone: string;
  active: boolean;
  /** Whose rights its pipelines have (security AUTHZ-6). */
  ownerId: number;
  nextRunAt: number;
  inputs: ScheduleInput[];
  createdAt: number;
  updatedAt: number;
}

/** What a client may say of a schedule. */
export type ScheduleValues = Pick<
  Schedule,
  'description' | 'ref' | 'cron' | 'cronTimezone' | 'active' | 'inputs'
>;

/** Texts by field, as the API answers them. */
export type ScheduleResult =
  | { ok: true; schedule: Schedule }
  | { ok: false; errors: Record<string, string[]> };

/** Schedules of one project. */
const MAX_SCHEDULES = 10;
const MAX_INPUTS = 20;

/** The schedule with this id, or null. */
export async function scheduleById(reading: Reading, id: number): Promise<Schedule | null> {
  const row = await scheduleRow(reading, id);
  return row === undefined ? null : scheduleOfRow(row);
}

/** Makes a schedule; refusals are texts by field. */
export async function createSchedule(
  tx: Tx,
  of: { projectId: number; ownerId: number },
  values: ScheduleValues,
  now: number,
): Promise<ScheduleResult> {
  const errors = refusalsOf(values, now);
  if ((await countSchedules(tx, of.projectId)) >= MAX_SCHEDULES) {
    errors.base = [`Maximum number of ci pipeline schedules (${MAX_SCHEDULES}) exceeded`];
  }
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const row = await insertSchedule(tx, {
    project_id: of.projectId,
    owner_id: of.ownerId,
    ...columnsOf(values, now),
    created_at: now,
    updated_at: now,
  });
  return { ok: true, schedule: scheduleOfRow(row) };
}

/** Changes a schedule; its next run is reckoned anew. */
export async function changeSchedule(
  tx: Tx,
  schedule: Schedule,
  changes: Partial<ScheduleValues>,
  now: number,
): Promise<ScheduleResult> {
  const values = { ...schedule, ...changes };
  const errors = refusalsOf(values, now);
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const row = await updateSchedule(tx, schedule.id, { ...columnsOf(values, now), updated_at: now });
  return { ok: true, schedule: scheduleOfRow(row) };
}

/** Gives a schedule another owner. */
export async function takeOwnership(tx: Tx, id: number, userId: number, now: number): Promise<Schedule> {
  return scheduleOfRow(await updateSchedule(tx, id, { owner_id: userId, updated_at: now }));
}

/** Removes a schedule with its variables; its pipelines stay. */
export async function removeSchedule(tx: Tx, id: number): Promise<void> {
  await deleteSchedule(tx, id);
}

/** A short name as the full name of the branch or tag it means; as it is when that is unknown or ambiguous. */
export async function fullRef(repositories: Repositories, projectId: number, ref: string): Promise<string> {
  if (/^refs\/(heads|tags)\//.test(ref)) return ref;
  const branch = await branchExists(repositories, projectId, ref);
  const tag = await tagExists(repositories, projectId, ref);
  if (branch === tag) return ref;
  return branch ? `refs/heads/${ref}` : `refs/tags/${ref}`;
}

function refusalsOf(values: ScheduleValues, now: number): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  if (values.description.trim() === '') errors.description = ["can't be blank"];
  if (values.ref.trim() === '') errors.ref = ["can't be blank"];
  // GitLab's texts begin with a blank (rest-resources 6.3).
  if (nextRun(values.cron, 'UTC', now) === null) errors.cron = [' is invalid syntax'];
  if (!isTimezone(values.cronTimezone)) errors.cron_timezone = [' is invalid syntax'];
  if (values.inputs.length > MAX_INPUTS) errors.inputs = [`exceeds the limit of ${MAX_INPUTS}.`];
  return errors;
}

function columnsOf(values: ScheduleValues, now: number) {
  return {
    description: values.description,
    ref: values.ref,
    cron: values.cron,
    cron_timezone: values.cronTimezone,
    active: Number(values.active),
    next_run_at: nextRun(values.cron, values.cronTimezone, now)!,
    inputs: JSON.stringify(values.inputs),
  };
}

/** A row as the rooms see it. */
export function scheduleOfRow(row: ScheduleRow): Schedule {
  return {
    id: row.id,
    projectId: row.project_id,
    description: row.description,
    ref: row.ref,
    cron: row.cron,
    cronTimezone: row.cron_timezone,
    active: row.active === 1,
    ownerId: row.owner_id,
    nextRunAt: row.next_run_at,
    inputs: JSON.parse(row.inputs) as ScheduleInput[],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
