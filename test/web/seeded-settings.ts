import assert from 'node:assert/strict';
import type { TestServer } from '../start-server.ts';

/** Fills a project, and the server around it, with what pages of settings show. */
export async function seedSettings(server: TestServer, project: number): Promise<void> {
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
  await make('/user/runners', {
    runner_type: 'project_type',
    project_id: project,
    description: 'gpu-box',
    tag_list: ['gpu', 'linux'],
    run_untagged: false,
    paused: true,
  });
}
