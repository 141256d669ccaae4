import type { Route } from '../route.ts';
import { listRoute, showRoute } from './read.ts';
import { addRoute, changeRoute, removeRoute } from './write.ts';

export const memberRoutes: readonly Route[] = (['project', 'group'] as const).flatMap((type) => [
  listRoute(type, 'direct'),
  listRoute(type, 'all'),
  showRoute(type, 'direct'),
  showRoute(type, 'all'),
  addRoute(type),
  changeRoute(type),
  removeRoute(type),
]);
