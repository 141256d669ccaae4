import assert from 'node:assert/strict';
import { it } from 'node:test';
import { forEachEngine } from '../../../test/databases.ts';
import { RunnerWorld } from '../../../test/runner-world.ts';
import { callApi } from '../../../test/start-server.ts';

forEachEngine('projects of a runner', (open) => {
  it('get it once, and do not all lose it, however many ask at the same moment', async () => {
    const world = await RunnerWorld.open(await open());
    const token = await world.token();
    const projects = [world.world.project.id, (await world.world.addProject('other')).id];
    const runner = await world.runner({ place: { type: 'project_type', projectId: projects[0]! } });
    const statuses = async (calls: ['POST' | 'DELETE', string, Record<string, unknown>?][]) => {
      const answers = calls.map(([method, path, body]) =>
        callApi(world.api.url, method, `/projects/${path}`, { token, body }),
      );
      return (await Promise.all(answers)).map(({ status }) => status).sort();
    };
    for (let round = 0; round < 5; round++) {
      const assign = projects.flatMap((id) =>
        Array(3).fill(['POST', `${id}/runners`, { runner_id: runner.id }]),
      );
      assert.deepEqual(await statuses(assign), [201, 400, 400, 400, 400, 400]);
      assert.deepEqual(
        await statuses(projects.map((id) => ['DELETE', `${id}/runners/${runner.id}`])),
        [204, 403],
      );
    }
    await world.close();
  });
});
