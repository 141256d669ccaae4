import type { Route } from '../route.ts';
import { healthCheckRoute, healthRoute, livenessRoute, readinessRoute } from './health.ts';
import { metricsRoute } from './metrics.ts';
import { editRoute, showRoute } from './settings.ts';
import { metadataRoute, trackEventRoute, versionRoute } from './version.ts';

export const instanceRoutes: readonly Route[] = [
  showRoute,
  editRoute,
  versionRoute,
  metadataRoute,
  trackEventRoute,
  healthRoute,
  livenessRoute,
  readinessRoute,
  healthCheckRoute,
  metricsRoute,
];
