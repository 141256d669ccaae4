import { auditRoutes } from './audit/routes.ts';
import { avatarRoutes } from './avatars/routes.ts';
import { badgeRoutes } from './badges/badges.ts';
import { clusterAgentRoutes } from './cluster-agents/routes.ts';
import { commitStatusRoutes } from './commit-statuses/routes.ts';
import { deploymentRoutes } from './deployments/routes.ts';
import { environmentRoutes } from './environments/routes.ts';
import { eventRoutes } from './events/stream.ts';
import { freezePeriodRoutes } from './freeze-periods/routes.ts';
import { gitRoutes } from './git/routes.ts';
import { groupRoutes } from './groups/routes.ts';
import { hookRoutes } from './hooks/routes.ts';
import { instanceRoutes } from './instance/routes.ts';
import { jobTokenScopeRoutes } from './job-token-scope/routes.ts';
import { traceAndArtifactRoutes } from './jobs/artifact-routes.ts';
import { jobRoutes } from './jobs/routes.ts';
import { lintRoutes } from './lint/routes.ts';
import { memberRoutes } from './members/routes.ts';
import { oidcRoutes } from './oidc/routes.ts';
import { pipelineRoutes } from './pipelines/routes.ts';
import { projectRoutes } from './projects/routes.ts';
import { protectedRefRoutes } from './protected-refs/routes.ts';
import { repositoryRoutes } from './repository/routes.ts';
import { resourceGroupRoutes } from './resource-groups/routes.ts';
import type { Route } from './route.ts';
import { artifactRoutes } from './runner-jobs/artifacts.ts';
import { traceRoutes } from './runner-jobs/trace.ts';
import { runnerRoutes } from './runners/routes.ts';
import { scheduleRoutes } from './schedules/routes.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { tokenRoutes } from './tokens/routes.ts';
import { triggerRoutes } from './triggers/routes.ts';
import { userRoutes } from './users/routes.ts';
import { variableRoutes } from './variables/routes.ts';

/** Every route of the server, in the order of the contract: each family adds its own list here. */
export const routes: readonly Route[] = [
  ...projectRoutes,
  ...userRoutes,
  ...tokenRoutes,
  ...groupRoutes,
  ...avatarRoutes,
  ...auditRoutes,
  ...memberRoutes,
  ...protectedRefRoutes,
  ...variableRoutes,
  ...instanceRoutes,
  ...jobRoutes,
  ...pipelineRoutes,
  ...eventRoutes,
  ...scheduleRoutes,
  ...resourceGroupRoutes,
  ...hookRoutes,
  ...triggerRoutes,
  ...commitStatusRoutes,
  ...traceAndArtifactRoutes,
  ...runnerRoutes,
  ...traceRoutes,
  ...artifactRoutes,
  ...lintRoutes,
  ...jobTokenScopeRoutes,
  ...clusterAgentRoutes,
  ...environmentRoutes,
  ...deploymentRoutes,
  ...freezePeriodRoutes,
  ...oidcRoutes,
  ...repositoryRoutes,
  ...sessionRoutes,
  ...badgeRoutes,
  ...gitRoutes,
];
