import type { ConfigMessage, Need } from '../compiled.ts';
import { circularNeeds } from './cycles.ts';
import type { NormalJob } from './normalise.ts';
import { publishesTwice } from './pages.ts';

type Jobs = ReadonlyMap<string, NormalJob>;

const MAX_NAME_LENGTH = 255;

/** What is wrong, and the key of the job that it is about. */
interface Fault {
  message: string;
  at: string;
}

/**
 * The first contradiction between jobs, in file order and per job in the order of ci-yaml 1 step 9; circular needs
 * come last. Null when there is none.
 */
export function checkLogic(jobs: Jobs, stages: string[]): ConfigMessage | null {
  for (const job of jobs.values()) {
    const fault = checkJob(job, jobs, stages);
    if (fault !== null) return job.entry.message('error', fault.message, fault.at);
  }
  const cycle = circularNeeds(jobs);
  if (cycle === null) return null;
  const message = `The pipeline has circular dependencies: ${cycle.text}`;
  return jobs.get(cycle.job)?.entry.message('error', message, 'needs') ?? { severity: 'error', message };
}

function checkJob(job: NormalJob, jobs: Jobs, stages: string[]): Fault | null {
  return (
    checkStage(job, stages) ??
    checkDependencies(job, jobs) ??
    checkNeeds(job, job.config.needs, 'needs', jobs) ??
    checkRuleNeeds(job, jobs) ??
    checkTriggerInclude(job, jobs) ??
    checkOnStop(job, jobs) ??
    checkPublish(job)
  );
}

function checkStage({ config }: NormalJob, stages: string[]): Fault | null {
  if (config.stageIndex >= 0) return null;
  const message = `${config.name} job: chosen stage ${config.stage} does not exist; available stages are ${stages.join(', ')}`;
  return { message, at: 'stage' };
}

function checkDependencies(job: NormalJob, jobs: Jobs): Fault | null {
  const dependencies = job.config.type === 'build' ? (job.config.dependencies ?? []) : [];
  return firstFault(dependencies, (name) => checkDependency(job, name, 'dependencies', jobs));
}

function checkDependency(job: NormalJob, name: string, at: string, jobs: Jobs): Fault | null {
  const found = jobs.get(name);
  if (found === undefined) return { message: `${job.config.name} job: undefined dependency: ${name}`, at };
  return checkOrder(job, found, 'dependency', at);
}

/** What a job uses must stand in its own stage or an earlier one. */
function checkOrder(job: NormalJob, used: NormalJob, word: string, at: string): Fault | null {
  const { stageIndex, name } = used.config;
  if (stageIndex >= 0 && stageIndex <= job.config.stageIndex) return null;
  return {
    message: `${job.config.name} job: ${word} ${name} is not defined in current or prior stages`,
    at,
  };
}

function checkRuleNeeds(job: NormalJob, jobs: Jobs): Fault | null {
  return firstFault(job.config.rules ?? [], (rule) => checkNeeds(job, rule.needs, 'rules', jobs));
}

function checkNeeds(job: NormalJob, needs: Need[] | null, at: string, jobs: Jobs): Fault | null {
  if (needs === null) return null;
  const fault = firstFault(needs, (need) => checkNeed(job, need, at, jobs));
  if (fault !== null) return fault;
  const seen = new Set<string>();
  const repeated = needs.map(({ name }) => name).filter((name) => seen.has(name) || !seen.add(name));
  if (repeated.length === 0) return null;
  const names = [...new Set(repeated)].join(', ');
  return { message: `${job.config.name} has the following needs duplicated: ${names}.`, at };
}

function checkNeed(job: NormalJob, need: Need, at: string, jobs: Jobs): Fault | null {
  const found = jobs.get(need.name);
  if (found === undefined) {
    if (need.optional) return null;
    return { message: `${job.config.name} job: undefined need: ${need.name}`, at };
  }
  if ([...need.name].length > MAX_NAME_LENGTH) {
    const message = `${job.config.name} job: need \`${need.name}\` name is too long (maximum is ${MAX_NAME_LENGTH} characters)`;
    return { message, at };
  }
  return checkOrder(job, found, 'need', at);
}

function checkTriggerInclude(job: NormalJob, jobs: Jobs): Fault | null {
  const includes = job.config.type === 'bridge' ? (job.config.trigger?.include ?? []) : [];
  return firstFault(includes, (include) => {
    const name = (include as { job?: unknown } | null)?.job;
    return typeof name === 'string' ? checkDependency(job, name, 'trigger', jobs) : null;
  });
}

function checkOnStop(job: NormalJob, jobs: Jobs): Fault | null {
  const { environment, name } = job.config;
  if (environment === null || environment.onStop === null) return null;
  const problem = onStopProblem(environment.name, jobs.get(environment.onStop));
  if (problem === null) return null;
  return { message: `${name} job: on_stop job ${environment.onStop} ${problem}`, at: 'environment' };
}

function onStopProblem(environmentName: string, stop: NormalJob | undefined): string | null {
  if (stop === undefined) return 'is not defined';
  const { environment } = stop.config;
  if (environment === null) return 'does not have environment defined';
  if (environment.name !== environmentName) return 'have different environment name';
  return environment.action === 'stop' ? null : 'needs to have action stop defined';
}

function checkPublish({ config, entry }: NormalJob): Fault | null {
  if (!publishesTwice(entry)) return null;
  const { name } = config;
  return { message: `${name} job: use either ${name}:publish or ${name}:pages:publish`, at: 'publish' };
}

function firstFault<T>(items: readonly T[], check: (item: T) => Fault | null): Fault | null {
  for (const item of items) {
    const fault = check(item);
    if (fault !== null) return fault;
  }
  return null;
}
