import { before, it } from 'node:test';
import type { Database } from '../../../src/db/database.ts';
import { forEachEngine } from '../../databases.ts';
import { casePipeline, contractCases, ownCases, playCase } from './cases.ts';
import { StoredPipeline } from './stored-pipeline.ts';

const contract = contractCases();

forEachEngine('pipeline processing, stored', (open) => {
  let db: Database;
  before(async () => {
    db = await open();
  });

  if (contract === null)
    it('pipeline-cases.yml', { skip: 'the contract is not beside the repository' }, () => {});
  for (const item of [...(contract ?? []), ...ownCases()]) {
    it(item.name, async () => playCase(await StoredPipeline.create(db, casePipeline(item.config)), item));
  }
});
