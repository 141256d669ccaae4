import type { Route } from '../route.ts';
import { listRoute, membershipsRoute, selfRoute, showRoute } from './read.ts';
import { stateRoutes } from './state.ts';
import { createRoute, deleteRoute, editRoute } from './write.ts';

export const userRoutes: readonly Route[] = [
  selfRoute,
  listRoute,
  showRoute,
  createRoute,
  editRoute,
  deleteRoute,
  membershipsRoute,
  ...stateRoutes,
];
