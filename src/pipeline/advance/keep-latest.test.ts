import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { casePipeline } from '../../../test/conformance/pipeline-processing/cases.ts';
import {
  type StoredOptions,
  StoredPipeline,
  storePipeline,
  storeProject,
} from '../../../test/conformance/pipeline-processing/stored-pipeline.ts';
import { forEachEngine } from '../../../test/databases.ts';
import { recordArtifact } from '../../artifact/record.ts';
import type { Database } from '../../db/database.ts';

const NOW = 1_700_000_000_000;
const shape = casePipeline({ job: { script: 'x' } });

forEachEngine('artifacts of the latest successful pipeline', (open) => {
  let db: Database;
  let projectId: number;
  before(async () => {
    db = await open();
  });

  /** A pipeline whose job has an artifact. */
  const start = async (options: StoredOptions = {}) => {
    const id = await storePipeline(db, projectId, shape, NOW, options);
    const pipeline = new StoredPipeline(db, id, shape, NOW);
    const { id: jobId } = await pipeline.job('job');
    await db.transaction((tx) =>
      recordArtifact(tx, {
        projectId,
        jobId,
        type: 'archive',
        format: 'zip',
        filename: 'a.zip',
        size: 1,
        sha256: 'x',
        storeKey: `key ${jobId}`,
        accessibility: 'public',
        expireAt: NOW,
        createdAt: NOW,
      }),
    );
    return pipeline;
  };
  const kept = async (...pipelines: StoredPipeline[]) => {
    const rows = await db.read.sql
      .selectFrom('artifacts')
      .innerJoin('jobs', 'jobs.id', 'artifacts.job_id')
      .innerJoin('pipelines', 'pipelines.id', 'jobs.pipeline_id')
      .select(['pipelines.id', 'pipelines.locked as row', 'artifacts.locked as artifact'])
      .where('artifacts.project_id', '=', projectId)
      .execute();
    for (const { row, artifact } of rows) assert.equal(row, artifact);
    const locked = new Set(rows.filter(({ row }) => row === 1).map(({ id }) => id));
    return pipelines.map(({ id }) => locked.has(id));
  };

  it('are kept until a newer one of the ref succeeds, and an old one that succeeds late is not the latest', async () => {
    projectId = await storeProject(db);
    const [first, second, third] = [await start(), await start(), await start()];
    await first.event('success', 'job');
    assert.deepEqual(await kept(first, second, third), [true, false, false]);
    await second.event('drop', 'job');
    assert.deepEqual(await kept(first, second, third), [true, false, false]);
    await third.event('success', 'job');
    assert.deepEqual(await kept(first, second, third), [false, false, true]);
    await second.event('retry', 'job');
    await second.event('success', 'job');
    assert.deepEqual(await kept(first, second, third), [false, false, true]);
  });

  it('are kept with those of its children, also of one that ends later', async () => {
    projectId = await storeProject(db);
    const parent = await start();
    const early = await start({ source: 'parent_pipeline', sourcePipelineId: parent.id });
    await early.event('success', 'job');
    assert.deepEqual(await kept(parent, early), [false, false]);
    await parent.event('success', 'job');
    const late = await start({ source: 'parent_pipeline', sourcePipelineId: parent.id });
    await late.event('success', 'job');
    assert.deepEqual(await kept(parent, early, late), [true, true, true]);
    const newer = await start();
    await newer.event('success', 'job');
    assert.deepEqual(await kept(parent, early, late, newer), [false, false, false, true]);
  });

  it('are not kept by a project that does not want it', async () => {
    projectId = await storeProject(db);
    await db.transaction((tx) =>
      tx.sql.updateTable('projects').set({ keep_latest_artifact: 0 }).where('id', '=', projectId).execute(),
    );
    const only = await start();
    await only.event('success', 'job');
    assert.deepEqual(await kept(only), [false]);
  });
});
