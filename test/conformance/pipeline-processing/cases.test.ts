import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Case, casePipeline, contractCases, ownCases } from './cases.ts';
import { PurePipeline } from './pure-pipeline.ts';

const contract = contractCases();

describe('pipeline processing, cases of the contract (pure)', () => {
  if (contract === null)
    it('pipeline-cases.yml', { skip: 'the contract is not beside the repository' }, () => {});
  for (const item of contract ?? []) it(item.name, () => check(item));
});

describe('pipeline processing, own cases (pure)', () => {
  for (const item of ownCases()) it(item.name, () => check(item));
});

function check(item: Case): void {
  const pipeline = new PurePipeline(casePipeline(item.config));
  assert.deepEqual(pipeline.read(), item.init, 'after creation');
  for (const { event, jobs, expect } of item.transitions) {
    if (jobs === undefined) pipeline.pipelineEvent(event);
    else for (const job of jobs) pipeline.event(event, job);
    assert.deepEqual(pipeline.read(), expect, `after ${event} ${jobs?.join(', ') ?? 'of the pipeline'}`);
  }
}
