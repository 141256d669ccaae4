/**
 * Reads tables of pipeline cases: a configuration, the state it settles in, and events with the state after each. The
 * configurations use few keywords, so this reads them by itself and a wrong compiler cannot hide a wrong decision.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { JobSnapshot } from '../../../src/pipeline/process.ts';
import type { Status } from '../../../src/pipeline/status.ts';

export interface CaseState {
  pipeline: Status;
  stages: Record<string, Status>;
  jobs: Record<string, Status>;
}

export interface Case {
  name: string;
  config: Record<string, unknown>;
  init: CaseState;
  transitions: { event: string; jobs?: string[]; expect: CaseState }[];
}

/** A job of a case, ready for any implementation. */
export interface CaseJob extends Omit<JobSnapshot, 'id' | 'status' | 'enqueueImmediately' | 'resourceGroup'> {
  stage: string;
  resourceGroup: string | null;
  startInSeconds: number;
}

export interface CasePipeline {
  jobs: CaseJob[];
  /** Names of the stages that hold a job, with their positions. */
  stages: { name: string; index: number }[];
  cancelOnJobFailure: boolean;
}

/** Plays the events of a case, and compares what `read` gives with what is told of it, as far as `visible` leaves it. */
export async function playCase(
  pipeline: {
    read(): CaseState | Promise<CaseState>;
    event(event: string, job: string): void | Promise<void>;
    pipelineEvent(event: string): void | Promise<void>;
  },
  { init, transitions }: Case,
  visible: (state: CaseState) => CaseState = (state) => state,
): Promise<void> {
  assert.deepEqual(await pipeline.read(), init, 'after creation');
  for (const { event, jobs, expect } of transitions) {
    if (jobs === undefined) await pipeline.pipelineEvent(event);
    for (const job of jobs ?? []) await pipeline.event(event, job);
    const after = `after ${event} ${jobs?.join(', ') ?? 'of the pipeline'}`;
    assert.deepEqual(await pipeline.read(), visible(expect), after);
  }
}

const OWN = import.meta.dirname;
const SHARED = join(OWN, '../../../../shared/contract/pipeline-cases.yml');
const CASE_KEYS = ['name', 'config', 'init', 'transitions'];

/** Our own cases, from every table in this folder; throws on a file it does not understand and on an empty folder. */
export function ownCases(): Case[] {
  const files = globSync('*.yml', { cwd: OWN }).sort();
  if (files.length === 0) throw new Error('no case files');
  return files.flatMap((file) => readCases(join(OWN, file)));
}

/** The cases of the contract, or null where the contract is not beside the repository. */
export function contractCases(): Case[] | null {
  return existsSync(SHARED) ? readCases(SHARED) : null;
}

function readCases(path: string): Case[] {
  const cases: unknown = parse(readFileSync(path, 'utf8'), { merge: true });
  if (!Array.isArray(cases) || cases.length === 0) throw new Error(`${path}: not a list of cases`);
  for (const [index, item] of cases.entries()) {
    const strange = Object.keys(item).filter((key) => !CASE_KEYS.includes(key));
    const missing = CASE_KEYS.filter((key) => !(key in item));
    if (strange.length + missing.length > 0) {
      throw new Error(`${path}: case ${index} has ${strange.join(', ')} and lacks ${missing.join(', ')}`);
    }
  }
  return cases;
}

const TOP_LEVEL = ['stages', 'workflow', 'variables', 'default'];
const DEFAULT_STAGES = ['build', 'test', 'deploy'];

interface JobYaml {
  stage?: string;
  script?: unknown;
  when?: JobSnapshot['when'];
  start_in?: string;
  allow_failure?: boolean;
  needs?: (string | { job: string; optional?: boolean })[];
  rules?: { if?: string; when?: JobSnapshot['when'] | 'never'; allow_failure?: boolean }[];
  parallel?: number;
  resource_group?: string;
}
const JOB_KEYS = 'stage script when start_in allow_failure needs rules parallel resource_group'.split(' ');

/** What a configuration makes on branch `master` by a push; throws on a keyword that it does not read. */
export function casePipeline(config: Case['config']): CasePipeline {
  const names = ['.pre', ...((config.stages as string[] | undefined) ?? DEFAULT_STAGES), '.post'];
  const jobs = Object.entries(config)
    .filter(([name]) => !TOP_LEVEL.includes(name))
    .flatMap(([name, yaml]) => jobsOf(name, yaml as JobYaml, names));
  const instances = (base: string) =>
    jobs
      .filter((job) => job.name === base || job.name.replace(/ \d+\/\d+$/, '') === base)
      .map((job) => job.name);
  for (const job of jobs) job.needs = job.needs.flatMap((need) => instances(need));
  const stages = names
    .map((name, index) => ({ name, index }))
    .filter(({ index }) => jobs.some((job) => job.stageIndex === index));
  const workflow = config.workflow as { auto_cancel?: { on_job_failure?: string } } | undefined;
  return { jobs, stages, cancelOnJobFailure: workflow?.auto_cancel?.on_job_failure === 'all' };
}

function jobsOf(name: string, yaml: JobYaml, stages: string[]): CaseJob[] {
  const strange = Object.keys(yaml).filter((key) => !JOB_KEYS.includes(key));
  if (strange.length > 0) throw new Error(`job ${name}: cannot read ${strange.join(', ')}`);
  const rule = yaml.rules?.find((candidate) => holds(candidate.if));
  if (yaml.rules !== undefined && (rule === undefined || rule.when === 'never')) return [];
  const stage = yaml.stage ?? 'test';
  const stageIndex = stages.indexOf(stage);
  if (stageIndex < 0) throw new Error(`job ${name}: no stage ${stage}`);
  const job: CaseJob = {
    name,
    stage,
    stageIndex,
    when: (rule?.when ?? yaml.when ?? 'on_success') as JobSnapshot['when'],
    allowFailure: rule?.allow_failure ?? yaml.allow_failure ?? yaml.when === 'manual',
    schedulingType: yaml.needs === undefined ? 'stage' : 'dag',
    needs: (yaml.needs ?? []).map((need) => (typeof need === 'string' ? need : need.job)),
    resourceGroup: yaml.resource_group ?? null,
    startInSeconds: yaml.start_in === undefined ? 0 : Number.parseInt(yaml.start_in, 10) * 60,
  };
  const total = yaml.parallel;
  if (total === undefined) return [job];
  return Array.from({ length: total }, (_, index) => ({ ...job, name: `${name} ${index + 1}/${total}` }));
}

/** `$CI_COMMIT_REF_NAME ==` or `!=` a text: all that the cases ask. */
function holds(expression: string | undefined): boolean {
  if (expression === undefined) return true;
  const [, operator, text] = /^\$CI_COMMIT_REF_NAME (==|!=) "(.*)"$/.exec(expression) ?? [];
  if (operator === undefined) throw new Error(`cannot read the rule ${expression}`);
  return (text === 'master') === (operator === '==');
}
