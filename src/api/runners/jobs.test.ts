import assert from 'node:assert/strict';
import { it } from 'node:test';
import { forEachEngine } from '../../../test/databases.ts';
import { RunnerWorld } from '../../../test/runner-world.ts';
import { type ApiAnswer, callApi } from '../../../test/start-server.ts';

forEachEngine('the jobs of a runner', (open) => {
  it('come by keyset in either order, each once, and no further than the last', async () => {
    const world = await RunnerWorld.open(await open());
    const runner = await world.runner({
      place: { type: 'project_type', projectId: world.world.project.id },
    });
    const token = await world.token();
    await world.pipeline(Array.from({ length: 5 }, (_, i) => `job ${i}: {script: [echo]}`).join('\n'));
    const names = await runner.drain();
    for (const [sort, expected] of [
      ['asc', names],
      ['desc', names.toReversed()],
    ] as const) {
      const seen: string[] = [];
      let next: string | undefined = `/runners/${runner.id}/jobs?pagination=keyset&per_page=2&sort=${sort}`;
      for (let page = 0; page < 3; page++) {
        const answer: ApiAnswer<{ name: string }[]> = await callApi(world.api.url, 'GET', next!, { token });
        seen.push(...answer.body.map(({ name }) => name));
        next = /<[^>]*\/api\/v4([^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
      }
      assert.deepEqual([seen, next], [expected, undefined]);
    }
    const bad = `/runners/${runner.id}/jobs?pagination=keyset&cursor=nonsense`;
    assert.equal((await callApi(world.api.url, 'GET', bad, { token })).status, 400);
    await world.close();
  });
});
