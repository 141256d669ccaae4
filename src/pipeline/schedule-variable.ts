import type { Reading, Tx } from '../db/transaction.ts';
import type { Encryption } from '../project/encryption.ts';
import {
  deleteScheduleVariable,
  insertScheduleVariable,
  type ScheduleVariableRow,
  scheduleVariableRows,
  updateScheduleVariable,
} from './queries/schedules.ts';

/** A variable that every pipeline of a schedule gets (ci-yaml 13.1). */
export interface ScheduleVariable {
  id: number;
  key: string;
  value: string;
  type: 'env_var' | 'file';
  raw: boolean;
}

/** All variables of a schedule, oldest first. */
export async function scheduleVariables(
  reading: Reading,
  encryption: Encryption,
  scheduleId: number,
): Promise<ScheduleVariable[]> {
  return (await scheduleVariableRows(reading, scheduleId)).map((row) => variableOf(row, encryption));
}

/** Adds a variable; refusals are texts by field. */
export async function addScheduleVariable(
  tx: Tx,
  encryption: Encryption,
  scheduleId: number,
  { key, value, type }: Pick<ScheduleVariable, 'key' | 'value' | 'type'>,
): Promise<{ ok: true; variable: ScheduleVariable } | { ok: false; errors: Record<string, string[]> }> {
  const others = await scheduleVariableRows(tx, scheduleId);
  const texts: string[] = [];
  if (key === '') texts.push("can't be blank");
  if (!/^[A-Za-z0-9_]*$/.test(key)) texts.push("can contain only letters, digits and '_'.");
  if (key.length > 255) texts.push('is too long (maximum is 255 characters)');
  if (others.some((other) => other.key === key)) texts.push('has already been taken');
  if (texts.length > 0) return { ok: false, errors: { key: texts } };
  const row = await insertScheduleVariable(tx, {
    schedule_id: scheduleId,
    key,
    encrypted_value: encryption.encrypt(value),
    variable_type: type,
    raw: 0,
  });
  return { ok: true, variable: variableOf(row, encryption) };
}

/** Changes what is given. */
export async function changeScheduleVariable(
  tx: Tx,
  encryption: Encryption,
  id: number,
  changes: { value?: string | undefined; type?: ScheduleVariable['type'] | undefined },
): Promise<ScheduleVariable> {
  const row = await updateScheduleVariable(tx, id, {
    ...(changes.value === undefined ? {} : { encrypted_value: encryption.encrypt(changes.value) }),
    ...(changes.type === undefined ? {} : { variable_type: changes.type }),
  });
  return variableOf(row, encryption);
}

export async function removeScheduleVariable(tx: Tx, id: number): Promise<void> {
  await deleteScheduleVariable(tx, id);
}

function variableOf(row: ScheduleVariableRow, encryption: Encryption): ScheduleVariable {
  return {
    id: row.id,
    key: row.key,
    value: encryption.decrypt(row.encrypted_value),
    type: row.variable_type as ScheduleVariable['type'],
    raw: row.raw === 1,
  };
}
