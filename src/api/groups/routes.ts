import type { Route } from '../route.ts';
import { descendantsRoute, groupProjectsRoute, listRoute, subgroupsRoute } from './list.ts';
import { existsRoute, showRoute as namespaceRoute, listRoute as namespacesRoute } from './namespaces.ts';
import { shareRoute, unshareRoute } from './share.ts';
import { showRoute } from './show.ts';
import { moveProjectRoute, transferRoute } from './transfer.ts';
import { createRoute, deleteRoute, editRoute, restoreRoute } from './write.ts';

export const groupRoutes: readonly Route[] = [
  listRoute,
  showRoute,
  createRoute,
  editRoute,
  deleteRoute,
  restoreRoute,
  transferRoute,
  shareRoute,
  unshareRoute,
  moveProjectRoute,
  groupProjectsRoute,
  subgroupsRoute,
  descendantsRoute,
  namespacesRoute,
  namespaceRoute,
  existsRoute,
];
