import assert from 'node:assert/strict';
import { it } from 'node:test';
import { makeProject } from '../people.ts';
import { onOneServer, type TestServer } from '../start-server.ts';

/** As a proxy passes a call on. */
const FORWARDED = {
  'X-Forwarded-For': '203.0.113.9',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'ci.example.com',
};

async function seen(server: TestServer): Promise<{ ip: string; url: string }> {
  const runner = await server.api<{ id: number; token: string }>('POST', '/user/runners', {
    body: { runner_type: 'instance_type' },
  });
  const body = { token: runner.body.token, system_id: 's_1' };
  await server.api('POST', '/runners/verify', { token: null, body, headers: FORWARDED });
  const managers = await server.api<{ ip_address: string }[]>('GET', `/runners/${runner.body.id}/managers`);
  const { id } = await makeProject(server, 'app');
  const project = await server.api<{ web_url: string }>('GET', `/projects/${id}`, { headers: FORWARDED });
  return { ip: managers.body[0]!.ip_address, url: project.body.web_url };
}

onOneServer('a server behind a proxy', (start) => {
  it('believes one that it is told to trust: who calls, and by which address', async () => {
    const told = await seen(await start({ 'trusted-proxies': '127.0.0.1' }));
    assert.deepEqual(told, { ip: '203.0.113.9', url: 'https://ci.example.com/root/app' });
  });

  it('believes nobody else', async () => {
    const server = await start();
    assert.deepEqual(await seen(server), { ip: '127.0.0.1', url: `${server.url}/root/app` });
  });
});
