import type { Route } from '../route.ts';
import { createRoute, deleteRoute, editRoute, listRoute, showRoute } from './manage.ts';
import { startRoutes } from './start.ts';

/** Trigger tokens, and pipelines by token (rest-resources 6.1, 6.2). */
export const triggerRoutes: readonly Route[] = [
  listRoute,
  showRoute,
  createRoute,
  editRoute,
  deleteRoute,
  ...startRoutes,
];
