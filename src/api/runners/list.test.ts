import assert from 'node:assert/strict';
import { it } from 'node:test';
import { forEachEngine } from '../../../test/databases.ts';
import { RunnerWorld } from '../../../test/runner-world.ts';
import { callApi } from '../../../test/start-server.ts';

forEachEngine('lists of runners', (open) => {
  it('are filtered by any number of tags, of which a runner has all or is not shown', async () => {
    const world = await RunnerWorld.open(await open());
    const token = await world.token();
    const tags = Array.from({ length: 1100 }, (_, i) => (i + 36).toString(36));
    const place = { type: 'project_type', projectId: world.world.project.id } as const;
    const runner = await world.runner({ place, tags: tags.slice(0, 50) });
    const found = async (wanted: string[]) => {
      const path = `/runners?tag_list=${wanted.join(',')}`;
      const { status, body } = await callApi<{ id: number }[]>(world.api.url, 'GET', path, { token });
      return [status, status === 200 ? body.map(({ id }) => id) : body];
    };
    const fifty = tags.slice(0, 50);
    assert.deepEqual(await found([...fifty, ...fifty]), [200, [runner.id]]);
    assert.deepEqual(await found(tags.slice(0, 51)), [200, []]);
    assert.deepEqual(await found(tags), [200, []]);
    await world.close();
  });
});
