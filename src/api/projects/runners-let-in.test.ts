import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { forEachEngine } from '../../../test/databases.ts';
import { RunnerWorld } from '../../../test/runner-world.ts';
import { callApi } from '../../../test/start-server.ts';

forEachEngine('a project that changes which runners it lets in', (open) => {
  let world: RunnerWorld;
  before(async () => {
    world = await RunnerWorld.open(await open());
  });
  after(() => world.close());

  it('takes its waiting jobs from them, and offers them again', async () => {
    const runner = await world.runner();
    const token = await world.token();
    const path = `/projects/${world.world.project.id}`;
    const letIn = async (enabled: boolean) => {
      const body = { shared_runners_enabled: enabled };
      assert.equal((await callApi(world.api.url, 'PUT', path, { token, body })).status, 200);
    };
    await world.pipeline('a: {script: [echo a]}');
    await letIn(false);
    assert.equal((await runner.request()).status, 204);
    await letIn(true);
    assert.equal((await runner.take()).payload.job_info.name, 'a');
  });
});
