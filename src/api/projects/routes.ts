import type { Route } from '../route.ts';
import { archiveRoute, unarchiveRoute } from './archive.ts';
import { createForUserRoute, createRoute } from './create.ts';
import { deleteRoute, restoreRoute } from './delete.ts';
import { editRoute } from './edit.ts';
import { listRoute, userProjectsRoute } from './list.ts';
import { emptyListRoutes, languagesRoute, projectGroupsRoute, projectUsersRoute } from './people.ts';
import { showRoute } from './show.ts';

export const projectRoutes: readonly Route[] = [
  listRoute,
  userProjectsRoute,
  showRoute,
  createRoute,
  createForUserRoute,
  editRoute,
  deleteRoute,
  restoreRoute,
  archiveRoute,
  unarchiveRoute,
  projectUsersRoute,
  projectGroupsRoute,
  languagesRoute,
  ...emptyListRoutes,
];
