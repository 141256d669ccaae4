import { describe, it } from 'node:test';
import { type Case, casePipeline, contractCases, ownCases, playCase } from './cases.ts';
import { PurePipeline } from './pure-pipeline.ts';

const contract = contractCases();
const play = (item: Case) => playCase(new PurePipeline(casePipeline(item.config)), item);

describe('pipeline processing, cases of the contract (pure)', () => {
  if (contract === null)
    it('pipeline-cases.yml', { skip: 'the contract is not beside the repository' }, () => {});
  for (const item of contract ?? []) it(item.name, () => play(item));
});

describe('pipeline processing, own cases (pure)', () => {
  for (const item of ownCases()) it(item.name, () => play(item));
});
