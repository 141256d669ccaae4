import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { forEachServer, type TestServer } from '../../start-server.ts';
import { type Case, contractCases, ownCases } from './cases.ts';
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
    it(item.name, () => check(server, `case-${index}`, item));
  }
});

async function check(server: TestServer, project: string, item: Case): Promise<void> {
  const pipeline = await HttpPipeline.create(server, project, item.config);
  assert.deepEqual(await pipeline.read(), item.init, 'after creation');
  for (const { event, jobs, expect } of item.transitions) {
    if (jobs === undefined) await pipeline.pipelineEvent(event);
    for (const job of jobs ?? []) await pipeline.event(event, job);
    assert.deepEqual(
      await pipeline.read(),
      pipeline.expected(expect),
      `after ${event} ${jobs?.join(', ') ?? 'of the pipeline'}`,
    );
  }
}
