import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { makePerson, makeProject } from '../../test/people.ts';
import { onOneServer, type TestServer } from '../../test/start-server.ts';

const HOUR_MS = 3_600_000;
const at = (ms: number) => ({ 'If-Unmodified-Since': new Date(ms).toUTCString() });

onOneServer('a DELETE that says what it knows', (start) => {
  let server: TestServer;
  let project: string;
  let group: number;

  before(async () => {
    server = await start();
    project = `/projects/${(await makeProject(server, 'app')).id}`;
    group = await made('/groups', { name: 'team', path: 'team' });
  });

  async function made(path: string, body: Record<string, unknown>): Promise<number> {
    const answer = await server.api<{ id: number }>('POST', path, { body });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  }

  async function agent(): Promise<string> {
    return `${project}/cluster_agents/${await made(`${project}/cluster_agents`, { name: 'agent' })}`;
  }

  /** Makes one, and gives the path that deletes it. */
  const THINGS: Record<string, () => Promise<string>> = {
    'a user': async () => `/users/${(await makePerson(server, 'gone')).id}`,
    'a runner': async () => `/runners/${await made('/user/runners', { runner_type: 'instance_type' })}`,
    "a project's variable": async () => {
      await made(`${project}/variables`, { key: 'A', value: '1' });
      return `${project}/variables/A`;
    },
    "a group's variable": async () => {
      await made(`/groups/${group}/variables`, { key: 'A', value: '1' });
      return `/groups/${group}/variables/A`;
    },
    "the instance's variable": async () => {
      await made('/admin/ci/variables', { key: 'A', value: '1' });
      return '/admin/ci/variables/A';
    },
    'a protected branch': async () => {
      await made(`${project}/protected_branches`, { name: 'release' });
      return `${project}/protected_branches/release`;
    },
    'a protected tag': async () => {
      await made(`${project}/protected_tags`, { name: 'v*' });
      return `${project}/protected_tags/v*`;
    },
    "a project's share": async () => {
      await made(`${project}/share`, { group_id: group, group_access: 30 });
      return `${project}/share/${group}`;
    },
    "a group's share": async () => {
      const other = await made('/groups', { name: 'other', path: 'other' });
      await made(`/groups/${other}/share`, { group_id: group, group_access: 30 });
      return `/groups/${other}/share/${group}`;
    },
    "a runner's assignment": async () => {
      const body = { runner_type: 'project_type', project_id: (await makeProject(server, 'first')).id };
      const runner = await made('/user/runners', body);
      await made(`${project}/runners`, { runner_id: runner });
      return `${project}/runners/${runner}`;
    },
    'a project that is let in': async () => {
      const { id } = await makeProject(server, 'source');
      await made(`${project}/job_token_scope/allowlist`, { target_project_id: id });
      return `${project}/job_token_scope/allowlist/${id}`;
    },
    'a group that is let in': async () => {
      await made(`${project}/job_token_scope/groups_allowlist`, { target_group_id: group });
      return `${project}/job_token_scope/groups_allowlist/${group}`;
    },
    'an agent': agent,
    "an agent's token": async () => {
      const tokens = `${await agent()}/tokens`;
      return `${tokens}/${await made(tokens, { name: 'token' })}`;
    },
    'a freeze period': async () => {
      const body = { freeze_start: '0 1 * * *', freeze_end: '0 2 * * *' };
      return `${project}/freeze_periods/${await made(`${project}/freeze_periods`, body)}`;
    },
    'a webhook': async () =>
      `${project}/hooks/${await made(`${project}/hooks`, { url: 'http://example.com/' })}`,
    'a trigger token': async () =>
      `${project}/triggers/${await made(`${project}/triggers`, { description: 'one' })}`,
  };

  for (const [thing, make] of Object.entries(THINGS)) {
    it(`${thing}: 412 when it changed since, and it stays`, async () => {
      const path = await make();
      const stale = await server.api('DELETE', path, { headers: at(Date.now() - HOUR_MS) });
      assert.deepEqual([stale.status, stale.body], [412, { message: '412 Precondition Failed' }]);
      assert.equal((await server.api('DELETE', path, { headers: at(Date.now()) })).status, 204);
    });
  }

  const CHANGED: Record<string, [method: string, body: Record<string, unknown>]> = {
    "a project's variable": ['PUT', { value: '2' }],
    'a protected branch': ['PATCH', { allow_force_push: true }],
  };

  for (const [thing, [method, body]] of Object.entries(CHANGED)) {
    it(`${thing} counts from its last change`, async () => {
      const path = await THINGS[thing]!();
      const known = Date.now();
      await pause(1100);
      assert.equal((await server.api(method, path, { body })).status, 200);
      assert.equal((await server.api('DELETE', path, { headers: at(known) })).status, 412);
      assert.equal((await server.api('DELETE', path)).status, 204);
    });
  }
});
