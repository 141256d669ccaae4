import { runDueSchedules, type ScheduleDeps } from '../pipeline/run-schedule.ts';

/**
 * Makes the pipelines of schedules that are due (rest-resources 6.3), each once. Gives how many; throws for the first that
 * could not be handled, after all others. `now` in milliseconds.
 */
export async function pipelineSchedules(deps: ScheduleDeps, now: number): Promise<number> {
  const { done, broken } = await runDueSchedules(deps, now);
  const [first] = broken;
  if (first !== undefined) {
    throw new Error(`schedule ${first.id}, ${broken.length} in all`, { cause: first.error });
  }
  return done;
}
