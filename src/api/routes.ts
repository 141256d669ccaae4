import { gitRoutes } from './git/routes.ts';
import { traceAndArtifactRoutes } from './jobs/artifact-routes.ts';
import { jobRoutes } from './jobs/routes.ts';
import { oidcRoutes } from './oidc/routes.ts';
import { pipelineRoutes } from './pipelines/routes.ts';
import type { Route } from './route.ts';
import { artifactRoutes } from './runner-jobs/artifacts.ts';
import { traceRoutes } from './runner-jobs/trace.ts';
import { runnerRoutes } from './runners/routes.ts';

/** Every route of the server, in the order of the contract: each family adds its own list here. */
export const routes: readonly Route[] = [
  ...jobRoutes,
  ...pipelineRoutes,
  ...traceAndArtifactRoutes,
  ...runnerRoutes,
  ...traceRoutes,
  ...artifactRoutes,
  ...oidcRoutes,
  ...gitRoutes,
];
