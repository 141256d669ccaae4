import type { Reading } from '../db/transaction.ts';
import { fits, type JobKind, type JobPlace, scopesOf, scopesOffering } from '../queue/match.ts';
import { activeRunnerRows } from './queries.ts';
import { factsOf, runnerOfRow } from './runner.ts';
import { runnerStatus } from './status.ts';

/** Whether some runner that is online could take a job like this (runner-api 4, *Stuck handling*). `now` in milliseconds. */
export async function someRunnerFits(
  reading: Reading,
  job: JobPlace & JobKind,
  now: number,
): Promise<boolean> {
  const offered = new Set(scopesOffering(job));
  for (const row of await activeRunnerRows(reading)) {
    const runner = runnerOfRow(row);
    if (runnerStatus(runner, now) !== 'online') continue;
    const facts = await factsOf(reading, runner);
    if (fits(facts, job) && scopesOf(facts).some((scope) => offered.has(scope))) return true;
  }
  return false;
}
