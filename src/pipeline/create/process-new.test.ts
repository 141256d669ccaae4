import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { forEachEngine } from '../../../test/databases.ts';
import { PipelineWorld } from '../../../test/pipeline-world.ts';
import { readRef } from '../../git/refs.ts';
import { latestJobs } from '../job-lookup.ts';
import { build } from './build.ts';
import { workflowRules, yaml } from './configuration.ts';
import { configContent } from './content.ts';
import { processNewPipeline } from './process-new.ts';
import { savePipeline } from './save.ts';
import { seed } from './seed.ts';

forEachEngine('a pipeline whose process died after storing it', (openDatabase) => {
  let world: PipelineWorld;
  before(async () => {
    world = await PipelineWorld.open(await openDatabase());
  });
  after(() => world.close());

  it('waits out of reach of runners, and is set going once, however often one tries', async () => {
    const sha = await world.push({ '.gitlab-ci.yml': 'job: {script: [x]}\n' });
    const { project, user } = world;
    const request = {
      project,
      user,
      source: 'push',
      ref: 'main',
      serverUrl: 'http://ci.test',
      saveOnErrors: true,
    } as const;
    const creation = await build(world, request, world.now);
    for (const step of [configContent, yaml, workflowRules, seed]) assert.equal(await step(creation), null);
    const { pipelineId } = await savePipeline(creation, {
      status: 'created',
      failureReason: null,
      yamlErrors: null,
    });

    const state = async () => {
      const jobs = await latestJobs(world.db.read, pipelineId);
      const queued = await world.db.read.sql.selectFrom('queue_entries').select('job_id').execute();
      const pipeline = await world.db.read.sql
        .selectFrom('pipelines')
        .select(['unprocessed', 'lock_version'])
        .where('id', '=', pipelineId)
        .executeTakeFirstOrThrow();
      return {
        jobs: jobs.map(({ status }) => status),
        queued: queued.length,
        ref: await readRef(world.repositories.path(project.id), `refs/pipelines/${pipelineId}`),
        ...pipeline,
      };
    };
    assert.deepEqual(await state(), {
      jobs: ['created'],
      queued: 0,
      ref: null,
      unprocessed: 1,
      lock_version: 0,
    });
    await processNewPipeline(world, pipelineId, world.now);
    const going = await state();
    assert.deepEqual(
      { ...going, lock_version: 0 },
      { jobs: ['pending'], queued: 1, ref: sha, unprocessed: 0, lock_version: 0 },
    );
    await processNewPipeline(world, pipelineId, world.now);
    assert.deepEqual(await state(), going);
  });
});
