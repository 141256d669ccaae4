import assert from 'node:assert/strict';
import type { TestServer } from '../start-server.ts';

/** Fills a project, and the server around it, with what pages of settings show. */
export async function seedSettings(
  server: TestServer,
  project: number,
): Promise<{ schedule: number; hook: number; group: string }> {
  const make = async (path: string, body: Record<string, unknown>) => {
    const { status, body: answer } = await server.api<{ id: number }>('POST', path, { body });
    assert.equal(status, 201, `${path}: ${JSON.stringify(answer)}`);
    return answer.id;
  };
  const p = `/projects/${project}`;
  for (const [key, value, more] of [
    [
      'DEPLOY_TOKEN',
      'a-secret-of-some-length',
      { masked: true, protected: true, environment_scope: 'production' },
    ],
    ['DEPLOY_TOKEN', 'another-secret-for-review', { masked: true, environment_scope: 'review/*' }],
    ['REGISTRY_PASSWORD', 'nobody-sees-this-again', { masked_and_hidden: true }],
    [
      'KUBECONFIG',
      'apiVersion: v1\nkind: Config\n',
      { variable_type: 'file', description: 'For the staging cluster' },
    ],
    ['LOG_LEVEL', 'debug', {}],
  ] as const) {
    await make(`${p}/variables`, { key, value, ...more });
  }
  await make('/admin/ci/variables', { key: 'HTTP_PROXY', value: 'http://proxy.example:3128' });
  const nightly = await make(`${p}/pipeline_schedules`, {
    description: 'Nightly build',
    ref: 'main',
    cron: '0 4 * * *',
    cron_timezone: 'Europe/Berlin',
  });
  await make(`${p}/pipeline_schedules/${nightly}/variables`, { key: 'FULL', value: 'yes' });
  await make(`${p}/pipeline_schedules`, {
    description: 'Weekly clean-up of review apps',
    ref: 'main',
    cron: '30 6 * * 1-5',
    active: false,
  });
  const hook = await make(`${p}/hooks`, {
    url: 'https://chat.example.com/hooks/ci',
    name: 'Team chat',
    pipeline_events: true,
    push_events: false,
  });
  const group = await make('/groups', {
    name: 'Platform',
    path: 'platform',
    description: 'What all teams use',
  });
  for (const [username, name, level] of [
    ['grace', 'Grace H.', 40],
    ['linus', 'Linus T.', 30],
  ] as const) {
    const id = await make('/users', {
      username,
      name,
      email: `${username}@example.com`,
      force_random_password: true,
    });
    await make(`/groups/${group}/members`, { user_id: id, access_level: level });
    await make(`${p}/members`, { user_id: id, access_level: level });
  }
  await make('/user/runners', {
    runner_type: 'group_type',
    group_id: group,
    description: 'arm-farm',
    tag_list: ['arm64'],
  });
  await make('/user/runners', {
    runner_type: 'project_type',
    project_id: project,
    description: 'gpu-box',
    tag_list: ['gpu', 'linux'],
    run_untagged: false,
    paused: true,
  });
  return { schedule: nightly, hook, group: 'platform' };
}
