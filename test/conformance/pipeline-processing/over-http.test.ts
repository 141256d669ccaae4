import { before, it } from 'node:test';
import { forEachServer, type TestServer } from '../../start-server.ts';
import { contractCases, ownCases, playCase } from './cases.ts';
import { HttpPipeline } from './http-pipeline.ts';

const contract = contractCases();

forEachServer('pipeline processing, over HTTP', (start) => {
  let server: TestServer;
  before(async () => {
    server = await start();
  });

  if (contract === null)
    it('pipeline-cases.yml', { skip: 'the contract is not beside the repository' }, () => {});
  for (const [index, item] of [...(contract ?? []), ...ownCases()].entries()) {
    it(item.name, async () => {
      const pipeline = await HttpPipeline.create(server, `case-${index}`, item.config);
      await playCase(pipeline, item, (state) => pipeline.expected(state));
    });
  }
});
