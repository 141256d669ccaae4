import type { PlannedJob } from './creation.ts';

/** `ci_needs_size_limit` (ci-yaml 8.3). */
const MAX_NEEDS = 50;

/** What is wrong with the needs of the jobs that are created (ci-yaml 8.3 and 21); only the job's own needs are asked. */
export function needsErrors(jobs: readonly PlannedJob[]): string[] {
  const present = new Set(jobs.map(({ config }) => config.name));
  return jobs.flatMap(({ config, needs }) => {
    const name = config.name;
    if (needs.length > MAX_NEEDS) {
      return [
        `${name}: one job can only need ${MAX_NEEDS} others, but you have listed ${needs.length}. ` +
          'See needs keyword documentation for more details',
      ];
    }
    const absent = (config.needs ?? []).filter((need) => !need.optional && !present.has(need.name));
    return absent.map(
      (need) =>
        `'${name}' job needs '${need.name}' job, but '${need.name}' does not exist in the pipeline. ` +
        'This might be because of the only, except, or rules keywords. ' +
        'To need a job that sometimes does not exist in the pipeline, use needs:optional.',
    );
  });
}
