import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { casePipeline } from '../../test/conformance/pipeline-processing/cases.ts';
import {
  StoredPipeline,
  storePipeline,
  storeProject,
} from '../../test/conformance/pipeline-processing/stored-pipeline.ts';
import { forEachEngine } from '../../test/databases.ts';
import type { Database } from '../db/database.ts';
import { resourceGroupByKey, resourceGroupsOf, setProcessMode } from './resource-group.ts';

const NOW = 1_700_000_000_000;
/** The first job keeps the second from the slot until it is done. */
const CONFIG = {
  build: { stage: 'build', script: 'x' },
  ship: { stage: 'deploy', script: 'x', resource_group: 'site' },
};

forEachEngine('resource groups', (open) => {
  let db: Database;
  before(async () => {
    db = await open();
  });

  /** Pipelines of one project, oldest first; what `ship` is in each. */
  const project = async (count: number, processMode: string) => {
    const projectId = await storeProject(db);
    const shape = casePipeline(CONFIG);
    const pipelines: StoredPipeline[] = [];
    for (let index = 0; index < count; index++) {
      const id = await storePipeline(db, projectId, shape, NOW, { processMode });
      pipelines.push(new StoredPipeline(db, id, shape, NOW));
    }
    const ships = () => Promise.all(pipelines.map(async (one) => (await one.job('ship')).status));
    return { projectId, pipelines, ships };
  };

  it('unordered: whoever came to wait first, and the slot is handed over in the event that frees it', async () => {
    const { pipelines, ships } = await project(3, 'unordered');
    for (const index of [2, 0, 1]) await pipelines[index]!.event('success', 'build');
    assert.deepEqual(await ships(), ['waiting_for_resource', 'waiting_for_resource', 'pending']);
    await pipelines[2]!.event('cancel', 'ship');
    assert.deepEqual(await ships(), ['pending', 'waiting_for_resource', 'canceled']);
    await pipelines[0]!.event('run', 'ship');
    await pipelines[0]!.event('drop', 'ship');
    assert.deepEqual(await ships(), ['failed', 'pending', 'canceled']);
  });

  it('oldest first: a younger one waits for an older one that is not ready, until that one gives up', async () => {
    const { pipelines, ships } = await project(3, 'oldest_first');
    await pipelines[2]!.event('success', 'build');
    await pipelines[1]!.event('success', 'build');
    assert.deepEqual(await ships(), ['created', 'waiting_for_resource', 'waiting_for_resource']);
    await pipelines[0]!.event('drop', 'build');
    assert.deepEqual(await ships(), ['skipped', 'pending', 'waiting_for_resource']);
  });

  it('newest first: the newest one is waited for', async () => {
    const { pipelines, ships } = await project(3, 'newest_first');
    await pipelines[0]!.event('success', 'build');
    await pipelines[1]!.event('success', 'build');
    assert.deepEqual(await ships(), ['waiting_for_resource', 'waiting_for_resource', 'created']);
    await pipelines[2]!.event('success', 'build');
    assert.deepEqual(await ships(), ['waiting_for_resource', 'waiting_for_resource', 'pending']);
    await pipelines[2]!.event('success', 'ship');
    assert.deepEqual(await ships(), ['waiting_for_resource', 'pending', 'success']);
  });

  it('newest ready first: the newest of those that wait', async () => {
    const { pipelines, ships } = await project(4, 'newest_ready_first');
    for (const index of [0, 1, 2]) await pipelines[index]!.event('success', 'build');
    assert.deepEqual(await ships(), ['pending', 'waiting_for_resource', 'waiting_for_resource', 'created']);
    await pipelines[0]!.event('success', 'ship');
    assert.deepEqual(await ships(), ['success', 'waiting_for_resource', 'pending', 'created']);
  });

  it('another mode lets go whom the old one held back', async () => {
    const { projectId, pipelines, ships } = await project(2, 'oldest_first');
    await pipelines[1]!.event('success', 'build');
    assert.deepEqual(await ships(), ['created', 'waiting_for_resource']);
    const group = (await resourceGroupByKey(db.read, projectId, 'site'))!;
    assert.deepEqual(
      (await resourceGroupsOf(db.read, projectId)).map(({ key }) => key),
      ['site'],
    );
    const changed = await db.transaction((tx) => setProcessMode(tx, group.id, 'unordered', NOW));
    assert.deepEqual(await ships(), ['created', 'pending']);
    assert.equal(changed?.jobId, (await pipelines[1]!.job('ship')).id);
  });

  it('a failed holder that is retried by itself stands in line again', async () => {
    const projectId = await storeProject(db);
    const shape = casePipeline({ ship: CONFIG.ship });
    const definition = () => ({ retry: { max: 2, when: ['always'], exitCodes: [] } });
    const pipelines: StoredPipeline[] = [];
    for (let index = 0; index < 2; index++) {
      const id = await storePipeline(db, projectId, shape, NOW, { definition });
      pipelines.push(new StoredPipeline(db, id, shape, NOW));
    }
    const ships = () => Promise.all(pipelines.map(async (one) => (await one.job('ship')).status));
    await pipelines[0]!.event('drop', 'ship');
    assert.deepEqual((await ships()).sort(), ['pending', 'waiting_for_resource']);
  });
});
