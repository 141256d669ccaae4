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

  it('are those of projects where the caller is reporter, whoever else may read them', async () => {
    const world = await RunnerWorld.open(await open());
    const about = world.world;
    const [mine, other] = [about.project, await about.addProject('other')];
    const runner = await world.runner({ place: { type: 'project_type', projectId: mine.id } });
    const owner = await world.token();
    const helper = await about.addUser('helper');
    await about.addMember(helper, 40);
    const send = async (method: 'POST' | 'PUT', path: string, body: Record<string, unknown>) =>
      assert.ok((await callApi(world.api.url, method, path, { token: owner, body })).status < 300, path);
    await send('POST', `/projects/${other.id}/runners`, { runner_id: runner.id });
    await send('PUT', `/projects/${other.id}`, { visibility: 'public' });
    await world.pipeline('mine: {script: [echo]}');
    about.project = other;
    await world.pipeline('other: {script: [echo]}');
    await runner.drain();
    const seen = async (token: string) => {
      const path = `/runners/${runner.id}/jobs`;
      const { body } = await callApi<{ name: string }[]>(world.api.url, 'GET', path, { token });
      return body.map(({ name }) => name);
    };
    const token = await world.token(helper.id);
    assert.deepEqual(await seen(owner), ['other', 'mine']);
    assert.deepEqual(await seen(token), ['mine']);
    await about.addMember(helper, 10);
    assert.deepEqual(await seen(token), ['mine']);
    await send('PUT', `/projects/${other.id}/members/${helper.id}`, { access_level: 20 });
    assert.deepEqual(await seen(token), ['other', 'mine']);
    await world.close();
  });
});
