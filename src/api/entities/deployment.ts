import type { Deployment } from '../../pipeline/deployment.ts';
import type { Environment } from '../../pipeline/environment.ts';
import { environmentBasic } from './environment.ts';
import type { jobEntity } from './job.ts';
import { isoTime } from './time.ts';
import type { userBasic } from './user.ts';

/** What a deployment shows beyond its own values. */
export interface DeploymentExtras {
  user: ReturnType<typeof userBasic> | null;
  /** The job that deploys. */
  deployable: ReturnType<typeof jobEntity> | null;
  /** Left out inside its environment. */
  environment?: Environment | null;
}

/** A deployment in GitLab's key order (rest-resources 9.5). */
export function deploymentEntity(deployment: Deployment, extras: DeploymentExtras) {
  const { user, environment, deployable } = extras;
  return {
    id: deployment.id,
    iid: deployment.iid,
    ref: deployment.ref,
    sha: deployment.sha,
    created_at: isoTime(deployment.createdAt),
    updated_at: isoTime(deployment.updatedAt),
    user,
    ...(environment === undefined
      ? {}
      : { environment: environment === null ? null : environmentBasic(environment) }),
    deployable,
    status: deployment.status,
  };
}
