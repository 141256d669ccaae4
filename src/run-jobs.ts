import { parse } from 'yaml';
import { StartError } from './start-error.ts';

/** Words of a configuration that are no jobs. */
const NO_JOBS = new Set(
  'default include stages variables workflow image services cache before_script after_script spec'.split(' '),
);

interface Job {
  needs?: (string | { job?: string; project?: string; pipeline?: string })[];
  dependencies?: string[];
  environment?: { on_stop?: string } | string;
}

/**
 * A configuration of these jobs and all that they name: what they need and depend on, and what stops their environments.
 * `merged` has nothing to include and nothing to extend any more. Throws StartError for a name that is no job.
 */
export function onlyJobs(merged: string, names: readonly string[]): string {
  const whole = parse(merged) as Record<string, unknown>;
  const jobs = Object.keys(whole).filter((key) => !NO_JOBS.has(key) && !key.startsWith('.'));
  const wanted = new Set<string>();
  const add = (name: string) => {
    if (wanted.has(name) || !jobs.includes(name)) return;
    wanted.add(name);
    for (const other of namedBy(whole[name] as Job)) add(other);
  };
  for (const name of names) {
    if (!jobs.includes(name)) {
      throw new StartError(`There is no job ${JSON.stringify(name)}. There are: ${jobs.join(', ')}.`);
    }
    add(name);
  }
  const kept = Object.entries(whole).filter(([key]) => !jobs.includes(key) || wanted.has(key));
  // JSON is YAML in which no text can be taken for anything else.
  return JSON.stringify(Object.fromEntries(kept), null, 2);
}

function namedBy({ needs = [], dependencies = [], environment }: Job): string[] {
  const needed = (Array.isArray(needs) ? needs : []).flatMap((need) => {
    if (typeof need === 'string') return need;
    return need.project === undefined && need.pipeline === undefined ? (need.job ?? []) : [];
  });
  const stop = typeof environment === 'object' ? (environment.on_stop ?? []) : [];
  return [...needed, ...dependencies, ...(Array.isArray(stop) ? stop : [stop])];
}
