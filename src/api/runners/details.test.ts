import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { forEachEngine } from '../../../test/databases.ts';
import { RunnerWorld } from '../../../test/runner-world.ts';
import { callApi } from '../../../test/start-server.ts';

interface Details {
  maintenance_note: string | null;
  projects: { id: number; forks_count?: number }[];
}

forEachEngine('the details of a runner', (open) => {
  let world: RunnerWorld;
  let api: RunnerWorld['api'];
  let about: RunnerWorld['world'];
  beforeEach(async () => {
    world = await RunnerWorld.open(await open());
    ({ api, world: about } = world);
  });
  afterEach(() => world.close());

  it('have the note for those who administer it', async () => {
    const boss = await about.addUser('boss');
    await about.db.transaction((tx) =>
      tx.sql.updateTable('users').set({ admin: 1 }).where('id', '=', boss.id).execute(),
    );
    const tokens = {
      stranger: await world.token((await about.addUser('stranger')).id),
      owner: await world.token(),
      admin: await world.token(boss.id),
    };
    const own = { type: 'project_type', projectId: about.project.id } as const;
    const shared = await world.runner({ maintenanceNote: 'rack 7' });
    const runner = await world.runner({ place: own, maintenanceNote: 'rack 7' });
    const note = async (id: number, token: string) =>
      (await callApi<Details>(api.url, 'GET', `/runners/${id}`, { token })).body.maintenance_note;
    assert.deepEqual(
      [await note(shared.id, tokens.stranger), await note(shared.id, tokens.owner)],
      [null, null],
    );
    assert.deepEqual(
      [await note(shared.id, tokens.admin), await note(runner.id, tokens.owner)],
      ['rack 7', 'rack 7'],
    );
  });

  it('keep what each of several changes of one moment said', async () => {
    const token = await world.token();
    const place = { type: 'project_type', projectId: about.project.id } as const;
    const runner = await world.runner({ place });
    for (let round = 0; round < 5; round++) {
      const said = { paused: round % 2 === 0, description: `box ${round}`, tag_list: [`t${round}`] };
      const changes = Object.entries(said).map(([name, value]) =>
        callApi<Record<string, unknown>>(api.url, 'PUT', `/runners/${runner.id}`, {
          token,
          body: { [name]: value },
        }),
      );
      await Promise.all(changes);
      const { body } = await callApi<typeof said>(api.url, 'GET', `/runners/${runner.id}`, { token });
      assert.deepEqual({ paused: body.paused, description: body.description, tag_list: body.tag_list }, said);
    }
  });

  it('have the projects that the caller is in, as lists show them', async () => {
    const owner = await world.token();
    const helper = await about.addUser('helper');
    const mine = about.project.id;
    const other = (await about.addProject('other')).id;
    const runner = await world.runner({ place: { type: 'project_type', projectId: mine } });
    const send = async (method: 'POST' | 'PUT', path: string, body: Record<string, unknown>) => {
      const { status } = await callApi(api.url, method, path, { token: owner, body });
      assert.ok(status < 300, path);
    };
    await send('POST', `/projects/${mine}/members`, { user_id: helper.id, access_level: 40 });
    await send('POST', `/projects/${other}/runners`, { runner_id: runner.id });
    await send('PUT', `/projects/${other}`, { visibility: 'public' });
    await send('POST', `/projects/${mine}/fork`, { path: 'copy', name: 'copy' });
    const seen = async (token: string) => {
      const { body } = await callApi<Details>(api.url, 'GET', `/runners/${runner.id}`, { token });
      return body.projects.map(({ id, forks_count }) => [id, forks_count]);
    };
    assert.deepEqual(await seen(await world.token(helper.id)), [[mine, 1]]);
    assert.deepEqual(await seen(owner), [
      [mine, 1],
      [other, 0],
    ]);
  });
});
