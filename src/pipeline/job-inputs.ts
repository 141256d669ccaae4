import { checkJobInputs, type GivenInputs, jobInputs } from '../config/job-inputs.ts';
import type { Reading } from '../db/transaction.ts';
import type { Encryption } from '../project/encryption.ts';
import type { BuildDefinition, JobDefinition } from './job-definition.ts';
import { inputsOfJob } from './job-variables.ts';

/** Checks the values that a user gives to a job's inputs at play or retry (jobs-api 4.9 and 4.11). */
export function checkInputs(
  definition: JobDefinition,
  given: Readonly<Record<string, unknown>>,
): GivenInputs {
  return checkJobInputs(definition.type === 'build' ? definition.inputs : null, given);
}

/** The inputs with which one attempt runs: what a user gave, else their defaults (ci-yaml 3). */
export async function inputsToRunWith(
  reading: Reading,
  encryption: Encryption,
  jobId: number,
  { inputs }: Pick<BuildDefinition, 'inputs'>,
): Promise<ReturnType<typeof jobInputs>> {
  if (inputs === null) return [];
  return jobInputs(inputs, await inputsOfJob(reading, encryption, jobId));
}
