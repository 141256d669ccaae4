import { expandText, expandVariables } from '../config/expand-variables.ts';
import type { Database } from '../db/database.ts';
import type { Tx } from '../db/transaction.ts';
import type { Encryption } from '../project/encryption.ts';
import { dependenciesOf } from './dependencies.ts';
import { shownUrl } from './environment.ts';
import { isLiteral, secondsOf } from './job/deploy.ts';
import { updateExpectation } from './queries/deployments.ts';
import { attemptVariables, jobVariables, type StartingJob } from './variables.ts';

/** What a job's success makes of its environment; null leaves what is known. */
export interface DeployedFacts {
  externalUrl: string | null;
  /** Seconds until it stops by itself. */
  autoStopSeconds: number | null;
}

/**
 * The environment's address and time to stop, expanded with the job's variables and with those that its own dotenv report
 * told (ci-yaml 11, 13.2). Null when nothing of it waits for the job's end.
 */
export async function deployedFacts(
  deps: { db: Database; encryption: Encryption },
  running: Omit<StartingJob, 'dependencies'>,
): Promise<DeployedFacts | null> {
  const { job, definition } = running;
  const { environment } = definition;
  if (environment === null || job.environment === null || environment.action !== 'start') return null;
  const { url, autoStopIn } = environment;
  if (isLiteral(url) && isLiteral(autoStopIn)) return null;
  const { read } = deps.db;
  const dependencies = await dependenciesOf(read, job, definition);
  const known = await jobVariables({ read, encryption: deps.encryption }, { ...running, dependencies });
  const told = await attemptVariables(read, deps.encryption, [job.id], 'dotenv');
  const list = [...known.map(({ raw = false, file = false, ...one }) => ({ ...one, raw, file })), ...told];
  const all = expandVariables(list, 'server');
  const values = new Map((all.ok ? all.variables : list).map(({ key, value }) => [key, value]));
  const expanded = (text: string | null) => (text === null ? null : expandText(text, values, 'blank'));
  return { externalUrl: shownUrl(expanded(url)), autoStopSeconds: secondsOf(expanded(autoStopIn)) };
}

/** Keeps them for the moment in which the job succeeds: call before its event, in the same transaction. */
export async function expectDeployed(tx: Tx, jobId: number, facts: DeployedFacts): Promise<void> {
  await updateExpectation(tx, jobId, facts);
}
