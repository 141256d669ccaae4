/** What holds for any pipeline after any event (design 5); asked of the naive pipeline once both sides agree. */
import assert from 'node:assert/strict';
import type { CasePipeline, CaseState } from '../conformance/pipeline-processing/cases.ts';
import { compositeOf, type NaivePipeline } from './naive-pipeline.ts';

type Status = CaseState['pipeline'];

export const FINISHED: Status[] = ['success', 'failed', 'canceled'];
export const UNSETTLED: Status[] = [
  'created',
  'waiting_for_resource',
  'pending',
  'running',
  'canceling',
  'manual',
  'scheduled',
];

export interface Model {
  naive: NaivePipeline;
  pipeline: CasePipeline;
  attempts: number;
}

/** The latest attempts by name. */
export type Statuses = Map<string, { id: number; status: Status }>;

/** `before` and `after` an event that itself moves the jobs `touched`. */
export function holdsInvariants(model: Model, before: Statuses, after: Statuses, touched: string[]): void {
  terminalStays(before, after, touched);
  nothingStartsEarly(model, before, after, touched);
  oneAtATime(model);
  nothingIsForgotten(model);
  addsUp(model);
}

function terminalStays(before: Statuses, after: Statuses, touched: string[]): void {
  for (const [name, old] of before) {
    const now = after.get(name)!;
    if (!FINISHED.includes(old.status) || now.id !== old.id) continue;
    assert.equal(now.status, old.status, `${name} was finished`);
    assert.ok(now.id === old.id || touched.includes(name));
  }
}

function nothingStartsEarly(model: Model, before: Statuses, after: Statuses, touched: string[]): void {
  for (const job of model.naive.jobs) {
    const old = before.get(job.name)!;
    const now = after.get(job.name)!;
    const turned = ['pending', 'waiting_for_resource', 'manual', 'scheduled'].includes(now.status);
    if (touched.includes(job.name) || old.status === now.status || !turned) continue;
    if (old.status !== 'created' && old.status !== 'skipped') continue; // it had its turn before
    const earlier = model.naive.jobs.filter((other) =>
      job.schedulingType === 'dag' ? job.needs.includes(other.name) : other.stageIndex < job.stageIndex,
    );
    // A DAG job that always runs need not wait once a need was skipped (ci-yaml 23, line 1).
    if (job.when === 'always' && job.schedulingType === 'dag') continue;
    for (const other of earlier) {
      const optional = other.status === 'manual' && other.allowFailure;
      assert.ok(
        optional || !UNSETTLED.includes(other.status),
        `${job.name} before ${other.name} (${other.status})`,
      );
    }
  }
}

function oneAtATime(model: Model): void {
  const holders = model.naive.jobs.filter(
    ({ resourceGroup, status }) =>
      resourceGroup !== null && ['pending', 'running', 'canceling'].includes(status),
  );
  assert.ok(holders.length <= 1, `${holders.map(({ name }) => name)} share one slot`);
}

function nothingIsForgotten(model: Model): void {
  const alive = model.naive.jobs.some(({ status }) => UNSETTLED.includes(status) && status !== 'created');
  const created = model.naive.jobs.filter(({ status }) => status === 'created');
  assert.ok(alive || created.length === 0, `${created.map(({ name }) => name)} left behind`);
}

function addsUp({ naive, pipeline }: Model): void {
  const all = compositeOf(naive.jobs)!;
  const same = naive.status === all || (all === 'pending' && naive.status === 'running');
  assert.ok(same || all === 'created' || (all === 'canceling' && naive.status === 'canceled'));
  for (const { name } of pipeline.stages) {
    const status = compositeOf(naive.jobs.filter((job) => job.stage === name));
    assert.ok(status === 'created' || naive.stages.get(name) === status);
  }
}
