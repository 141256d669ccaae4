import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { forEachEngine } from '../../test/databases.ts';
import { RunnerWorld } from '../../test/runner-world.ts';
import { sendTo } from '../../test/start-api.ts';
import { changeInstanceSettings, type InstanceSettings } from '../project/instance-settings.ts';

const HOUR_MS = 3_600_000;

forEachEngine('the token of a runner', (open) => {
  let world: RunnerWorld;
  before(async () => {
    world = await RunnerWorld.open(await open());
  });
  after(() => world.close());

  const set = (changes: Partial<InstanceSettings>) =>
    world.world.db.transaction((tx) => changeInstanceSettings(tx, changes));
  const post = async (path: string, token: string) => {
    const port = Number(new URL(world.api.url).port);
    const answer = await sendTo(port, { method: 'POST', path: `/api/v4/runners/${path}`, body: { token } });
    return { status: answer.status, ...(answer.json as { token: string; token_expires_at: string | null }) };
  };
  const inHours = (hours: number) => new Date(world.world.now + hours * HOUR_MS).toISOString();

  it('lives as long as the setting for its type says, and a new one from its reset on', async () => {
    await set({
      runner_token_expiration_interval: 2 * 3600,
      project_runner_token_expiration_interval: 86_400,
    });
    const { id: projectId } = world.world.project;
    const [instance, ofProject] = [
      await world.runner(),
      await world.runner({ place: { type: 'project_type', projectId } }),
    ];
    const said = await post('verify', instance.token);
    assert.deepEqual([said.status, said.token_expires_at], [200, inHours(2)]);
    assert.equal((await post('verify', ofProject.token)).token_expires_at, inHours(24));
    world.world.now += 1.5 * HOUR_MS;
    const fresh = await post('reset_authentication_token', instance.token);
    assert.deepEqual([fresh.status, fresh.token_expires_at], [201, inHours(2)]);
    world.world.now += HOUR_MS;
    assert.equal((await post('verify', fresh.token)).status, 200);
    world.world.now += HOUR_MS;
    assert.equal((await post('verify', fresh.token)).status, 403);
    assert.equal((await post('reset_authentication_token', fresh.token)).status, 403);
    instance.lastUpdate = null;
    assert.equal((await instance.request()).status, 403);
  });

  it('stays as it is when the setting changes, and for ever where none says otherwise', async () => {
    await set({ runner_token_expiration_interval: 7200 });
    const runner = await world.runner();
    const expiry = inHours(2);
    await set({ runner_token_expiration_interval: null });
    assert.equal((await post('verify', runner.token)).token_expires_at, expiry);
    const fresh = await post('reset_authentication_token', runner.token);
    assert.equal(fresh.token_expires_at, null);
    assert.equal((await post('verify', (await world.runner()).token)).token_expires_at, null);
  });
});
