import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { forEachEngine } from '../../../test/databases.ts';
import { RunnerWorld } from '../../../test/runner-world.ts';
import { callApi } from '../../../test/start-server.ts';
import { changeInstanceSettings } from '../../project/instance-settings.ts';

forEachEngine('registration tokens', (open) => {
  let world: RunnerWorld;
  let owner: string;
  before(async () => {
    world = await RunnerWorld.open(await open());
    owner = await world.token();
  });
  after(() => world.close());

  const send = <T = unknown>(method: string, path: string, body?: unknown, token: string | null = null) =>
    callApi<T>(world.api.url, method, path, { token, body });
  const allow = (allowed: boolean) =>
    world.world.db.transaction((tx) =>
      changeInstanceSettings(tx, { allow_runner_registration_token: allowed }),
    );
  const reset = (path: string, token = owner) =>
    send<{ token: string; token_expires_at: null }>('POST', `${path}/reset_registration_token`, {}, token);
  const project = () => `/projects/${world.world.project.id}/runners`;

  it('are not taken unless the instance says so: 410', async () => {
    const { body } = await reset(project());
    for (const token of [body.token, 'GR1348941nonsense']) {
      const { status, body } = await send('POST', '/runners', { token });
      assert.deepEqual([status, body], [410, { message: '410 Gone - runner registration disallowed' }]);
    }
    assert.equal((await send('POST', '/runners', {})).status, 400);
  });

  it('make a runner of the project with all that it says of itself', async () => {
    await allow(true);
    const { status, body: made } = await reset(project());
    assert.equal(status, 201);
    assert.deepEqual([made.token.slice(0, 9), made.token_expires_at], ['GR1348941', null]);
    const registered = await send<{ id: number; token: string; token_expires_at: null }>('POST', '/runners', {
      token: made.token,
      description: 'old way',
      tag_list: 'b, a',
      run_untagged: 'false',
      maximum_timeout: 3600,
      info: { name: 'gitlab-runner' },
    });
    assert.equal(registered.status, 201);
    assert.match(registered.body.token, /^glrtr-/);
    const { body } = await send<Record<string, unknown>>(
      'GET',
      `/runners/${registered.body.id}`,
      undefined,
      owner,
    );
    assert.deepEqual(
      [body.runner_type, body.name, body.description, body.tag_list, body.run_untagged, body.maximum_timeout],
      ['project_type', 'gitlab-runner', 'old way', ['a', 'b'], false, 3600],
    );
    assert.equal((await send('POST', '/runners/verify', { token: registered.body.token })).status, 200);
    assert.equal((await send('DELETE', '/runners', { token: registered.body.token })).status, 204);
    assert.equal((await send('POST', '/runners/verify', { token: registered.body.token })).status, 403);
  });

  it('say by field what is wrong', async () => {
    const { body } = await reset(project());
    const wrong = await send('POST', '/runners', { token: body.token, maximum_timeout: 10 });
    const message = { maximum_timeout: ['needs to be at least 10 minutes'] };
    assert.deepEqual([wrong.status, wrong.body], [400, { message }]);
    const twice = await send('POST', '/runners', {
      token: body.token,
      active: true,
      paused: true,
      maintainer_note: 'old',
      maintenance_note: 'new',
    });
    const error =
      'maintainer_note, maintenance_note are mutually exclusive, active, paused are mutually exclusive';
    assert.deepEqual([twice.status, twice.body], [400, { error }]);
  });

  it('die when they are reset, and an unknown one is refused', async () => {
    const { body: old } = await reset(project());
    const { body: fresh } = await reset(project());
    assert.notEqual(old.token, fresh.token);
    for (const token of [old.token, 'GR1348941nonsense']) {
      const { status, body } = await send('POST', '/runners', { token });
      assert.deepEqual([status, body], [403, { message: '403 Forbidden' }]);
    }
    assert.equal((await send('POST', '/runners', { token: fresh.token })).status, 201);
  });

  it('are shown to those who administer the place only', async () => {
    const stranger = await world.token((await world.world.addUser('stranger')).id);
    assert.equal((await reset(project(), stranger)).status, 404);
    assert.equal((await reset('/runners', stranger)).status, 403);
  });

  it('refuses an address that sends many bad tokens, and no good one', async () => {
    const runner = await world.runner();
    const statuses: number[] = [];
    for (let call = 0; call < 70; call++) {
      statuses.push((await send('POST', '/runners/verify', { token: 'glrt-nonsense' })).status);
    }
    assert.equal(statuses.at(-1), 429);
    assert.ok(statuses.filter((status) => status === 403).length >= 50);
    assert.equal((await runner.verify()).status, 200);
    const asked = await send('POST', '/jobs/request', { token: 'glrt-nonsense' });
    assert.equal(asked.status, 429);
    assert.ok(Number(asked.headers.get('retry-after')) > 0);
  });
});
