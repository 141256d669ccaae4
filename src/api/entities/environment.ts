import type { Environment } from '../../pipeline/environment.ts';
import type { agentEntity } from './cluster-agent.ts';
import type { deploymentEntity } from './deployment.ts';
import { isoTime } from './time.ts';

/** An environment inside other entities (rest-resources 9.5). */
export function environmentBasic(environment: Environment) {
  return {
    id: environment.id,
    name: environment.name,
    slug: environment.slug,
    external_url: environment.externalUrl,
    created_at: isoTime(environment.createdAt),
    updated_at: isoTime(environment.updatedAt),
  };
}

/** What a whole environment shows beyond its own values: absent keys are left out. */
export interface EnvironmentExtras {
  clusterAgent: ReturnType<typeof agentEntity> | null;
  /** In lists. */
  project?: unknown;
  /** When one is read. */
  lastDeployment?: Omit<ReturnType<typeof deploymentEntity>, 'environment'> | null;
}

/** An environment in GitLab's key order (rest-resources 9.4). */
export function environmentEntity(environment: Environment, extras: EnvironmentExtras) {
  const { project, lastDeployment, clusterAgent } = extras;
  return {
    ...environmentBasic(environment),
    tier: environment.tier,
    ...(project === undefined ? {} : { project }),
    ...(lastDeployment === undefined ? {} : { last_deployment: lastDeployment }),
    state: environment.state,
    auto_stop_at: isoTime(environment.autoStopAt),
    cluster_agent: clusterAgent,
    kubernetes_namespace: environment.kubernetesNamespace,
    flux_resource_path: environment.fluxResourcePath,
    description: environment.description,
    auto_stop_setting: environment.autoStopSetting,
  };
}
