import type { Route } from '../route.ts';
import { listRoute, showRoute } from './read.ts';
import { changeRoute, createRoute, deleteRoute } from './write.ts';

/** Deployments (rest-resources 9.5). */
export const deploymentRoutes: readonly Route[] = [
  listRoute,
  showRoute,
  createRoute,
  changeRoute,
  deleteRoute,
];
