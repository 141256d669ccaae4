import type { Route } from '../route.ts';
import { associationsRoute } from './associations.ts';
import { forUserRoutes } from './for-users.ts';
import { resourceTokenRoutes } from './of-resources.ts';
import {
  deleteRoute,
  deleteSelfRoute,
  listRoute,
  rotateRoute,
  rotateSelfRoute,
  showRoute,
  showSelfRoute,
} from './personal.ts';

export const tokenRoutes: readonly Route[] = [
  listRoute,
  showSelfRoute,
  associationsRoute,
  showRoute,
  deleteSelfRoute,
  deleteRoute,
  rotateSelfRoute,
  rotateRoute,
  ...forUserRoutes,
  ...resourceTokenRoutes,
];
