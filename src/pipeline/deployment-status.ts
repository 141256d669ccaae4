/** All that can become of a deployment (rest-resources 9.5). */
export const DEPLOYMENT_STATUSES = [
  'created',
  'running',
  'success',
  'failed',
  'canceled',
  'blocked',
  'skipped',
] as const;

export type DeploymentStatus = (typeof DEPLOYMENT_STATUSES)[number];
