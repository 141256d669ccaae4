import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Deployment } from '../../pipeline/deployment.ts';
import type { Environment } from '../../pipeline/environment.ts';
import { deploymentEntity } from './deployment.ts';
import { environmentEntity } from './environment.ts';

const NOW = Date.parse('2024-05-06T07:08:09.123Z');
const environment: Environment = {
  id: 3,
  projectId: 1,
  name: 'review/one',
  slug: 'review-one-abcdef',
  tier: 'development',
  state: 'available',
  externalUrl: 'https://one.test',
  description: null,
  autoStopSetting: 'always',
  autoStopAt: NOW,
  autoDeleteAt: null,
  clusterAgentId: null,
  kubernetesNamespace: 'ns',
  fluxResourcePath: null,
  createdAt: NOW,
  updatedAt: NOW,
};
const deployment: Deployment = {
  id: 8,
  iid: 2,
  projectId: 1,
  environmentId: 3,
  jobId: null,
  pipelineId: null,
  ref: 'main',
  tag: false,
  sha: 'a'.repeat(40),
  status: 'running',
  userId: null,
  onStop: null,
  externalUrl: null,
  autoStopSeconds: null,
  createdAt: NOW,
  updatedAt: NOW,
  finishedAt: null,
};
const TIME = '2024-05-06T07:08:09.123Z';
const basic =
  `{"id":3,"name":"review/one","slug":"review-one-abcdef","external_url":"https://one.test",` +
  `"created_at":"${TIME}","updated_at":"${TIME}"`;
const rest =
  `"state":"available","auto_stop_at":"${TIME}","cluster_agent":null,"kubernetes_namespace":"ns",` +
  `"flux_resource_path":null,"description":null,"auto_stop_setting":"always"}`;

it('an environment by itself, in a list, and with what is deployed, byte for byte (rest-resources 9.4)', () => {
  const clusterAgent = null;
  assert.equal(
    JSON.stringify(environmentEntity(environment, { clusterAgent })),
    `${basic},"tier":"development",${rest}`,
  );
  assert.equal(
    JSON.stringify(environmentEntity(environment, { clusterAgent, project: { id: 1 } })),
    `${basic},"tier":"development","project":{"id":1},${rest}`,
  );
  const lastDeployment = deploymentEntity(deployment, { user: null, deployable: null });
  assert.equal(
    JSON.stringify(environmentEntity(environment, { clusterAgent, lastDeployment })),
    `${basic},"tier":"development","last_deployment":${JSON.stringify(lastDeployment)},${rest}`,
  );
});

it('a deployment, byte for byte (rest-resources 9.5)', () => {
  const start = `{"id":8,"iid":2,"ref":"main","sha":"${'a'.repeat(40)}","created_at":"${TIME}","updated_at":"${TIME}","user":null`;
  const end = '"deployable":null,"status":"running"}';
  const extras = { user: null, deployable: null };
  assert.equal(JSON.stringify(deploymentEntity(deployment, extras)), `${start},${end}`);
  assert.equal(
    JSON.stringify(deploymentEntity(deployment, { ...extras, environment })),
    `${start},"environment":${basic}},${end}`,
  );
});
