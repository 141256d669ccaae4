import type { Route } from '../route.ts';
import { listRoute, showRoute } from './read.ts';
import { deleteReviewAppsRoute, stopRoute, stopStaleRoute } from './stop.ts';
import { changeRoute, createRoute, deleteRoute } from './write.ts';

/** Environments (rest-resources 9.4). */
export const environmentRoutes: readonly Route[] = [
  listRoute,
  showRoute,
  createRoute,
  changeRoute,
  deleteRoute,
  stopRoute,
  stopStaleRoute,
  deleteReviewAppsRoute,
];
