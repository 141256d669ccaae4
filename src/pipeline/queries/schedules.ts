import type { Selectable } from 'kysely';
import { statement } from '../../db/statement.ts';
import type { PipelineSchedulesTable, PipelineScheduleVariablesTable } from '../../db/tables/schedule.ts';
import type { Reading, Tx } from '../../db/transaction.ts';

export type ScheduleRow = Selectable<PipelineSchedulesTable>;
export type ScheduleVariableRow = Selectable<PipelineScheduleVariablesTable>;

const one = statement<ScheduleRow>('select * from pipeline_schedules where id = ?');
const due = statement<ScheduleRow>(
  'select * from pipeline_schedules where active = 1 and next_run_at <= ? order by next_run_at limit ?',
);
const move = statement<{ id: number }>(
  'update pipeline_schedules set next_run_at = ? where id = ? and next_run_at = ? and active = 1 returning id',
);
const count = statement<{ count: number }>(
  'select count(*) as count from pipeline_schedules where project_id = ?',
);
const variables = statement<ScheduleVariableRow>(
  'select * from pipeline_schedule_variables where schedule_id = ? order by id',
);
const insertRun = statement('insert into pipeline_schedule_runs (schedule_id, pipeline_id) values (?, ?)');

export async function scheduleRow(reading: Reading, id: number): Promise<ScheduleRow | undefined> {
  return (await one(reading, id))[0];
}

/** Active schedules whose time has come, the longest due first. */
export function dueScheduleRows(reading: Reading, now: number, limit: number): Promise<ScheduleRow[]> {
  return due(reading, now, limit);
}

/** Moves the next run from the time it was due; false when somebody else did, or switched the schedule off. */
export async function moveNextRun(tx: Tx, id: number, from: number, to: number): Promise<boolean> {
  return (await move(tx, to, id, from)).length === 1;
}

export async function countSchedules(reading: Reading, projectId: number): Promise<number> {
  return Number((await count(reading, projectId))[0]!.count);
}

export function insertSchedule(tx: Tx, row: Omit<ScheduleRow, 'id'>): Promise<ScheduleRow> {
  return tx.sql.insertInto('pipeline_schedules').values(row).returningAll().executeTakeFirstOrThrow();
}

export function updateSchedule(
  tx: Tx,
  id: number,
  changes: Partial<Omit<ScheduleRow, 'id'>>,
): Promise<ScheduleRow> {
  return tx.sql
    .updateTable('pipeline_schedules')
    .set(changes)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Its pipelines stay. */
export async function deleteSchedule(tx: Tx, id: number): Promise<void> {
  await tx.sql.deleteFrom('pipeline_schedule_variables').where('schedule_id', '=', id).execute();
  await tx.sql.deleteFrom('pipeline_schedule_runs').where('schedule_id', '=', id).execute();
  await tx.sql.deleteFrom('pipeline_schedules').where('id', '=', id).execute();
}

export function scheduleVariableRows(reading: Reading, scheduleId: number): Promise<ScheduleVariableRow[]> {
  return variables(reading, scheduleId);
}

export function insertScheduleVariable(
  tx: Tx,
  row: Omit<ScheduleVariableRow, 'id'>,
): Promise<ScheduleVariableRow> {
  return tx.sql
    .insertInto('pipeline_schedule_variables')
    .values(row)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function updateScheduleVariable(
  tx: Tx,
  id: number,
  changes: Partial<Pick<ScheduleVariableRow, 'encrypted_value' | 'variable_type'>>,
): Promise<ScheduleVariableRow> {
  return tx.sql
    .updateTable('pipeline_schedule_variables')
    .set({ id, ...changes })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function deleteScheduleVariable(tx: Tx, id: number): Promise<void> {
  await tx.sql.deleteFrom('pipeline_schedule_variables').where('id', '=', id).execute();
}

/** Notes that a schedule made a pipeline. */
export async function noteRun(tx: Tx, scheduleId: number, pipelineId: number): Promise<void> {
  await insertRun(tx, scheduleId, pipelineId);
}
