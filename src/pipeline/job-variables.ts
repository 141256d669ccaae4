import type { Reading, Tx } from '../db/transaction.ts';
import type { Encryption } from '../project/encryption.ts';
import { deleteJobVariables, insertJobVariable, selectJobVariables } from './queries/job-variables.ts';

/** A variable that belongs to one attempt of a job. */
export interface AttemptVariable {
  key: string;
  value: string;
  /** Never expanded. */
  raw: boolean;
}

/** `manual`: given by the user at play. `dotenv`: from a report that the job uploaded, for jobs that need it. */
export type VariableSource = 'manual' | 'dotenv';

/**
 * Keeps what a dotenv report says, for the jobs that get this job's artifacts, where a reference in a value is followed
 * (runner-api 5). A newer report replaces an older one.
 */
export function storeDotenv(
  tx: Tx,
  encryption: Encryption,
  jobId: number,
  variables: readonly { key: string; value: string }[],
): Promise<void> {
  return replaceVariables(tx, encryption, jobId, 'dotenv', variables.map(expanded));
}

/** Keeps the variables that a user gave when playing a job, instead of those given before. */
export function storeManual(
  tx: Tx,
  encryption: Encryption,
  jobId: number,
  variables: readonly { key: string; value: string }[],
): Promise<void> {
  return replaceVariables(tx, encryption, jobId, 'manual', variables.map(expanded));
}

function expanded(variable: { key: string; value: string }): AttemptVariable {
  return { ...variable, raw: false };
}

/** Keeps the values that a user gave to a job's inputs, instead of those given before. */
export function storeInputs(
  tx: Tx,
  encryption: Encryption,
  jobId: number,
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  const rows = Object.entries(values).map(([key, value]) => ({
    key,
    value: JSON.stringify(value),
    raw: true,
  }));
  return replaceVariables(tx, encryption, jobId, 'input', rows);
}

/** The values that a user gave to the inputs of this attempt, by name. */
export async function inputsOfJob(
  reading: Reading,
  encryption: Encryption,
  jobId: number,
): Promise<Record<string, unknown>> {
  const rows = await selectJobVariables(reading, [jobId], 'input');
  return Object.fromEntries(
    rows.map(({ key, encryptedValue }) => [key, JSON.parse(encryption.decrypt(encryptedValue))]),
  );
}

/** The variables of these attempts from one source, by job id, in the order in which they were given. */
export async function variablesOfJobs(
  reading: Reading,
  encryption: Encryption,
  jobIds: readonly number[],
  source: VariableSource,
): Promise<Map<number, AttemptVariable[]>> {
  const rows = await selectJobVariables(reading, jobIds, source);
  const found = new Map<number, AttemptVariable[]>();
  for (const { jobId, key, encryptedValue, raw } of rows) {
    const variables = found.get(jobId) ?? [];
    found.set(jobId, variables);
    variables.push({ key, value: encryption.decrypt(encryptedValue), raw });
  }
  return found;
}

async function replaceVariables(
  tx: Tx,
  encryption: Encryption,
  jobId: number,
  source: VariableSource | 'input',
  variables: readonly AttemptVariable[],
): Promise<void> {
  await deleteJobVariables(tx, jobId, source);
  for (const { key, value, raw } of variables) {
    await insertJobVariable(tx, { jobId, source, key, encryptedValue: encryption.encrypt(value), raw });
  }
}
