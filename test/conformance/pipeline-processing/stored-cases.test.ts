import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import type { Database } from '../../../src/db/database.ts';
import { forEachEngine } from '../../databases.ts';
import { type Case, casePipeline, contractCases, ownCases } from './cases.ts';
import { StoredPipeline } from './stored-pipeline.ts';

const contract = contractCases();

forEachEngine('pipeline processing, stored', (open) => {
  let db: Database;
  before(async () => {
    db = await open();
  });

  if (contract === null)
    it('pipeline-cases.yml', { skip: 'the contract is not beside the repository' }, () => {});
  for (const item of [...(contract ?? []), ...ownCases()]) it(item.name, () => check(db, item));
});

async function check(db: Database, item: Case): Promise<void> {
  const pipeline = await StoredPipeline.create(db, casePipeline(item.config));
  assert.deepEqual(await pipeline.read(), item.init, 'after creation');
  for (const { event, jobs, expect } of item.transitions) {
    if (jobs === undefined) await pipeline.pipelineEvent(event);
    for (const job of jobs ?? []) await pipeline.event(event, job);
    assert.deepEqual(
      await pipeline.read(),
      expect,
      `after ${event} ${jobs?.join(', ') ?? 'of the pipeline'}`,
    );
  }
}
